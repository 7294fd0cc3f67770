# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The record of what could not be read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Callable

from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.host import Unreadable


class Missing:
    """`part` is how everything is read."""

    def __init__(self) -> None:
        self.entries: list[dict[str, str]] = []

    def note(self, path: str, why: str) -> None:
        self.entries.append({"path": path, "reason": why})

    def forget(self, paths: Iterable[str]) -> None:
        gone = set(paths)
        self.entries = [entry for entry in self.entries if entry["path"] not in gone]

    def part(self, into: dict[str, Any], key: str, path: str, read: Callable[[], Any]) -> None:
        """Put what `read` returns at `into[key]`, or note why not."""
        try:
            into[key] = read()
        except Unreadable as unreadable:
            self.note(path, str(unreadable))
        except Exception as error:  # a node's files may hold anything; one surprise must not hide the rest
            self.note(path, f"not understood: {type(error).__name__}: {error}"[:300])
