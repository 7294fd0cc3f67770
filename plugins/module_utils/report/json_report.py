# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..rules.engine import Result

SCHEMA = "zerotrust.baremetal/report/v1"
# From so many findings on nobody reads it by eye.
_LARGE = 5000


_OF_THE_RULE = ("severity", "layer", "title", "why", "source")


def data(result: Result, bundle: Mapping[str, Any], stages: list[str]) -> dict[str, Any]:
    """Return the report. What a rule says of itself stands once, under `rules`; what is empty is left out."""
    rules: dict[str, dict[str, str]] = {}
    findings = []
    for finding in result.findings:
        one = finding.as_dict()
        own = {key: one.pop(key) for key in _OF_THE_RULE}
        rules.setdefault(finding.id, own)
        findings.append({key: value for key, value in one.items() if value not in ("", None, [], False)})
    return {
        "schema": SCHEMA,
        "cluster": bundle["cluster"],
        "moment": bundle["moment"],
        "stages": stages,
        "collected_at": bundle["collected_at"],
        "notes": list(bundle.get("notes", [])),
        "stopped": result.stopped,
        "counts": result.counts(),
        "rules_run": result.rules_run,
        "rules": rules,
        "findings": findings,
        "accepted_unused": result.unused,
        "accepted_expired": result.expired,
    }


def render(result: Result, bundle: Mapping[str, Any], stages: list[str]) -> str:
    return (
        json.dumps(
            data(result, bundle, stages), indent=1 if len(result.findings) < _LARGE else None, ensure_ascii=False, default=str
        )
        + "\n"
    )
