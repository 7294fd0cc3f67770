# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Helm values whose form makes Helm or a template take them for something else than was meant.

What is wanted is what the chart's schema says, else what its default is; what becomes of another form, by how templates read it.
Each of these was rendered with the real charts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from . import chart as charts
from . import secret_values
from .chart import Chart
from .chart_keys import ANY, COUNTED, EITHER, NAMED, PRINTED, TESTED, WHOLE, WORDS, WRITTEN, Node

_SCHEMA_KINDS = {
    "boolean": "true or false",
    "string": "a text",
    "integer": "a number",
    "number": "a number",
    "object": "a mapping",
    "array": "a list",
    "null": "null",
}
_NO = ("false", "no", "off", "n")
_YES = ("true", "yes", "on", "y")
# A number with a unit: 50%, 100m, 30s. Where Kubernetes reads it, it takes these for a number.
_MEASURE = re.compile(r"^\d+(?:\.\d+)?\s?[%a-zA-Z]{1,3}$")
_NUMBER = re.compile(r"^-?\d+(?:\.\d+)?$")
# Quantities are texts by nature.
_QUANTITIES = ("limits", "requests")
# Keys that name a version.
_VERSIONS = ("tag", "release", "version", "revision", "compatibilityVersion")
_SHOWN = re.compile(r"^[\w.%+-]{1,12}$")
_ABSENT = object()


@dataclass(frozen=True)
class Form:
    """A value of the wrong form: where it stands, what becomes of it, what to write."""

    path: str
    why: str
    write: str


