# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a value is not of its form: what is there, and what belongs there."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from .bundle import short
from .schema_forms import Form

_WORDS = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "null",
}


class LibraryMissing(Exception):
    """What checks forms is not installed; the message says what it is, and how it is."""


class Checked:
    """A form that values are compared with."""

    def __init__(self, form: Form) -> None:
        # Compiled: on the bundle of 5,000 nodes jsonschema in Python takes longer than everything else.
        try:
            import jsonschema_rs
        except ImportError as absent:
            raise LibraryMissing(
                f"the Python package jsonschema-rs, which is missing on the driver ({absent}). "
                "Install it for this host's ansible_python_interpreter: pip install jsonschema-rs"
            ) from None
        self._form = form
        self._validator = jsonschema_rs.Draft202012Validator(form)

    def first_wrong(self, value: Any) -> str:
        """Say what is wrong first; empty when nothing is."""
        error = next(self._validator.iter_errors(value), None)
        return "" if error is None else self._said(error)

    def _said(self, error: Any) -> str:
        form: Any = self._form
        for step in list(error.schema_path)[:-1]:
            form = form[step]
        if error.schema_path[-1] == "required":
            path = [*error.instance_path, error.kind.property]
            return f"{_path(path)} is not there, expected is {_expected(form['properties'][path[-1]])}"
        return said(_path(error.instance_path), error.instance, _expected(form))


def said(path: str, value: Any, expected: str) -> str:
    # Quoted, so that a text is told from a number; of a long list only how long it is.
    shown = short(value) if isinstance(value, (list, dict)) else short(json.dumps(value, ensure_ascii=False))
    return f"{path} is {shown}, expected is {expected}"


def _expected(form: Form) -> str:
    """Return what a form demands, in words."""
    if "description" in form:
        return str(form["description"])
    if "enum" in form:
        return " or ".join(form["enum"])
    types = form.get("type", list(_WORDS))
    words = " or ".join(_WORDS[one] for one in ([types] if isinstance(types, str) else types))
    return words.replace("number", f"number from {form['minimum']} to {form['maximum']}") if "minimum" in form else words


def _path(steps: Sequence[str | int]) -> str:
    return "".join(f"[{one}]" if isinstance(one, int) else f".{one}" for one in steps).lstrip(".") or "the whole"
