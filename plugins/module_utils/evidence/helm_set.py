# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Helm's `--set NAME=VALUE` makes of values: dots lead into mappings, `[0]` into lists, and a plain word gets a type."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

# Helm's own bound (strvals.MaxIndex).
_MOST_INDEX = 65536
_STEP = re.compile(r"(?P<key>(?:[^.\[\]\\=,]|\\.)+)|\[(?P<index>\d{1,6})\]|(?P<dot>\.)")
_WHOLE = re.compile(r"0|(?:[-+]|(?=[1-9]))[0-9]{1,19}")
_COMMA = re.compile(r"(?<!\\),")
_WORDS = {"true": True, "false": False, "null": None}


class SetError(ValueError):
    """Helm would refuse it; the message says why."""


def put(values: dict[str, Any], name: str, value: str, as_text: bool = False) -> str:
    """Set what a name leads to, and return its dotted path. `as_text`: as `--set-string` does. Raises SetError."""
    steps = _steps(name)
    found = _value(value, name, _text if as_text else _plain)
    here: Any = values
    for step, after in zip(steps, [*steps[1:], None]):
        last = after is None
        empty: Any = found if last else [] if isinstance(after, int) else {}
        here = _into(here, step, empty, last, name)
    return ".".join(str(step) for step in steps)


def _into(here: Any, step: str | int, new: Any, last: bool, name: str) -> Any:
    if isinstance(step, str) and isinstance(here, dict):
        if last or not isinstance(here.get(step), type(new)):
            here[step] = new
        return here[step]
    if isinstance(step, int) and isinstance(here, list):
        here += [None] * (step + 1 - len(here))
        if last or not isinstance(here[step], type(new)):
            here[step] = new
        return here[step]
    raise SetError(f"{name}: {step} stands in what is no {'list' if isinstance(step, int) else 'mapping'}")


def _steps(name: str) -> list[str | int]:
    steps: list[str | int] = []
    at, wants_key = 0, True
    while at < len(name):
        match = _STEP.match(name, at)
        if match is None or (match["key"] is None) == wants_key:
            raise SetError(f"{name}: it is no name of a value (from {name[at:]!r} on)")
        if match["key"] is not None:
            steps.append(_text(match["key"]))
        elif match["index"] is not None:
            if int(match["index"]) > _MOST_INDEX:
                raise SetError(f"{name}: Helm takes no index above {_MOST_INDEX}")
            steps.append(int(match["index"]))
        at, wants_key = match.end(), match["dot"] is not None
    if wants_key:
        raise SetError(f"{name or 'an empty text'}: it is no name of a value")
    return steps


def _value(text: str, name: str, typed: Callable[[str], Any]) -> Any:
    if not text.startswith("{"):
        return typed(text)
    if not text.endswith("}"):
        raise SetError(f"{name}: the list {text} does not end with a brace")
    return [typed(one) for one in _COMMA.split(text[1:-1])]


def _plain(text: str) -> Any:
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    return int(text) if _WHOLE.fullmatch(text) and -(2**63) <= int(text) < 2**63 else _text(text)


def _text(escaped: str) -> str:
    return re.sub(r"\\(.)", r"\1", escaped)
