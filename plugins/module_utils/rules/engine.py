# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs rules on evidence, applies what is accepted, and decides the gate.

Missing evidence becomes UNKNOWN here, once, for every rule.
"""

from __future__ import annotations

import datetime
import fnmatch
import functools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from ..evidence.bundle import Evidence, Missing
from . import acceptance, places
from .rule import LAYERS, SEVERITIES, Check, Fail, Pass, Rule

PASS, FAIL, UNKNOWN = "PASS", "FAIL", "UNKNOWN"
VERDICTS = (FAIL, UNKNOWN, PASS)

# Where an accepted finding is written down, unless an object's annotation says it.
INVENTORY = "zerotrust_accepted"

DEFAULT_GATE: dict[str, list[str]] = {"fail": ["blocker", "high"], "unknown": ["blocker"]}


@dataclass(slots=True)
class Finding:
    """What a rule says about one subject."""

    id: str
    verdict: str
    severity: str
    layer: str
    title: str
    subject: str
    message: str
    remedy: str
    why: str
    source: str
    seen: Sequence[dict[str, str]] = ()
    # Path of what was missing, for UNKNOWN.
    missing: str = ""
    # `file:line` of what it is about, where that came from a file.
    place: str = ""
    accepted: dict[str, str] | None = None
    # An acceptance that has ended.
    expired: dict[str, str] | None = None
    stops: bool = False

    def as_dict(self) -> dict[str, Any]:
        return {one.name: getattr(self, one.name) for one in fields(self)} | {"seen": list(self.seen)}


@dataclass
class Result:
    """Everything an analysis found."""

    findings: list[Finding]
    rules_run: int
    # Entries of `accepted` that nothing was found for.
    unused: list[dict[str, str]] = field(default_factory=list)
    # Entries that have ended.
    expired: list[dict[str, str]] = field(default_factory=list)

    @property
    def stopped(self) -> bool:
        return any(finding.stops for finding in self.findings)

    def counts(self) -> dict[str, Any]:
        layers = {layer: dict.fromkeys((PASS, FAIL, UNKNOWN, "accepted"), 0) for layer in LAYERS}
        total: dict[str, Any] = dict.fromkeys((PASS, FAIL, UNKNOWN, "accepted"), 0)
        for finding in self.findings:
            name = "accepted" if finding.accepted else finding.verdict
            total[name] += 1
            layers[finding.layer][name] += 1
        total["layers"] = layers
        return total


class InputError(ValueError):
    """What was given to the analysis is wrong; the message says what and how to put it right."""


def run(evidence: Evidence, rules: Iterable[Rule], moment: str, stages: Sequence[str]) -> Result:
    """Ask every rule that belongs to the moment and to one of the stages."""
    evidence.stages = tuple(stages)
    findings: list[Finding] = []
    asked = 0
    for rule in rules:
        if not set(rule.stages) & set(stages):
            continue
        checks = [check for check in rule.checks if moment in check.moments]
        asked += bool(checks)
        for check in checks:
            findings.extend(_ask(evidence, rule, check))
    findings.sort(key=_order)
    return Result(findings, asked)


def not_asked(rules: Iterable[Rule], moment: str, stages: Sequence[str]) -> int:
    """Return how many rules `run` leaves out at this moment and these stages."""
    return sum(not set(rule.stages) & set(stages) or moment not in rule.moments for rule in rules)


def accept(result: Result, entries: Sequence[Mapping[str, Any]], known_ids: Iterable[str], day: datetime.date) -> None:
    """Mark the findings that the inventory accepts. An unknown id or a date that is none is an error, not a silence."""
    known = set(known_ids)
    for number, entry in enumerate(entries, start=1):
        where = f"zerotrust_accepted, entry {number}"
        rule, layer = entry.get("id"), entry.get("layer")
        if rule is None and layer is None:
            raise InputError(f"{where}: it has neither id nor layer. Write which rule, or which layer, it is about.")
        if rule is not None and rule not in known:
            raise InputError(f"{where}: there is no rule {rule!r}. docs/rules.md lists the ids.")
        if layer is not None and layer not in LAYERS:
            raise InputError(f"{where}: there is no layer {layer!r}. Layers are {', '.join(LAYERS)}.")
        about = rule or f"layer {layer}"
        if not str(entry.get("reason") or "").strip():
            raise InputError(f"{where} ({about}): write the reason it is accepted for.")
        try:
            until = datetime.date.fromisoformat(str(entry.get("until")))
        except ValueError:
            raise InputError(
                f"{where} ({about}): until is {entry.get('until')!r}. Write the last day, for example 2027-01-31."
            ) from None
        kept = {
            "id": str(rule or "*"),
            "layer": str(layer or "*"),
            "subject": str(entry.get("subject") or "*"),
            "reason": str(entry["reason"]),
            "until": until.isoformat(),
            "source": INVENTORY,
        }
        matched = _accept(result, kept, day, functools.partial(_matches, kept["subject"]))
        if not matched and until >= day:
            result.unused.append(kept)


def accept_annotated(result: Result, evidence: Evidence, known_ids: Iterable[str], day: datetime.date) -> None:
    """Mark the findings that objects accept of themselves. What cannot be read of it accepts nothing; ZT-ACC-001 names it."""
    known = set(known_ids)
    asked = {finding.id for finding in result.findings}
    for kept, names in acceptance.annotated(evidence):
        if kept["id"] not in known:
            continue
        matched = _accept(result, kept, day, names.__contains__)
        # An annotation stays for every moment and stage; it is of no use only where its rule was asked.
        if not matched and kept["id"] in asked and datetime.date.fromisoformat(kept["until"]) >= day:
            result.unused.append(kept)


def _accept(result: Result, entry: dict[str, str], day: datetime.date, is_about: Callable[[str], bool]) -> bool:
    """Mark the findings an entry is about. Returns whether there were any."""
    ended = datetime.date.fromisoformat(entry["until"]) < day
    if ended:
        result.expired.append(entry)
    matched = False
    for finding in result.findings:
        if finding.verdict == PASS or entry["id"] not in ("*", finding.id) or entry["layer"] not in ("*", finding.layer):
            continue
        if not is_about(finding.subject):
            continue
        matched = True
        if ended:
            finding.expired = finding.expired or entry
        else:
            finding.accepted = finding.accepted or entry
    return matched


def gate(result: Result, severities: Mapping[str, Sequence[str]] | None = None) -> None:
    """Mark the findings that stop."""
    chosen = {**DEFAULT_GATE, **{key: list(value) for key, value in (severities or {}).items() if value is not None}}
    for finding in result.findings:
        stopping = chosen["fail"] if finding.verdict == FAIL else chosen["unknown"] if finding.verdict == UNKNOWN else ()
        finding.stops = finding.accepted is None and finding.severity in stopping


def _matches(pattern: str, subject: str) -> bool:
    # Only the asterisk has a meaning: brackets and question marks stand in subjects.
    return fnmatch.fnmatchcase(subject, _OTHER_WILDCARDS.sub(r"[\g<0>]", pattern))


def _ask(evidence: Evidence, rule: Rule, check: Check) -> list[Finding]:
    if check.each is None:
        return _answers(evidence, rule, check, None)
    evidence.forget()
    try:
        subjects = list(check.each(evidence))
    except Missing as missing:
        return [_unknown(evidence, rule, check.subject, missing)]
    return [finding for subject in subjects for finding in _answers(evidence, rule, check, subject)]


def _answers(evidence: Evidence, rule: Rule, check: Check, subject: str | None) -> list[Finding]:
    name = check.subject if subject is None else subject
    evidence.forget(name)
    findings = []
    try:
        if check.when is not None and not check.when(evidence):
            return []
        answer = check.function(evidence) if subject is None else check.function(evidence, subject)
        several = [answer] if answer is None or isinstance(answer, (Pass, Fail)) else answer
        for one in several:
            if one is not None:
                # One by one: what a check said before it met a gap is kept.
                findings.append(_finding(evidence, rule, name, one))  # noqa: PERF401
    except Missing as missing:
        findings.append(_unknown(evidence, rule, name, missing))
    except Exception as error:  # A rule's own fault must not hide what other rules say, and is no PASS.
        findings.append(_unknown(evidence, rule, name, Missing("", f"the rule itself failed: {type(error).__name__}: {error}")))
    return findings


def _finding(evidence: Evidence, rule: Rule, name: str, answer: Pass | Fail) -> Finding:
    failed = isinstance(answer, Fail)
    seen: Sequence[dict[str, str]] = evidence.seen
    subject = answer.subject or name
    given = dict.fromkeys(filter(None, evidence.values_read.values())) if failed else ()
    if isinstance(answer, Fail) and answer.seen:
        seen = [{"path": path, "value": str(value)} for path, value in answer.seen]
    return Finding(
        id=rule.id,
        verdict=FAIL if failed else PASS,
        severity=rule.severity,
        layer=rule.layer,
        title=rule.title,
        subject=subject,
        message=f"{answer.message} ({', '.join(given)})" if given else answer.message,
        remedy=(answer.remedy if isinstance(answer, Fail) else "") or (rule.remediation if failed else ""),
        why=rule.why,
        source=rule.source,
        seen=seen,
        place=(isinstance(answer, Fail) and answer.place)
        or places.of_finding(evidence, subject, answer.message, answer.key if isinstance(answer, Fail) else ""),
    )


def _unknown(evidence: Evidence, rule: Rule, name: str, missing: Missing) -> Finding:
    return Finding(
        id=rule.id,
        verdict=UNKNOWN,
        severity=rule.severity,
        layer=rule.layer,
        title=rule.title,
        subject=name,
        message=missing.reason,
        remedy="",
        why=rule.why,
        source=rule.source,
        seen=evidence.seen,
        missing=missing.path,
        place=places.of_finding(evidence, name, missing.path),
    )


_OTHER_WILDCARDS = re.compile(r"[?[]")
_RANK = {word: at for words in (VERDICTS, SEVERITIES, LAYERS) for at, word in enumerate(words)}


def _order(finding: Finding) -> tuple[int, int, int, str]:
    return _RANK[finding.verdict], _RANK[finding.severity], _RANK[finding.layer], finding.id
