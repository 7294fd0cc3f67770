# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON as `kubectl` and `analyze` write it: one value, or several one after another; refused where a key stands twice."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from . import strict_yaml
from .document import Document

# Where a text could have a bracket, or has one.
_TEXT_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.S)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class JsonError(ValueError):
    """The text is not JSON; the message begins with `file:line`."""


class _EqualKeys(ValueError):
    """Two keys of one object are equal."""


def mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of its members. Raises what `documents` expects of it when a key stands twice."""
    made: dict[str, Any] = {}
    for key, value in pairs:
        if key in made:
            raise _EqualKeys(f"the key {key} stands twice in one object")
        made[key] = value
    return made


def documents(text: str, name: str, made: Callable[[list[tuple[str, Any]]], dict[str, Any]] = mapping) -> list[Document]:
    """Read every value of a file, each with the line it begins in. `name` is the file's, for messages.

    `made` makes each object, the inner ones first.
    """
    decoder = json.JSONDecoder(object_pairs_hook=made, parse_constant=str)
    found, at, line, end = [], _next(text, 0), 1, 0
    try:
        while at < len(text):
            line += text.count("\n", end, at)
            value, after = decoder.raw_decode(text, at)
            found.append(Document(value, line))
            end, at = at, _next(text, after)
    except json.JSONDecodeError as error:
        raise JsonError(f"{name}:{error.lineno}: {error.msg}") from None
    except _EqualKeys as error:
        # Python's reader knows no lines here; to the one of YAML, JSON is YAML, but for what it escapes in two halves.
        try:
            strict_yaml.documents(text, name)
        except strict_yaml.EqualKeys:
            raise
        except strict_yaml.YamlError:
            pass
        raise JsonError(f"{name}: {error}") from None
    except RecursionError:
        raise JsonError(f"{name}:{_deepest_line(text)}: it is nested too deeply") from None
    except ValueError as error:
        # A number that Python has no value for.
        raise JsonError(f"{name}: {error}") from None
    if "\\" in text and _SURROGATE.search(text):
        try:
            json.dumps([one.value for one in found], ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise JsonError(f"{name}: it has an escape that is half a character") from None
    return found


def _deepest_line(text: str) -> int:
    """Return the line in which the nesting is deepest first: Python's reader gives up without a word where."""
    depth = deepest = at = 0
    for found in _TEXT_OR_BRACKET.finditer(text):
        depth += (found[0] in "[{") - (found[0] in "]}")
        if depth > deepest:
            deepest, at = depth, found.start()
    return text.count("\n", 0, at) + 1


def _next(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at
