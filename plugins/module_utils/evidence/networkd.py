# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""networkd.conf and its drop-ins: what systemd-networkd does to routes and rules that are not its own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Optional

MAIN = tuple(f"{folder}/systemd/networkd.conf" for folder in ("/etc", "/run", "/usr/local/lib", "/usr/lib"))
# The first folder that has a file of some name hides the others' file of that name.
FOLDERS = tuple(f"{path}.d" for path in MAIN)

# Ours.
DROP_IN = "/etc/systemd/networkd.conf.d/60-zerotrust.conf"

ROUTES, RULES = "ManageForeignRoutes", "ManageForeignRoutingPolicyRules"

_TRUE = ("1", "yes", "y", "true", "t", "on")
_FALSE = ("0", "no", "n", "false", "f", "off")


def parse(text: str) -> dict[str, str]:
    """The [Network] section; the last line of a key counts."""
    found: dict[str, str] = {}
    section = ""
    for raw in text.splitlines():
        line = raw.strip()
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1]
        elif section == "Network" and line and line[0] not in "#;":
            key, equals, value = line.partition("=")
            if equals:
                found[key.strip()] = value.strip()
    return found


def after_ours(path: str) -> bool:
    """Whether a drop-in is read after ours."""
    return ".conf.d/" in path and path.rsplit("/", 1)[-1] > DROP_IN.rsplit("/", 1)[-1]


def boolean(value: str) -> Optional[bool]:
    word = value.lower()
    return True if word in _TRUE else False if word in _FALSE else None


def setting(key: str, files: Iterable[dict[str, str]]) -> bool:
    """From the main file and then the drop-ins in their order. The default is to manage, that is: to delete."""
    result = True
    for file in files:
        if key in file:
            value = boolean(file[key])
            result = result if value is None else value
    return result