def problems(chart: Chart, values: Mapping[str, Any], given: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the values of `given` that are of a form the chart takes for something else. `values` is all that Helm gets."""
    base = charts.base(chart, values)
    if chart.prefix:
        base = {**base, chart.prefix: base}
    return [vars(one) for one in _walk(chart.known, chart.schema, base, given, (), False)]


def _walk(
    node: Node | None, schema: Mapping[str, Any], base: Any, given: Mapping[str, Any], path: tuple[str, ...], whole: bool
) -> Iterator[Form]:
    for name, value in given.items():
        key = str(name)
        here = (*path, key)
        child = node.children.get(key, node.each) if node else None
        default = base.get(key, _ABSENT) if isinstance(base, Mapping) else _ABSENT
        inner = (schema.get("properties") or {}).get(key) or {}
        if child is None and default is _ABSENT and not inner:
            # A key that the chart does not know, or may not: no form is wanted of it.
            continue
        handed_on = whole or bool(child and child.use & WHOLE)
        # What templates do with whatever stands beside it they do with it too.
        use = (child.use if child else 0) | (node.each.use if node and node.each else 0)
        # A key that templates know keys below is more than what they write.
        use &= ~WRITTEN if use & NAMED else -1
        said = _judge(use, inner, default, value, here, handed_on, taken=bool(node and node.use & ANY))
        if said:
            yield Form(".".join(here), *said)
        elif isinstance(value, Mapping):
            yield from _walk(child, inner, default, value, here, handed_on)


def _judge(
    use: int, schema: Mapping[str, Any], default: Any, value: Any, path: tuple[str, ...], whole: bool, taken: bool
) -> tuple[str, str] | None:
    """Return what becomes of the value and what to write; None when it is what the chart takes."""
    if value is None:
        return _null(schema, default, whole or taken)
    kinds = _kinds(schema)
    if kinds:
        if _is_of(value, kinds):
            # A chart whose schema takes a text here may write it out where templates ask for it: then false stays false.
            return _as_text(use, value) if isinstance(default, bool) and not use & PRINTED else None
        return (
            f"{_listed(kinds)} is wanted, and this is {_said(value, path)}: the chart refuses it",
            _wanted(kinds, value, default),
        )
    if use & EITHER:
        return None
    if default is _ABSENT and use & WRITTEN and not use & (WHOLE | WORDS) and isinstance(value, (Mapping, list)) and value:
        form = "map[...]" if isinstance(value, Mapping) else "[...]"
        return f"a single value is wanted, and this is {_kind(value)}: it is written as {form}", "write a single value"
    if isinstance(default, Mapping) or isinstance(value, Mapping):
        return _mapping(default, value, path, whole)
    if isinstance(default, list) or isinstance(value, list):
        return _list(default, value, path)
    if use & WORDS:
        # Templates compare it with texts, so a text is what they look for.
        return None
    if isinstance(value, float) and path[-1] in _VERSIONS:
        return (
            f"a text is wanted, and this is {_said(value, path)}: of a number the zeros at its end are lost, so 1.30 is 1.3",
            "write it in quotes",
        )
    if isinstance(default, bool) or (default is _ABSENT and use & (TESTED | COUNTED)):
        return _switch(use, default, value, path, whole)
    if isinstance(default, (int, float)):
        return _number(use, default, value, path, whole)
    return None


def _null(schema: Mapping[str, Any], default: Any, whole: bool) -> tuple[str, str] | None:
    # Of what is handed on as a whole, null is how Helm takes an entry away; and nothing is lost where there is nothing.
    if default is _ABSENT or not default or whole or "null" in _kinds(schema):
        return None
    kept = {True: "true", False: "false"}.get(default) if isinstance(default, bool) else None
    what = "everything below it" if isinstance(default, Mapping) else f"the chart's default, {kept or _plainly(default)},"
    instead = "false" if default is True else "{}" if isinstance(default, Mapping) else "[]" if isinstance(default, list) else ""
    return (
        f"null takes {what} away, and templates find nothing there",
        f"remove the line to keep the default{f', or write {instead}' if instead in ('false', '[]') else ', or write a value'}",
    )


def _mapping(default: Any, value: Any, path: tuple[str, ...], whole: bool) -> tuple[str, str] | None:
    if default is _ABSENT or default is None or isinstance(default, Mapping) == isinstance(value, Mapping):
        return None
    if not value and not default:
        return None
    if isinstance(default, Mapping):
        lost = (
            "the chart's defaults below it are lost, and templates find none of its keys" if default else "no key is found in it"
        )
        return f"a mapping is wanted, and this is {_said(value, path)}: {lost}", f"write the keys that belong below {path[-1]}"
    if isinstance(default, list):
        return (
            ("a list is wanted, and this is a mapping: templates read its values without their keys", "write a list")
            if value
            else None
        )
    return (
        f"{_kind(default)} is wanted, and this is a mapping: it is written as map[...], or breaks the template",
        f"write {_kind(default)}",
    )


def _list(default: Any, value: Any, path: tuple[str, ...]) -> tuple[str, str] | None:
    if default is _ABSENT or default is None or isinstance(default, list) == isinstance(value, list):
        return None
    if value in ("", []):
        return None
    if isinstance(default, list):
        return (
            f"a list is wanted, and this is {_said(value, path)}: templates cannot go through it",
            f"write {path[-1]}: [{value}]" if _SHOWN.match(str(value)) else "write a list",
        )
    return f"{_kind(default)} is wanted, and this is a list: it is written as [...]", f"write {_kind(default)}"


def _switch(use: int, default: Any, value: Any, path: tuple[str, ...], whole: bool) -> tuple[str, str] | None:
    if not isinstance(value, str) or not value or "{{" in value:
        return None
    word = value.lower()
    if default is _ABSENT and use & COUNTED:
        # Beside true or false, or a number, a text ends the template; which text else might be meant is not known.
        return _compared(value, path) if word in ("true", "false") else None
    if default is _ABSENT and (word not in _NO or use & PRINTED or whole):
        # What a template only asks for, without a default, may well be a text; a text that says no is not.
        return None
    write = _switched(word)
    if word not in ("true", "false"):
        if use & TESTED or default is _ABSENT:
            return f"true or false is wanted, and this is {_said(value, path)}: a text that is not empty counts as true", write
        return f"true or false is wanted, and this is {_said(value, path)}: it is handed on as it stands, and is neither", write
    if use & COUNTED:
        return _compared(value, path)
    if whole or not use & (TESTED | PRINTED):
        return f"true or false is wanted, and this is {_said(value, path)}: it is handed on as a text", write
    return _as_text(use, value)


def _compared(value: str, path: tuple[str, ...]) -> tuple[str, str]:
    return f"true or false is wanted, and this is {_said(value, path)}: templates cannot compare it", _switched(value.lower())


def _switched(word: str) -> str:
    """Say what to write in the place of a text."""
    return (
        "write false, without quotes" if word in _NO else "write true, without quotes" if word in _YES else "write true or false"
    )


def _as_text(use: int, value: Any) -> tuple[str, str] | None:
    """The text false where templates ask whether it is there; true is true in either form, as is what is only written out."""
    if not isinstance(value, str) or value.lower() not in _NO or not use & TESTED or use & (EITHER | WORDS):
        return None
    return (
        f"true or false is wanted, and this is the text '{value}': a text that is not empty counts as true",
        "write false, without quotes",
    )


def _number(use: int, default: Any, value: Any, path: tuple[str, ...], whole: bool) -> tuple[str, str] | None:
    if isinstance(value, bool):
        return f"a number is wanted, and this is {_said(value, path)}", f"write a number, {default} for example"
    if not isinstance(value, str) or not value or "{{" in value:
        return None
    if _NUMBER.match(value):
        if use & COUNTED:
            return (
                f"a number is wanted, and this is {_said(value, path)}: templates cannot compare it",
                f"write {value}, without quotes",
            )
        if whole and not set(path) & set(_QUANTITIES):
            return (
                f"a number is wanted, and this is {_said(value, path)}: the API server takes no text for a number",
                f"write {value}, without quotes",
            )
        return None
    if _MEASURE.match(value) and not use & COUNTED:
        return None
    return f"a number is wanted, and this is {_said(value, path)}", f"write a number, {default} for example"


# --- Words ---


def _kinds(schema: Mapping[str, Any]) -> tuple[str, ...]:
    kinds = schema.get("type")
    return (kinds,) if isinstance(kinds, str) else tuple(kinds or ())


def _is_of(value: Any, kinds: tuple[str, ...]) -> bool:
    if isinstance(value, bool):
        return "boolean" in kinds
    if isinstance(value, (int, float)):
        return "number" in kinds or ("integer" in kinds and float(value).is_integer())
    if isinstance(value, str):
        return "string" in kinds
    return ("object" if isinstance(value, Mapping) else "array") in kinds


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, str):
        return "a text"
    return "a mapping" if isinstance(value, Mapping) else "a list" if isinstance(value, list) else "null"


def _said(value: Any, path: tuple[str, ...]) -> str:
    """Name a value. A text only where it is a word, and no secret."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return f"the number {value}"
    if isinstance(value, str):
        key = path[-1]
        return f"the text '{value}'" if _SHOWN.match(value) and secret_values.redact({key: value})[key] == value else "a text"
    return _kind(value)


def _plainly(default: Any) -> str:
    return str(default) if isinstance(default, (str, int, float)) and len(str(default)) <= 40 else _kind(default)


def _listed(kinds: tuple[str, ...]) -> str:
    names = list(dict.fromkeys(_SCHEMA_KINDS.get(kind, kind) for kind in kinds if kind != "null"))
    return " or ".join(names)


def _wanted(kinds: tuple[str, ...], value: Any, default: Any) -> str:
    if isinstance(value, str) and "boolean" in kinds:
        return _switched(value.lower())
    if isinstance(value, str) and _NUMBER.match(value) and set(kinds) & {"integer", "number"}:
        return f"write {value}, without quotes"
    return f"write {_listed(kinds)}"
