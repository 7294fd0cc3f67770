# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..rules.engine import Result

SCHEMA = "zerotrust.baremetal/report/v1"


def data(result: Result, bundle: Mapping[str, Any], stages: list[str]) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "cluster": bundle["cluster"],
        "moment": bundle["moment"],
        "stages": stages,
        "collected_at": bundle["collected_at"],
        "stopped": result.stopped,
        "counts": result.counts(),
        "rules": result.rules_run,
        "findings": [finding.as_dict() for finding in result.findings],
        "accepted_unused": result.unused,
        "accepted_expired": result.expired,
    }


def render(result: Result, bundle: Mapping[str, Any], stages: list[str]) -> str:
    return json.dumps(data(result, bundle, stages), indent=1, ensure_ascii=False, default=str) + "\n"
