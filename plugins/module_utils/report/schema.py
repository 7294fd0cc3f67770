# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The schema of the JSON report, which docs has as JSON. Version 1 grows as that of evidence does: by keys that may be absent."""

from __future__ import annotations

from ..evidence.schema_forms import SWITCH, TEXT, TIME, WHOLE, Form, listed, mapping, one_of
from ..rules.engine import VERDICTS
from ..rules.rule import LAYERS, MOMENTS, SEVERITIES, STAGES
from .json_report import SCHEMA

_ACCEPTED_KEYS = ("id", "layer", "subject", "reason", "until", "source")
_ACCEPTED = mapping(dict.fromkeys(_ACCEPTED_KEYS, TEXT), _ACCEPTED_KEYS)
_COUNT_KEYS = (*VERDICTS, "accepted")
_COUNTS = mapping({key: {**WHOLE, "minimum": 0} for key in _COUNT_KEYS}, _COUNT_KEYS)
_RULE = mapping(
    {"severity": one_of(*SEVERITIES), "layer": one_of(*LAYERS), "title": TEXT, "why": TEXT, "source": TEXT},
    ["severity", "layer", "title", "why", "source"],
)
_FINDING = mapping(
    {
        "id": {**TEXT, "description": "key of `rules`"},
        "verdict": one_of(*VERDICTS),
        "subject": {**TEXT, "description": "what it is about, for example node1 or namespace apps"},
        "message": {**TEXT, "description": "what was seen"},
        "remedy": {**TEXT, "description": "what to do"},
        "seen": listed(mapping({"path": TEXT, "value": TEXT}, ["path", "value"])),
        "missing": {**TEXT, "description": "for UNKNOWN, the path of what is not in the evidence"},
        "place": {**TEXT, "description": "file:line of what it is about, where that came from a file"},
        "accepted": _ACCEPTED,
        "expired": {**_ACCEPTED, "description": "an acceptance that has ended"},
        "stops": {**SWITCH, "description": "whether it stops the gate; false when it is not there"},
    },
    ["id", "verdict", "subject", "message"],
)
_PARTS: dict[str, Form] = {
    "schema": one_of(SCHEMA),
    "cluster": TEXT,
    "moment": one_of(*MOMENTS),
    "stages": listed(one_of(*STAGES)),
    "collected_at": TIME,
    "notes": {**listed(TEXT), "description": "what was read, and what was not"},
    "stopped": SWITCH,
    "counts": mapping(
        {**_COUNTS["properties"], "layers": mapping(dict.fromkeys(LAYERS, _COUNTS), LAYERS)}, [*_COUNT_KEYS, "layers"]
    ),
    "rules_run": {**WHOLE, "minimum": 0},
    "rules": {"type": "object", "additionalProperties": _RULE, "description": "what each rule with findings says of itself"},
    "findings": listed(_FINDING),
    "accepted_unused": {**listed(_ACCEPTED), "description": "acceptances that nothing was found for"},
    "accepted_expired": listed(_ACCEPTED),
}
REPORT: Form = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": SCHEMA,
    **mapping(_PARTS, list(_PARTS)),
}
