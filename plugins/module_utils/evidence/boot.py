# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Boot loaders: which of the installed kernels GRUB starts next, by its own menu or by Boot Loader Specification entries."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Optional

_IMAGE = r"(?:vmlinuz|vmlinux|linux|kernel|Image)-(\S+)$"
_DEFAULT = r"""^\s*set\s+default=["']?([^"'\n]*)["']?\s*$"""
_TITLE = r"""(?:menuentry|submenu)\s+(?:'([^']*)'|"([^"]*)"|(\S+))"""
_ID = r"""(?:\$menuentry_id_option|--id[ =])\s*(?:'([^']*)'|"([^"]*)"|(\S+))"""


class Entry:
    """One of the menu, or a submenu with `below`."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        self.release: Optional[str] = None
        self.below: list[Entry] = []


def release(path: str) -> Optional[str]:
    """`/boot/vmlinuz-6.1.0-41-amd64` as `6.1.0-41-amd64`."""
    match = re.search(_IMAGE, path.rsplit("/", 1)[-1])
    return match[1] if match else None


def order(name: str) -> list[tuple[int, int, str]]:
    """A key that puts releases in the order of their age, as package managers do: numbers as numbers, and after letters."""
    return [(1, int(part), "") if part.isdigit() else (0, 0, part) for part in re.findall(r"\d{1,18}|[A-Za-z]+", name)]


def newest(releases: Iterable[str]) -> Optional[str]:
    return max(releases, key=order, default=None)


def environment(text: str) -> dict[str, str]:
    """grubenv: what the menu's choice is kept in."""
    lines = (line.partition("=") for line in text.splitlines() if not line.startswith("#"))
    return {key.strip(): value.strip() for key, equals, value in lines if equals}


def specification(text: str) -> dict[str, str]:
    """One file of /boot/loader/entries."""
    words = (line.split(None, 1) for line in text.splitlines() if not line.startswith("#"))
    return {pair[0]: pair[1].strip() for pair in words if len(pair) == 2}


def by_specification(entries: Mapping[str, Mapping[str, str]], saved: Mapping[str, str]) -> Optional[str]:
    """`entries` by their file names. Without a choice GRUB starts the newest; None when the choice is not among them."""
    known = {
        name[: -len(".conf")]: entry.get("version") or release(entry.get("linux", "")) or "" for name, entry in entries.items()
    }
    chosen = saved.get("next_entry") or saved.get("saved_entry") or ""
    if chosen in known:
        return known[chosen] or None
    usual = {name: version for name, version in known.items() if version and "rescue" not in name}
    return newest(usual.values()) if chosen in ("", "0") else None


def by_menu(text: str, saved: Mapping[str, str]) -> Optional[str]:
    """The kernel of grub.cfg's default entry; None where that cannot be told from the file."""
    said = [value for value in re.findall(_DEFAULT, text, re.MULTILINE) if value != "${next_entry}"]
    chosen = said[-1] if said else "0"
    if chosen == "${saved_entry}":
        chosen = saved.get("saved_entry") or "0"
    entries, found = menu(text), None
    for part in (saved.get("next_entry") or chosen).split(">"):
        found = _pick(entries, part)
        if found is None:
            return None
        entries = found.below
    return found.release if found else None


def _pick(entries: list[Entry], name: str) -> Optional[Entry]:
    if name.isdigit():
        return entries[int(name)] if int(name) < len(entries) else None
    return next((entry for entry in entries if name in entry.names), None)


def menu(text: str) -> list[Entry]:
    """The entries of grub.cfg. Blocks of functions and conditions are passed over."""
    top: list[Entry] = []
    stack: list[Optional[Entry]] = []
    for raw in text.splitlines():
        line = raw.strip()
        words = line.split(None, 2)
        if line == "}":
            if stack:
                stack.pop()
        elif line.endswith("{"):
            entry = None
            if words[0] in ("menuentry", "submenu"):
                entry = Entry(_names(line))
                above = next((one for one in reversed(stack) if one is not None), None)
                (above.below if above else top).append(entry)
            stack.append(entry)
        elif stack and stack[-1] is not None and len(words) >= 2 and words[0] in ("linux", "linux16", "linuxefi"):
            stack[-1].release = release(words[1])
    return top


def _names(line: str) -> tuple[str, ...]:
    matches = (re.search(_TITLE, line), re.search(_ID, line))
    return tuple(next(group for group in match.groups() if group is not None) for match in matches if match)
