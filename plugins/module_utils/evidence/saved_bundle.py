# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A saved evidence bundle: `evidence.json.gz` as `analyze` writes it beside its reports, packed or not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .bundle import SCHEMA

_MAPPINGS = ("desired", "nodes", "api", "charts")


class SavedBundleError(ValueError):
    """It says that it is a bundle, and is none that can be judged; the message begins with the file."""


def is_one(value: Any) -> bool:
    """Return whether a JSON value says that it is a bundle, of whatever schema."""
    return isinstance(value, Mapping) and str(value.get("schema", "")).startswith(SCHEMA.rpartition("/")[0] + "/")


def read(value: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the bundle when it has the form that rules read it by."""
    if value["schema"] != SCHEMA:
        raise SavedBundleError(f"{name}: its schema is {value['schema']}; this collection reads {SCHEMA}")
    wrong = [key for key in _MAPPINGS if not isinstance(value.get(key), dict)]
    wrong += [key for key in ("cluster", "moment", "collected_at") if not isinstance(value.get(key), str)]
    missing = value.get("missing")
    if not isinstance(missing, list) or not all(isinstance(one, dict) and {"path", "reason"} <= one.keys() for one in missing):
        wrong.append("missing")
    if wrong:
        raise SavedBundleError(f"{name}: it is a damaged bundle, {', '.join(wrong)} not there or not of the expected form")
    return dict(value)
