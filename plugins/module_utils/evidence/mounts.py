# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""/proc/self/mounts."""

from __future__ import annotations

import re


def parse(text: str) -> dict[str, str]:
    """Mount point to the type of the filesystem on top there."""
    found = {}
    for line in text.splitlines():
        words = line.split(" ")
        if len(words) >= 3:
            found[re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), words[1])] = words[2]
    return found


def cgroup_version(mounts: dict[str, str]) -> int:
    """2 only where everything is on it: with the hybrid layout controllers are still version 1."""
    return 2 if mounts.get("/sys/fs/cgroup") == "cgroup2" else 1
