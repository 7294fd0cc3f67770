# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the node was before the baseline: kept on the node, so that it can be taken back exactly."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Protocol

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import sysctl
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node import baseline_files as files
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node import redirects
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.host import Host
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.refused import Refused


class Change(Protocol):
    @property
    def key(self) -> str: ...
    @property
    def before(self) -> str | None: ...
    @property
    def after(self) -> str: ...


class State:
    """`values`: for each key the running value that was replaced and what replaced it; `folders`: those that had to be made."""

    def __init__(self, values: dict[str, dict[str, str]], folders: list[str]) -> None:
        self.values = values
        self.folders = folders
        self.kept = True

    @classmethod
    def read(cls, host: Host) -> State:
        text = host.maybe(files.STATE)
        if text is None:
            return cls({}, [])
        try:
            document = json.loads(text)
            values = {
                str(key): {"before": str(entry["before"]), "after": str(entry["after"])}
                for key, entry in document["sysctls"].items()
            }
            return cls(values, [str(folder) for folder in document["folders"]])
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise Refused(
                f"{files.STATE} is damaged, so the values this node had before are not known; "
                "remove it to take the running ones for them"
            ) from None

    def remember(self, changes: Sequence[Change], wanted: Sequence[files.Sysctl]) -> None:
        """Keep the first value ever replaced; forget keys that are no longer asked for."""
        for change in changes:
            earlier = self.values[change.key]["before"] if change.key in self.values else change.before
            if earlier is not None:
                self.values[change.key] = {"before": earlier, "after": change.after}
        asked = [line.key for line in wanted]
        self.values = {
            key: entry
            for key, entry in self.values.items()
            if any(sysctl.matches(one, key) for one in asked) or redirects.recorded_for(asked, key)
        }

    def text(self) -> str:
        return json.dumps({"folders": self.folders, "sysctls": self.values}, indent=2, sort_keys=True) + "\n"
