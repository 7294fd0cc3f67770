# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""TOML as container runtimes write it: tables, and keys with text, numbers, booleans or lists of text.

tomllib would do, but nodes may run Python 3.9."""

from __future__ import annotations

import json
import re
from typing import Any, Optional

_BARE = r"[A-Za-z0-9_-]+"
_QUOTED = r"""'[^']*'|"(?:[^"\\]|\\.)*\""""
_PART = re.compile(rf"\s*({_QUOTED}|{_BARE})\s*(\.|$)")
_PAIR = re.compile(rf"\s*((?:{_QUOTED}|{_BARE})(?:\s*\.\s*(?:{_QUOTED}|{_BARE}))*)\s*=\s*(.*)$")
_TEXT = re.compile(_QUOTED)

LINE = 4096
LIST = 16 * LINE

Key = tuple[str, ...]


class Unknown(ValueError):
    """Not the plain form."""


def parse(text: str) -> dict[Key, Any]:
    """Full key (table and name, split at the dots) to value."""
    table: Key = ()
    found: dict[Key, Any] = {}
    lines = iter(text.splitlines())
    for raw in lines:
        if len(raw) > LINE:
            raise Unknown("a line that is too long")
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):
            table = _table(line)
            continue
        pair = _PAIR.match(line)
        if not pair:
            raise Unknown(f"no key in {line[:40]!r}")
        value = _uncommented(pair[2])
        while value.startswith("[") and not _closed(value):
            following = next(lines, None)
            if following is None or len(following) > LINE or len(value) > LIST:
                raise Unknown("an unfinished list, or one that is too long")
            value += " " + _uncommented(following)
        found[table + _key(pair[1])] = _value(value)
    return found


def _table(line: str) -> Key:
    match = re.match(r"\[{1,2}(.*?)\]{1,2}\s*(?:#.*)?$", line)
    if not match:
        raise Unknown(f"no table in {line[:40]!r}")
    return _key(match[1])


def _key(text: str) -> Key:
    parts, at = [], 0
    while True:
        match = _PART.match(text, at)
        if not match:
            raise Unknown(f"no key in {text[:40]!r}")
        parts.append(_text(match[1]) if match[1][0] in "'\"" else match[1])
        at = match.end()
        if not match[2]:
            return tuple(parts)


def _value(text: str) -> Any:
    if text.startswith(("'''", '"""')):
        raise Unknown("text over several lines")
    if text[:1] in ("'", '"'):
        return _text(text)
    if text.startswith("["):
        return [_text(match[0]) for match in _TEXT.finditer(text)]
    if text in ("true", "false"):
        return text == "true"
    if re.fullmatch(r"[-+]?\d{1,18}", text):
        return int(text)
    return None


def _text(quoted: str) -> str:
    match = _TEXT.fullmatch(quoted)
    if not match:
        raise Unknown(f"unfinished text {quoted[:40]!r}")
    if quoted[0] == "'":
        return quoted[1:-1]
    try:
        return str(json.loads(quoted))
    except ValueError:
        raise Unknown(f"not plain: {quoted[:40]!r}") from None


def _uncommented(text: str) -> str:
    bare = _TEXT.sub(lambda match: "x" * len(match[0]), text)
    comment = bare.find("#")
    return (text if comment < 0 else text[:comment]).strip()


def _closed(text: str) -> bool:
    bare = _TEXT.sub("", text)
    return bare.count("[") <= bare.count("]")


def first(found: dict[Key, Any], *names: str) -> Optional[Any]:
    """The value of the first of these keys that is there, each given by the end of its path (`cni.conf_dir`)."""
    for name in names:
        end = tuple(name.split("."))
        for key, value in found.items():
            if key[-len(end) :] == end:
                return value
    return None
