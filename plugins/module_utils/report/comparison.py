# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two JSON reports compared: what got worse, what got better, what is still there.

A report is what json_report writes. Findings are the same when rule and subject are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..rules.engine import FAIL, PASS, UNKNOWN, VERDICTS
from ..rules.rule import LAYERS, SEVERITIES, STAGES
from .grouping import name_subjects
from .json_report import SCHEMA
from .text import INDENT, WIDTH, Line, cut, wrapped

# What a finding can be besides its verdict. NEW: not in the report before. GONE: its rule was judged whole and says it no more.
# UNSEEN: its rule was not asked again, or could not see everything.
ACCEPTED, NEW, GONE, UNSEEN = "accepted", "new", "gone", "not seen"
_OPEN = (FAIL, UNKNOWN)
_WORST_FIRST = (FAIL, UNKNOWN, ACCEPTED, PASS)

EXPECTED = (
    "Expected is evidence as collect.yml saves it, evidence.json.gz, or a report as verify.yml writes it: "
    "reports/<cluster>/verify.json."
)
# As in the table of verdicts: so many cases of one rule are shown, and so many named in the message a run ends with.
_SHOWN = 8
_NAMED = 5


class ReportError(ValueError):
    """What was given cannot be compared; the message names the file and what is expected."""


@dataclass(frozen=True)
class Report:
    """A report, its findings by rule and subject."""

    cluster: str
    moment: str
    stages: list[str]
    collected_at: str
    # Rule id -> severity, layer, title.
    rules: Mapping[str, Mapping[str, str]]
    findings: Mapping[tuple[str, str], Mapping[str, Any]]

    @property
    def subjects(self) -> set[str]:
        return {subject for _id, subject in self.findings}


@dataclass(frozen=True)
class Change:
    """What became of one finding."""

    id: str
    subject: str
    before: str
    after: str
    severity_before: str
    severity: str
    layer: str
    title: str
    message: str
    remedy: str

    @property
    def words(self) -> str:
        """Say it in short: `PASS → FAIL`, or the severities where the verdict is the same."""
        if self.before == self.after:
            return f"{self.severity_before} → {self.severity}"
        return f"{self.before} → {self.after}"


