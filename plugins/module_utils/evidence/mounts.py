# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""/proc/self/mounts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple, Optional


class Mount(NamedTuple):
    point: str
    kind: str
    options: tuple[str, ...] = ()


def parse(text: str) -> list[Mount]:
    """In the order they were made: of several at one point the last is on top."""
    found = []
    for line in text.splitlines():
        words = line.split(" ")
        if len(words) >= 3:
            point = re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), words[1])
            found.append(Mount(point, words[2], tuple(words[3].split(",")) if len(words) > 3 else ()))
    return found


def holding(mounts: Iterable[Mount], path: str) -> Optional[Mount]:
    """The mount that a path is on."""
    found = None
    for mount in mounts:
        inside = path == mount.point or path.startswith(mount.point.rstrip("/") + "/")
        if inside and (found is None or len(mount.point) >= len(found.point)):
            found = mount
    return found


def cgroup_version(kinds: Mapping[str, str]) -> int:
    """2 only where everything is on it: with the hybrid layout controllers are still version 1."""
    return 2 if kinds.get("/sys/fs/cgroup") == "cgroup2" else 1
