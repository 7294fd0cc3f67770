# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A saved evidence bundle: `evidence.json.gz`, or the same unpacked."""

from __future__ import annotations

import functools
import gzip
import json
import re
from collections.abc import Mapping
from typing import Any

from . import certificate, form_check, secret_values, strict_json
from .bundle import SCHEMA, short
from .document import Document
from .sharing import Sharing

FILE = "evidence.json.gz"
# What is read of a file of this name, packed or not: the bundle of a hundred nodes is 20 MB unpacked.
MOST_BYTES = 256 * 1024 * 1024

# Of a chart.
_VALUES = ("values", "user_values", "effective")
_FAMILY, _slash, _VERSION = SCHEMA.rpartition("/")
_FIX = "Collect it again, or correct it by docs/evidence.schema.json"


class SavedBundleError(ValueError):
    """It says that it is a bundle, and is none that can be judged; the message begins with the file."""


def packed(bundle: Mapping[str, Any]) -> bytes:
    """Return what a file of this name holds."""
    text = json.dumps(bundle, ensure_ascii=False, default=str)
    # Without a time in it, so that the same evidence is the same file.
    return gzip.compress(text.encode(), 6, mtime=0)


def begins(text: str) -> bool:
    """Return whether a text begins as `packed` writes a bundle: a large one is read in another way than other files."""
    return text.startswith('{"schema": "' + _FAMILY)


def documents(text: str, name: str, sharing: Sharing | None = None) -> list[Document]:
    """Read JSON as `strict_json.documents` does; where it begins as a bundle, equal parts of it are kept once.

    `sharing`: that of another bundle, whose parts these may be too.
    """
    return strict_json.documents(text, name, (sharing or Sharing()).mapping if begins(text) else strict_json.mapping)


def is_one(value: Any) -> bool:
    """Return whether a JSON value says that it is a bundle, of whatever schema."""
    return isinstance(value, Mapping) and str(value.get("schema", "")).startswith(_FAMILY + "/")


def read(value: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the bundle when it has the form that rules read it by. `name` is the file's, for messages."""
    if value["schema"] != SCHEMA:
        raise SavedBundleError(f"{name}: {_other_version(str(value['schema']))}")
    try:
        wrong = _checked().first_wrong(value)
    except form_check.LibraryMissing as absent:
        raise SavedBundleError(f"{name}: a saved bundle is checked by {absent}") from None
    if not wrong:
        try:
            certificate.moment(value["collected_at"])
        except ValueError:
            wrong = form_check.said("collected_at", value["collected_at"], "a day that exists")
    if wrong:
        raise SavedBundleError(f"{name}: it is a damaged bundle: {wrong}. {_FIX}")
    return _screened(value)


def _screened(bundle: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out of values what looks like a secret: this collection saves none, but who made a bundle otherwise may have."""
    found = dict(bundle)
    if "charts" in found:
        found["charts"] = {name: _without_secrets(one, *_VALUES) for name, one in found["charts"].items()}
    releases = found.get("api", {}).get("releases")
    if releases:
        found["api"] = {
            **found["api"],
            "releases": {
                namespace: {name: _without_secrets(one, "values") for name, one in here.items()}
                for namespace, here in releases.items()
            },
        }
    return found


def _without_secrets(one: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {**one, **{key: secret_values.redact(one[key]) for key in keys if key in one}}


@functools.cache
def _checked() -> form_check.Checked:
    # The whole schema is of use only where there is a bundle.
    from .schema import BUNDLE

    return form_check.Checked(BUNDLE)


def _other_version(schema: str) -> str:
    said = schema.removeprefix(_FAMILY + "/")
    if re.fullmatch(r"v[1-9]\d{0,8}", said) and int(said[1:]) > int(_VERSION[1:]):
        return (
            f"its schema is {short(schema)}, and this collection reads {SCHEMA} only: a newer one wrote it. Bring this "
            "collection up to date (ansible-galaxy collection install --upgrade zerotrust.baremetal), or collect again with it"
        )
    return f"its schema is {short(schema)}, which no version of this collection writes; this one reads {SCHEMA}"
