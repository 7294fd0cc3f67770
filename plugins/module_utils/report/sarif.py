# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as SARIF 2.1.0, for tools that show findings beside code and track them from run to run.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html; sections below are of this document.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from ..rules.catalogue import IDS, RULES
from ..rules.engine import FAIL, PASS, Finding, Result
from ..rules.rule import Rule
from . import grouping
from .version import VERSION

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
REPOSITORY = "https://github.com/zerotrust-baremetal/zerotrust.baremetal"
LEVELS = {"blocker": "error", "high": "error", "medium": "warning", "low": "note"}


def data(result: Result, bundle: Mapping[str, Any], stages: list[str]) -> dict[str, Any]:
    """Return the log: one run, whose tool has every rule, and whose results are what was not PASS."""
    cluster = str(bundle["cluster"])
    run = {
        # Runs of one cluster and moment are compared with each other (3.17.3: what follows the last slash names the single run).
        "automationDetails": {"id": f"{cluster}/{bundle['moment']}/"},
        "tool": {
            "driver": {
                "name": "zerotrust.baremetal",
                "version": VERSION,
                "semanticVersion": VERSION,
                "informationUri": REPOSITORY,
                "rules": [_rule(rule) for rule in RULES],
            }
        },
        "invocations": [{"executionSuccessful": True, "endTimeUtc": bundle["collected_at"]}],
        "results": _results(result, cluster),
        "properties": {"stages": stages, "stopped": result.stopped},
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def render(result: Result, bundle: Mapping[str, Any], stages: list[str]) -> str:
    return json.dumps(data(result, bundle, stages), indent=1, ensure_ascii=False) + "\n"


def _rule(rule: Rule) -> dict[str, Any]:
    help_uri = f"{REPOSITORY}/blob/main/docs/rules.md#{rule.id.lower()}"
    source = rule.source if rule.source.startswith("https://") else f"{REPOSITORY}/blob/main/{rule.source}"
    return {
        "id": rule.id,
        "name": rule.title,
        "shortDescription": _message(f"{rule.title}."),
        "fullDescription": _message(rule.why),
        "helpUri": help_uri,
        "help": _message(f"{rule.remediation}\nSource: {source}"),
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": {"severity": rule.severity, "layer": rule.layer},
    }


def _results(result: Result, cluster: str) -> list[dict[str, Any]]:
    results = []
    counted: Counter[tuple[str, str]] = Counter()
    for finding in result.findings:
        if finding.verdict != PASS:
            about = (finding.id, finding.subject)
            counted[about] += 1
            results.append(_result(finding, cluster, counted[about]))
    return results


def _result(finding: Finding, cluster: str, count: int) -> dict[str, Any]:
    failed = finding.verdict == FAIL
    said = f"{finding.subject}: {finding.message.rstrip('.')}."
    return {
        "ruleId": finding.id,
        "ruleIndex": IDS.index(finding.id),
        # A result that is no failure has no level (3.27.10).
        "kind": "fail" if failed else "open",
        "level": LEVELS[finding.severity] if failed else "none",
        "message": _message(f"{said} {finding.remedy}".rstrip()),
        "locations": [_location(finding)],
        # Neither what was seen nor the line belongs to it: both change while the fault stays.
        "partialFingerprints": {"clusterRuleSubject/v1": _digest(cluster, finding.id, finding.subject, str(count))},
        # Either all results have the property or none (3.27.23); empty says that it is not suppressed.
        "suppressions": [_suppression(finding.accepted)] if finding.accepted else [],
        "properties": {"severity": finding.severity, "layer": finding.layer, "stops": finding.stops},
    }


def _location(finding: Finding) -> dict[str, Any]:
    location: dict[str, Any] = {"logicalLocations": [{"fullyQualifiedName": finding.subject}]}
    if finding.place:
        file, _colon, line = finding.place.rpartition(":")
        if not line.isdigit():
            file, line = finding.place, ""
        location["physicalLocation"] = {"artifactLocation": _artifact(file)}
        if line:
            location["physicalLocation"]["region"] = {"startLine": int(line)}
    return location


def _artifact(file: str) -> dict[str, str]:
    """Name a file by its URI; a relative one starts where ansible-playbook was started, which is the root of the sources."""
    if file.startswith("/"):
        return {"uri": PurePosixPath(file).as_uri()}
    return {"uri": quote(file), "uriBaseId": "%SRCROOT%"}


def _suppression(entry: Mapping[str, str]) -> dict[str, Any]:
    return {
        "kind": "external",
        "status": "accepted",
        "justification": grouping.reason(entry),
        "properties": {"subject": entry["subject"], "until": entry["until"]},
    }


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _message(text: str) -> dict[str, str]:
    """Return a plain text message. Braces would be placeholders (3.11.5), and `](` a link (3.11.6)."""
    return {"text": text.replace("{", "{{").replace("}", "}}").replace("](", "] (")}
