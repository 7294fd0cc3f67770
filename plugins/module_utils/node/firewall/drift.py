# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of our firewall is not any more as it was put in force."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.firewall import backend, boot
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.firewall.state import State
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.host import Host

# A line of nft's may hold every node of a cluster.
_LINES, _LENGTH = 12, 160


def read(host: Host, kept: State) -> dict[str, Any]:
    """`rules`: lines that are gone (-) and that are new (+); `files`: those of ours that somebody changed, and when."""
    which = backend.make(host, kept.backend)
    wanted = boot.files(which, kept.desired)
    changed = [path for path, text in sorted(wanted.items()) if host.maybe(path) != text]
    return {
        "rules": _difference(kept.listing, which.listing()),
        "files": [{"path": path, "mtime": host.stat(path).st_mtime if host.exists(path) else None} for path in changed],
    }


def _difference(before: str, after: str) -> list[str]:
    had, have = (Counter(line.strip() for line in text.splitlines()) for text in (before, after))
    lines = [f"- {line}"[:_LENGTH] for line in (had - have)] + [f"+ {line}"[:_LENGTH] for line in (have - had)]
    more = len(lines) - _LINES
    return [*lines[:_LINES], f"and {more} more"] if more > 0 else lines
