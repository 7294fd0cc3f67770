# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""YAML as kubeadm and the kubelet write it: nested maps, lists and scalars. Nodes need no PyYAML for it.

What is not of that form (anchors, block text, tags) is refused, never guessed."""

from __future__ import annotations

import json
import re
from typing import Any

DEPTH = 32
LINE = 4096
_KEY = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s#'"&*!|>%@`{}\[\],][^#]*?)\s*:(?:\s+(.*))?$""")
_WORDS: dict[str, Any] = {"": None, "~": None, "null": None, "true": True, "false": False}

Line = tuple[int, str]


class Unknown(ValueError):
    """Not the plain form."""


def parse(text: str) -> dict[str, Any]:
    """The first document, which has to be a mapping. JSON is accepted too."""
    if text.lstrip().startswith("{"):
        try:
            document = json.loads(text)
        except RecursionError:
            raise Unknown("nested too deeply") from None
        except ValueError as error:
            raise Unknown(f"not JSON: {error}") from None
        return _mapping(document)
    lines = _lines(text)
    if not lines:
        return {}
    value, rest = _block(lines, 0, lines[0][0], 0)
    if rest != len(lines):
        raise Unknown(f"unexpected indentation before {lines[rest][1][:40]!r}")
    return _mapping(value)


def _mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Unknown("not a mapping")
    return value


def _lines(text: str) -> list[Line]:
    lines: list[Line] = []
    for raw in text.splitlines():
        if len(raw) > LINE:
            raise Unknown("a line that is too long")
        body = raw.strip()
        if body == "---" and lines:
            break
        if not body or body.startswith(("#", "---", "%")):
            continue
        indent = len(raw) - len(raw.lstrip(" "))
        if raw[indent] == "\t":
            raise Unknown("tab in indentation")
        lines.append((indent, body))
    return lines


def _block(lines: list[Line], at: int, indent: int, depth: int) -> tuple[Any, int]:
    if depth > DEPTH:
        raise Unknown("nested too deeply")
    return (_list if _is_item(lines[at][1]) else _map)(lines, at, indent, depth)


def _is_item(body: str) -> bool:
    return body == "-" or body.startswith("- ")


def _list(lines: list[Line], at: int, indent: int, depth: int) -> tuple[Any, int]:
    items: list[Any] = []
    while at < len(lines) and lines[at][0] == indent and _is_item(lines[at][1]):
        body = lines[at][1][1:].strip()
        if not body:
            value, at = _below(lines, at + 1, indent + 1, depth)
        elif _is_item(body) or (_KEY.match(body) and body[0] not in "{["):
            # What follows the dash is a block that begins on this line.
            inner = lines[at][0] + len(lines[at][1]) - len(lines[at][1][1:].lstrip())
            lines[at] = (inner, body)
            value, at = _block(lines, at, inner, depth + 1)
        else:
            value, at = _scalar(body), at + 1
        items.append(value)
    return items, at


def _map(lines: list[Line], at: int, indent: int, depth: int) -> tuple[Any, int]:
    found: dict[str, Any] = {}
    while at < len(lines) and lines[at][0] == indent and not _is_item(lines[at][1]):
        match = _KEY.match(lines[at][1])
        if not match:
            raise Unknown(f"no key in {lines[at][1][:40]!r}")
        key, value = str(_scalar(match[1])), _uncommented(match[2] or "")
        if value:
            found[key], at = _scalar(value), at + 1
            continue
        at += 1
        # A list may stand at its key's own indentation.
        if at < len(lines) and lines[at][0] == indent and _is_item(lines[at][1]):
            found[key], at = _list(lines, at, indent, depth + 1)
        else:
            found[key], at = _below(lines, at, indent + 1, depth)
    return found, at


def _below(lines: list[Line], at: int, least: int, depth: int) -> tuple[Any, int]:
    if at < len(lines) and lines[at][0] >= least:
        return _block(lines, at, lines[at][0], depth + 1)
    return None, at


def _uncommented(value: str) -> str:
    if value[:1] in ("'", '"'):
        return value.strip()
    return re.split(r"(?:^|\s)#", value, maxsplit=1)[0].strip()


def _scalar(text: str) -> Any:
    text = text.strip()
    if text[:1] in ("&", "*", "!", "|", ">", "@", "`", "?"):
        raise Unknown(f"not plain: {text[:40]!r}")
    if text[:1] == '"':
        return _double_quoted(text)
    if text[:1] == "'":
        if not re.fullmatch(r"'(?:[^']|'')*'", text):
            raise Unknown(f"unfinished text {text[:40]!r}")
        return text[1:-1].replace("''", "'")
    if text[:1] in ("{", "["):
        return _flow(text)
    text = _uncommented(text)
    if text in _WORDS:
        return _WORDS[text]
    if re.fullmatch(r"[-+]?(?:0|[1-9]\d{0,17})", text):
        return int(text)
    if re.fullmatch(r"[-+]?\d{1,15}\.\d{1,15}", text):
        return float(text)
    return text


def _double_quoted(text: str) -> str:
    match = re.match(r'"(?:[^"\\]|\\.)*"', text)
    try:
        return str(json.loads(match[0] if match else text))
    except ValueError:
        raise Unknown(f"unfinished text {text[:40]!r}") from None


def _flow(text: str) -> Any:
    """Lists and maps of scalars on one line."""
    text = _uncommented(text)
    if text.startswith("{") and text.endswith("}") and not re.search(r"[\[\]{}]", text[1:-1]):
        inner = text[1:-1].strip()
        pairs = [_KEY.match(item.strip()) for item in inner.split(",")] if inner else []
        if all(pairs):
            return {str(_scalar(pair[1])): _scalar(pair[2] or "") for pair in pairs if pair}
    if text.startswith("[") and text.endswith("]") and not re.search(r"[\[\]{}]", text[1:-1]):
        inner = text[1:-1].strip()
        return [_scalar(item) for item in inner.split(",")] if inner else []
    raise Unknown(f"not plain: {text[:40]!r}")
