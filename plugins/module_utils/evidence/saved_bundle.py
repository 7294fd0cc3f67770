# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A saved evidence bundle: `evidence.json.gz`, or the same unpacked."""

from __future__ import annotations

import functools
import gzip
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from . import certificate
from .bundle import SCHEMA, short
from .schema import BUNDLE
from .schema_forms import Form

FILE = "evidence.json.gz"

_FAMILY, _slash, _VERSION = SCHEMA.rpartition("/")
_FIX = "Collect it again, or correct it by docs/evidence.schema.json"
_WORDS = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "null",
}


class SavedBundleError(ValueError):
    """It says that it is a bundle, and is none that can be judged; the message begins with the file."""


def packed(bundle: Mapping[str, Any]) -> bytes:
    """Return what a file of this name holds."""
    text = json.dumps(bundle, ensure_ascii=False, default=str)
    # Without a time in it, so that the same evidence is the same file.
    return gzip.compress(text.encode(), 6, mtime=0)


def is_one(value: Any) -> bool:
    """Return whether a JSON value says that it is a bundle, of whatever schema."""
    return isinstance(value, Mapping) and str(value.get("schema", "")).startswith(_FAMILY + "/")


def read(value: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the bundle when it has the form that rules read it by. `name` is the file's, for messages."""
    if value["schema"] != SCHEMA:
        raise SavedBundleError(f"{name}: {_other_version(str(value['schema']))}")
    try:
        error = next(_validator().iter_errors(value), None)
    except ImportError as absent:
        raise SavedBundleError(
            f"{name}: a saved bundle is checked by the Python package jsonschema-rs, which is missing on the driver ({absent}). "
            "Install it for this host's ansible_python_interpreter: pip install jsonschema-rs"
        ) from None
    if error is not None:
        raise SavedBundleError(f"{name}: {_said(error)}")
    try:
        certificate.moment(value["collected_at"])
    except ValueError:
        raise SavedBundleError(f"{name}: {_damaged('collected_at', value['collected_at'], 'a day that exists')}") from None
    return dict(value)


@functools.cache
def _validator() -> Any:
    # Compiled: on the bundle of 5,000 nodes jsonschema in Python takes longer than everything else.
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(BUNDLE)


def _other_version(schema: str) -> str:
    said = schema.removeprefix(_FAMILY + "/")
    if re.fullmatch(r"v[1-9]\d{0,8}", said) and int(said[1:]) > int(_VERSION[1:]):
        return (
            f"its schema is {short(schema)}, and this collection reads {SCHEMA} only: a newer one wrote it. Bring this "
            "collection up to date (ansible-galaxy collection install --upgrade zerotrust.baremetal), or collect again with it"
        )
    return f"its schema is {short(schema)}, which no version of this collection writes; this one reads {SCHEMA}"


def _said(error: Any) -> str:
    """Say where, what is there and what belongs there."""
    form = _form(list(error.schema_path)[:-1])
    if error.schema_path[-1] == "required":
        path = [*error.instance_path, error.kind.property]
        return (
            f"it is a damaged bundle: {_path(path)} is not there, expected is {_expected(form['properties'][path[-1]])}. {_FIX}"
        )
    return _damaged(_path(error.instance_path), error.instance, _expected(form))


def _damaged(path: str, value: Any, expected: str) -> str:
    # Quoted, so that a text is told from a number; of a long list only how long it is.
    shown = short(value) if isinstance(value, (list, dict)) else short(json.dumps(value, ensure_ascii=False))
    return f"it is a damaged bundle: {path} is {shown}, expected is {expected}. {_FIX}"


def _form(schema_path: Sequence[str | int]) -> Form:
    form: Any = BUNDLE
    for step in schema_path:
        form = form[step]
    return dict(form)


def _expected(form: Form) -> str:
    """Return what a form demands, in words."""
    if "description" in form:
        return str(form["description"])
    if "enum" in form:
        return " or ".join(form["enum"])
    types = form.get("type", list(_WORDS))
    words = " or ".join(_WORDS[one] for one in ([types] if isinstance(types, str) else types))
    return f"{words} from {form['minimum']} to {form['maximum']}" if "minimum" in form else words


def _path(steps: Sequence[str | int]) -> str:
    return "".join(f"[{one}]" if isinstance(one, int) else f".{one}" for one in steps).lstrip(".") or "the whole"
