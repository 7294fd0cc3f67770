# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files of /etc/systemd/network: whether systemd-networkd would configure Cilium's links by one of them."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Mapping

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import networkd
from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence.cilium_links import LINKS, LONGEST_PATTERN

FOLDERS = tuple(f"{folder}/systemd/network" for folder in ("/etc", "/run", "/usr/local/lib", "/usr/lib"))

# No link of Cilium's has what these ask for: an address, slot or radio that is known beforehand.
_HARDWARE = ("MACAddress", "PermanentMACAddress", "Path", "WLANInterfaceType", "SSID", "BSSID")

Sections = dict[str, dict[str, list[str]]]


def parse(text: str) -> Sections:
    """Section to key to its values; a key may stand several times."""
    found: Sections = {}
    section: dict[str, list[str]] = {}
    for raw in text.splitlines():
        line = raw.strip()
        if line.startswith("[") and line.endswith("]"):
            section = found.setdefault(line[1:-1], {})
        elif line and line[0] not in "#;":
            key, equals, value = line.partition("=")
            if equals:
                section.setdefault(key.strip(), []).append(value.strip())
    return found


def taken(files: Iterable[tuple[str, Sections]]) -> dict[str, str]:
    """Link to the file that takes it. `files` in the order of their names: the first that matches is the one."""
    known, found = list(files), {}
    for link, kind in LINKS.items():
        path, sections = next(((path, one) for path, one in known if _matches(one.get("Match", {}), link, kind)), ("", {}))
        if path and not _unmanaged(sections):
            found[link] = path
    return found


def _unmanaged(sections: Sections) -> bool:
    said = sections.get("Link", {}).get("Unmanaged", [])
    return bool(said and networkd.boolean(said[-1]))


def _matches(match: Mapping[str, list[str]], link: str, kind: str) -> bool:
    if any(match.get(key) for key in _HARDWARE):
        return False
    # What udev calls a veth's type is the plain one.
    of_link = {"Name": link, "Kind": kind, "Driver": kind, "Type": "ether" if kind == "veth" else kind}
    return all(_globs(match[key], value) for key, value in of_link.items() if match.get(key))


def _globs(given: list[str], value: str) -> bool:
    words = " ".join(given).split()
    inverted = bool(words) and words[0].startswith("!")
    words = [words[0][1:], *words[1:]] if inverted else words
    return any(len(word) <= LONGEST_PATTERN and fnmatch.fnmatchcase(value, word) for word in words) != inverted
