# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""NetworkManager.conf and its snippets: which links NetworkManager keeps its hands off."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Optional

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence.cilium_links import LINKS, LONGEST_PATTERN

MAIN = "/etc/NetworkManager/NetworkManager.conf"
# Read in this order: packages' snippets, those of this boot, the main file, the administrator's snippets. A snippet hides those
# of the same name in folders before it.
BEFORE, AFTER = ("/usr/lib/NetworkManager/conf.d", "/run/NetworkManager/conf.d"), "/etc/NetworkManager/conf.d"
KEY = "unmanaged-devices"


class Line(NamedTuple):
    section: str
    key: str
    sign: str  # "=", "+=" adds to a list, "-=" takes from it
    value: str


def parse(text: str) -> list[Line]:
    found, section = [], ""
    for raw in text.splitlines():
        line = raw.strip()
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1]
        elif line and line[0] not in "#;":
            key, equals, value = line.partition("=")
            if equals:
                key, sign = (key[:-1], key[-1] + "=") if key[-1:] in ("+", "-") else (key, "=")
                found.append(Line(section, key.strip(), sign, value.strip()))
    return found


def order(names: Mapping[str, Iterable[str]]) -> list[str]:
    """Paths in the order they are read, from the names found in each folder."""
    chosen: dict[str, dict[str, str]] = {}
    hidden: set[str] = set()
    for folder in (AFTER, *reversed(BEFORE)):
        snippets = sorted(name for name in names.get(folder, ()) if name.endswith(".conf"))
        chosen[folder] = {name: f"{folder}/{name}" for name in snippets if name not in hidden}
        hidden.update(snippets)
    return [*chosen[BEFORE[0]].values(), *chosen[BEFORE[1]].values(), MAIN, *chosen[AFTER].values()]


def unmanaged(files: Iterable[Sequence[Line]]) -> list[str]:
    """What the list holds in the end."""
    found: list[str] = []
    for lines in files:
        for line in lines:
            if (line.section, line.key) != ("keyfile", KEY):
                continue
            given = specifications(line.value)
            if line.sign == "=":
                found = given
            elif line.sign == "+=":
                found = [*found, *(one for one in given if one not in found)]
            else:
                found = [one for one in found if one not in given]
    return found


def specifications(value: str) -> list[str]:
    return [one.strip() for one in value.replace(";", ",").split(",") if one.strip()]


def managed(files: Sequence[Sequence[Line]]) -> list[str]:
    """Those of LINKS that NetworkManager would take."""
    listed = unmanaged(files)
    by_section = [_section(lines, name) for lines in files for name in dict.fromkeys(line.section for line in lines)]
    found = []
    for link, kind in LINKS.items():
        said = [
            value for matching, value in by_section if matching is not None and value is not None and covers(matching, link, kind)
        ]
        if not covers(listed, link, kind) and (not said or any(said)):
            found.append(link)
    return found


def _section(lines: Sequence[Line], name: str) -> tuple[Optional[list[str]], Optional[bool]]:
    """(match-device, managed) of a [device...] section."""
    if not name.startswith("device"):
        return None, None
    values = {line.key: line.value for line in lines if line.section == name}
    if "managed" not in values:
        return None, None
    return specifications(values.get("match-device", "*")), values["managed"].lower() not in ("0", "no", "false", "off")


def covers(given: Sequence[str], link: str, kind: str) -> bool:
    """Whether a list of device specifications matches; `except:` comes before all, and alone it means all others."""
    excepted = [one[len("except:") :] for one in given if one.startswith("except:")]
    positive = [one for one in given if not one.startswith("except:")]
    if any(_matches(one, link, kind) for one in excepted):
        return False
    return any(_matches(one, link, kind) for one in positive) or bool(excepted and not positive)


def _matches(one: str, link: str, kind: str) -> bool:
    prefix, colon, value = one.partition(":")
    if colon and prefix == "interface-name":
        if value.startswith("="):
            return value[1:] == link
        return len(value) <= LONGEST_PATTERN and fnmatch.fnmatchcase(link, value.lstrip("~"))
    if colon and prefix == "type":
        return value == kind
    return one in ("*", link)
