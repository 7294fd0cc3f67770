# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A saved evidence bundle: `evidence.json.gz` as `analyze` writes it beside its reports, packed or not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .bundle import SCHEMA

_MAPPINGS = ("desired", "nodes", "api", "charts")
_MOMENTS = ("preflight", "verify")
_TIME = re.compile(r"^\d{4}-(0[1-9]|1[0-2])-([0-2]\d|3[01])T\d\d:\d\d:\d\dZ$")


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
    if not _is_missing(value.get("missing")):
        wrong.append("missing")
    if not wrong:
        wrong += [
            f"desired.{key}"
            for key, form in (("nodes", dict), ("features", dict), ("stages", list))
            if not isinstance(value["desired"].get(key, form()), form)
        ]
        wrong += [f"api.{key}" for key in ("webhooks", "budgets", "policies") if not _is_listed(value["api"].get(key))]
        wrong += [f"charts.{name}" for name, one in value["charts"].items() if not isinstance(one, dict)]
        wrong += [
            f"nodes.{name}"
            for name, one in value["nodes"].items()
            if not (isinstance(one, dict) and _is_missing(one.get("missing", [])))
        ]
        wrong += ["moment"] if value["moment"] not in _MOMENTS else []
        wrong += ["collected_at"] if not _TIME.match(value["collected_at"]) else []
    if wrong:
        raise SavedBundleError(f"{name}: it is a damaged bundle, {', '.join(wrong)} not there or not of the expected form")
    return dict(value)


def _is_listed(value: Any) -> bool:
    """Return whether it is a list of mappings, nothing, or a mapping of such."""
    if isinstance(value, dict):
        return all(_is_listed(one) for one in value.values())
    return value is None or (isinstance(value, list) and all(isinstance(one, dict) for one in value))


def _is_missing(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(one, dict) and isinstance(one.get("path"), str) and isinstance(one.get("reason"), str) for one in value
    )
