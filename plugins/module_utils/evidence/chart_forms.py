# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Helm values whose form makes Helm or a template take them for something else than was meant.

What is wanted is what the chart's schema says, else what its default is; what becomes of another form, by how templates read it.
Each of these was rendered with the real charts.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from . import chart as charts
from . import secret_values
from .chart import Chart
from .chart_keys import ANY, COUNTED, EITHER, NAMED, PRINTED, TESTED, TEXTS, WHOLE, WORDS, WRITTEN, Node

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
# From here on Helm, which takes every number of a values file for one with a fraction, writes an exponent.
_EXPONENT = 1_000_000
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
    found = _walk((chart.known,), chart.schema, base, given, (), whole=False, taken=False)
    return [vars(_with_references(chart, one, given)) for one in found]


def _with_references(chart: Chart, form: Form, given: Mapping[str, Any]) -> Form:
    """Name the list that takes references, where one is written among variables that are values."""
    keys = form.path.split(".")
    if len(keys) < 2:
        return form
    *above, around, name = keys
    value: Any = given
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    parent = chart.known.at(above)
    if parent is None or not isinstance(value, Mapping) or "valueFrom" not in value:
        return form
    lists = [key for key, node in parent.children.items() if key != around and key.startswith(around) and node.use & WHOLE]
    if not lists:
        return form
    listed = ".".join([*above, lists[0]])
    return replace(form, write=f"write a single value, or add - {{name: {name}, valueFrom: ...}} to the list {listed}")


def _walk(
    nodes: tuple[Node, ...],
    schema: Mapping[str, Any],
    base: Any,
    given: Mapping[str, Any],
    path: tuple[str, ...],
    *,
    whole: bool,
    taken: bool,
) -> Iterator[Form]:
    """`nodes` is what the templates read here: by its very name, and as one of all that are there.

    `whole`: all of it is handed on as it stands; `taken`: templates go through whatever is there.
    """
    taken = taken or any(one.use & ANY for one in nodes)
    texts = any(one.use & TEXTS for one in nodes)
    each = tuple(one.each for one in nodes if one.each)
    for name, value in given.items():
        key = str(name)
        here = (*path, key)
        read = (*(one.children[key] for one in nodes if key in one.children), *each)
        default = base.get(key, _ABSENT) if isinstance(base, Mapping) else _ABSENT
        inner = (schema.get("properties") or {}).get(key) or {}
        if not read and default is _ABSENT and not inner and not texts:
            # A key that the chart does not know, or may not: no form is wanted of it.
            continue
        if texts and value is not None and not isinstance(value, str):
            why = f"a text is wanted, and this is {_said(value, here)}: the API server takes nothing else here"
            yield Form(".".join(here), why, _quoted(value, here) or "write a text")
            continue
        yield from _value(read, inner, default, value, here, whole=whole, taken=taken)


def _value(
    read: tuple[Node, ...],
    schema: Mapping[str, Any],
    default: Any,
    value: Any,
    path: tuple[str, ...],
    *,
    whole: bool,
    taken: bool,
) -> Iterator[Form]:
    use = functools.reduce(lambda all_uses, one: all_uses | one.use, read, 0)
    whole = whole or bool(use & WHOLE)
    said = _judge(use, schema, default, value, path, whole=whole, taken=taken)
    if said:
        yield Form(".".join(path), *said)
    elif isinstance(value, Mapping):
        yield from _walk(read, schema, default, value, path, whole=whole, taken=taken)
    elif isinstance(value, list):
        each = tuple(one.each for one in read if one.each)
        for at, item in enumerate(value if each else ()):
            yield from _value(each, {}, _ABSENT, item, (*path[:-1], f"{path[-1]}[{at}]"), whole=whole, taken=taken)


def _judge(
    use: int, schema: Mapping[str, Any], default: Any, value: Any, path: tuple[str, ...], *, whole: bool, taken: bool
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
    if default in (_ABSENT, None) and isinstance(value, (Mapping, list)):
        return None if whole else _several(use, value, path)
    if isinstance(value, (int, float)) and abs(value) >= _EXPONENT and use & WRITTEN:
        return (
            f"this is {_said(value, path)}, and Helm writes numbers from a million on with an exponent, as 1e+06",
            "write it in quotes",
        )
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


def _several(use: int, value: Mapping[str, Any] | list[Any], path: tuple[str, ...]) -> tuple[str, str] | None:
    """A mapping or a list where nothing but what templates do with it says what is wanted."""
    if not value or not use & (PRINTED | TESTED | COUNTED | WORDS) or use & (WHOLE | ANY | NAMED | EITHER):
        return None
    if use & WRITTEN:
        becomes = "it is written as map[...]" if isinstance(value, Mapping) else "it is written as [...]"
    else:
        becomes = "whatever is in it, it counts as true" if use & TESTED else "templates find none in it"
    return f"a single value is wanted, and this is {_kind(value)}: {becomes}", _taken_out(
        use, value, path
    ) or "write a single value"


def _taken_out(use: int, value: Any, path: tuple[str, ...]) -> str:
    """Say what to write for a mapping of the one key that Kubernetes has around such a value: `value: x`, `name: x`."""
    if not use & WRITTEN or not isinstance(value, Mapping) or set(value) not in ({"value"}, {"name"}):
        return ""
    return _quoted(next(iter(value.values())), path)


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
        return f"the text '{value}'" if _is_shown(value, path) else "a text"
    return _kind(value)


def _is_shown(text: str, path: tuple[str, ...]) -> bool:
    return bool(_SHOWN.match(text)) and secret_values.redact({path[-1]: text})[path[-1]] == text


def _quoted(value: Any, path: tuple[str, ...]) -> str:
    """Say what to write for a single value that shall be a text; nothing for what is none, or cannot be shown."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    begins = "-" if path[-1].endswith("]") else f"{path[-1]}:"
    return f'write {begins} "{text}"' if isinstance(value, (str, int, float)) and _is_shown(text, path) else ""


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