@dataclass
class Comparison:
    """Everything that is different, worst first, and what is as it was."""

    before: Report
    after: Report
    worse: list[Change] = field(default_factory=list)
    better: list[Change] = field(default_factory=list)
    # Accepted from the first moment it was found: neither better nor worse, but not silent.
    accepted: list[Change] = field(default_factory=list)
    # Not PASS before and not PASS now.
    unchanged: list[Change] = field(default_factory=list)
    # rules and subjects (nodes, namespaces, webhooks ...) that one of the reports does not speak of.
    appeared: dict[str, list[str]] = field(default_factory=dict)
    vanished: dict[str, list[str]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        return {
            "worse": len(self.worse),
            "better": len(self.better),
            "accepted": len(self.accepted),
            "unchanged": len(self.unchanged),
        }


def report(found: Any, file: str) -> Report:
    """Make a Report of what a file holds."""
    schema = found.get("schema") if isinstance(found, dict) else None
    if schema != SCHEMA:
        said = f"has schema {schema}, not {SCHEMA}" if schema else "is not a report"
        raise ReportError(f"{file} {said}. {EXPECTED}")
    try:
        return _report(found)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ReportError(f"{file} is not a whole report ({type(error).__name__}: {error}). {EXPECTED}") from None


def _report(found: Mapping[str, Any]) -> Report:
    rules = dict(found["rules"])
    for rule in rules.values():
        # What changes are ordered by has to be known: index raises ValueError where it is not.
        SEVERITIES.index(rule["severity"])
        LAYERS.index(rule["layer"])
        str(rule["title"])
    for stage in found["stages"]:
        STAGES.index(stage)
    findings: dict[tuple[str, str], Mapping[str, Any]] = {}
    for finding in found["findings"]:
        key = (finding["id"], finding["subject"])
        if not all(isinstance(one, str) for one in key):
            raise TypeError("the id or subject of a finding is no text")
        # So has what every finding must have: a rule of the report, a verdict that exists, a message.
        rules[key[0]]["title"], VERDICTS.index(finding["verdict"]), str(finding["message"])
        # A rule may look at one subject in several ways: the worst counts.
        if key not in findings or _WORST_FIRST.index(_state(finding)) < _WORST_FIRST.index(_state(findings[key])):
            findings[key] = finding
    cluster, moment, collected_at = (str(found[key]) for key in ("cluster", "moment", "collected_at"))
    return Report(cluster, moment, list(found["stages"]), collected_at, rules, findings)


def _state(finding: Mapping[str, Any]) -> str:
    return ACCEPTED if finding.get("accepted") else str(finding["verdict"])


def compare(before: Report, after: Report) -> Comparison:
    """Compare two reports, in time linear in their size."""
    result = Comparison(before, after, warnings=_warnings(before, after))
    lists = {"worse": result.worse, "better": result.better, "accepted": result.accepted, "unchanged": result.unchanged}
    for key, finding in after.findings.items():
        old = before.findings.get(key)
        change = _change(key, before, after, _state(old) if old else NEW, _state(finding), finding)
        if (outcome := _outcome(change)) is not None:
            lists[outcome].append(change)
    unsure = {rule_id for (rule_id, _subject), finding in after.findings.items() if finding["verdict"] == UNKNOWN}
    for key, old in before.findings.items():
        if key in after.findings:
            continue
        # What nobody looked at again is not better.
        looked = key[0] in after.rules and key[0] not in unsure
        change = _change(key, before, after, _state(old), GONE if looked else UNSEEN, old)
        if (outcome := _outcome(change)) is not None:
            lists[outcome].append(change)
    for changes in lists.values():
        changes.sort(key=_order)
    rules = (before.rules.keys(), after.rules.keys())
    subjects = (before.subjects, after.subjects)
    result.appeared = {"rules": sorted(rules[1] - rules[0]), "subjects": sorted(subjects[1] - subjects[0])}
    result.vanished = {"rules": sorted(rules[0] - rules[1]), "subjects": sorted(subjects[0] - subjects[1])}
    return result


def _warnings(before: Report, after: Report) -> list[str]:
    out = []
    if before.cluster != after.cluster:
        out.append(f"The reports are of two clusters, {before.cluster} and {after.cluster}.")
    if (before.moment, before.stages) != (after.moment, after.stages):
        asked = [f"{one.moment} of {', '.join(one.stages)}" for one in (before, after)]
        out.append(f"The reports asked for different things: {asked[0]}; {asked[1]}. What only one asked is not compared.")
    if before.collected_at > after.collected_at:
        out.append(f"The report before ({before.collected_at}) is newer than the one after ({after.collected_at}).")
    return out


def _change(key: tuple[str, str], before: Report, after: Report, was: str, now: str, finding: Mapping[str, Any]) -> Change:
    rule_id, subject = key
    rule = after.rules.get(rule_id) or before.rules[rule_id]
    old_rule = before.rules.get(rule_id) or rule
    return Change(
        id=rule_id,
        subject=subject,
        before=was,
        after=now,
        severity_before=old_rule["severity"],
        severity=rule["severity"],
        layer=rule["layer"],
        title=rule["title"],
        message={GONE: "no longer in the report", UNSEEN: "nobody looked again"}.get(now, finding["message"]),
        remedy=finding.get("remedy", "") if now in _OPEN else "",
    )


def _outcome(change: Change) -> str | None:
    """Return the list a change belongs to; None where there is nothing to say (PASS as before, something new that passes)."""
    was, now = change.before, change.after
    if now in _OPEN:
        raised = SEVERITIES.index(change.severity_before) - SEVERITIES.index(change.severity)
        if was not in _OPEN or (was, now) == (UNKNOWN, FAIL) or raised > 0:
            return "worse"
        # FAIL that became UNKNOWN is no better: nobody saw it repaired.
        return "better" if was == now and raised < 0 else "unchanged"
    if now == UNSEEN:
        return None if was == PASS else "unchanged"
    if now == ACCEPTED:
        return "better" if was in _OPEN else "unchanged" if was == ACCEPTED else "accepted"
    return None if was in (PASS, NEW) else "better"


def _order(change: Change) -> tuple[int, int, int, str]:
    # The worse of its two ends; what is as bad stays in the order of the report.
    bad = min(_WORST_FIRST.index(one) for one in (change.before, change.after) if one in _WORST_FIRST)
    return bad, SEVERITIES.index(change.severity), LAYERS.index(change.layer), change.id


def lines(result: Comparison) -> list[Line]:
    """Return the comparison as lines for a terminal."""
    before, after = result.before, result.after
    count = len(result.worse)
    style, verdict = ("stop", f"{count} WORSE") if count else ("pass", "NOTHING WORSE")
    cluster = before.cluster if before.cluster == after.cluster else f"{before.cluster} → {after.cluster}"
    left = f"{cluster} · {before.collected_at} → {after.collected_at}"
    out: list[Line] = [
        ("rule", "─" * WIDTH),
        (style, f"{cut(left, WIDTH - len(verdict) - 2):<{WIDTH - len(verdict)}}{verdict}"),
        ("rule", "─" * WIDTH),
    ]
    for label, shown, changes in (
        ("WORSE", "fail", result.worse),
        ("accepted", "accepted", result.accepted),
        ("better", "pass", result.better),
    ):
        out += _section(label, shown, changes)
    for label, names in (("appeared", result.appeared), ("vanished", result.vanished)):
        for kind, members in names.items():
            if members:
                out += [("dim", f"{label:<{INDENT}}{cut(f'{kind}: {name_subjects(members, ())}', WIDTH - INDENT)}")]
    counts = result.counts()
    total = f"{counts['worse']} worse, {counts['better']} better, {counts['unchanged']} still there"
    total += f", {counts['accepted']} new and accepted" if counts["accepted"] else ""
    unseen = sum(change.before != change.after for change in result.unchanged)
    out.append(("head", f"{'':<{INDENT}}{total}"))
    if unseen:
        out.append(("unknown", f"{'':<{INDENT}}{unseen} of those still there could not be seen again, which is not better"))
    out.append(("rule", "─" * WIDTH))
    return out


def _section(label: str, style: str, changes: Iterable[Change]) -> list[Line]:
    groups: dict[tuple[str, str], list[Change]] = {}
    for change in changes:
        groups.setdefault((change.id, change.words), []).append(change)
    out: list[Line] = []
    for (rule_id, words), members in groups.items():
        head = f"{label:<{INDENT}}{words}  {members[0].severity}  {members[0].title}"
        out.append((style, f"{cut(head, WIDTH - len(rule_id) - 1):<{WIDTH - len(rule_id)}}{rule_id}"))
        cases: dict[str, list[str]] = {}
        for change in members:
            cases.setdefault(change.message, []).append(change.subject)
        for said, subjects in list(cases.items())[:_SHOWN]:
            out += wrapped("text", f"{name_subjects(subjects, ())}: {said}")
        if len(cases) > _SHOWN:
            out += wrapped("dim", f"and {len(cases) - _SHOWN} more like these; the report after has them all")
        for remedy in list(dict.fromkeys(change.remedy for change in members if change.remedy))[:_SHOWN]:
            out += wrapped("fix", remedy, first="→ ")
        out.append(("text", ""))
    return out


def message(result: Comparison) -> str:
    """Return the one message a run ends with that shall not go on when something is worse."""
    cases: dict[tuple[str, str], list[Change]] = {}
    for change in result.worse:
        cases.setdefault((change.id, change.words), []).append(change)
    count = len(result.worse)
    parts = [f"{result.after.cluster}: {count} {'finding is' if count == 1 else 'findings are'} worse than before."]
    for (rule_id, words), members in list(cases.items())[:_NAMED]:
        subjects = name_subjects([change.subject for change in members], (), 4)
        parts.append(f"- {rule_id} ({subjects}): {words}, {members[0].severity}: {members[0].title}")
    if len(cases) > _NAMED:
        parts.append(f"- and {len(cases) - _NAMED} more")
    return "\n".join(parts)
