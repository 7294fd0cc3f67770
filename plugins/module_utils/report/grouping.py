# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What reports for people show alike: how it ended, and findings grouped by cause, one entry for what one act puts right."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ..rules.engine import FAIL, INVENTORY, PASS, UNKNOWN, Finding, Result


@dataclass
class Case:
    """Findings of one rule that say the same."""

    message: str
    remedy: str
    findings: list[Finding] = field(default_factory=list)

    @property
    def subjects(self) -> list[str]:
        return [placed(finding) for finding in self.findings]


@dataclass
class Group:
    """A rule with all its findings of one verdict; or, for UNKNOWN, a reason with all the rules that it leaves open."""

    verdict: str
    severity: str
    ids: list[str]
    title: str
    stops: bool
    cases: list[Case]
    # The first finding: why, source and layer are the rule's.
    first: Finding

    @property
    def findings(self) -> list[Finding]:
        return [finding for case in self.cases for finding in case.findings]


def outcome(result: Result) -> tuple[str, str]:
    """Return how the analysis ended, as the verdict whose colour it has and in words."""
    counts = result.counts()
    if result.stopped:
        return FAIL, "Stopped"
    if counts[FAIL]:
        return UNKNOWN, "Passed with findings"
    if counts[UNKNOWN]:
        return UNKNOWN, "Passed, not all seen"
    return PASS, "Passed"


def failures(findings: Iterable[Finding]) -> list[Group]:
    """Group FAIL findings that nobody accepted by rule, and in it by what they say."""
    return _by_rule([one for one in findings if one.verdict == FAIL and not one.accepted])


def _by_rule(findings: Sequence[Finding]) -> list[Group]:
    rules: dict[str, list[Finding]] = {}
    for finding in findings:
        rules.setdefault(finding.id, []).append(finding)
    groups = []
    for rule_id, members in rules.items():
        cases: dict[tuple[str, str], Case] = {}
        for finding in members:
            key = (finding.message, finding.remedy)
            cases.setdefault(key, Case(*key)).findings.append(finding)
        first = members[0]
        groups.append(
            Group(
                first.verdict,
                first.severity,
                [rule_id],
                first.title,
                any(one.stops for one in members),
                list(cases.values()),
                first,
            )
        )
    # What stops comes first; the rest stays in the engine's order.
    groups.sort(key=lambda group: not group.stops)
    return groups


def unknowns(findings: Iterable[Finding]) -> list[Group]:
    """Group UNKNOWN findings that nobody accepted by the reason, whatever rules it leaves open."""
    reasons: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.verdict == UNKNOWN and not finding.accepted:
            reasons.setdefault(finding.message, []).append(finding)
    groups = []
    for reason, members in reasons.items():
        case = Case(reason, "", members)
        ids = list(dict.fromkeys(one.id for one in members))
        title = members[0].title if len(ids) == 1 else f"{len(ids)} rules cannot be judged"
        groups.append(Group(UNKNOWN, members[0].severity, ids, title, any(one.stops for one in members), [case], members[0]))
    groups.sort(key=lambda group: not group.stops)
    return groups


def reason(entry: Mapping[str, str]) -> str:
    """Return why something is accepted, and where that is written when it is not in the inventory."""
    source = entry.get("source", INVENTORY)
    return entry.get("reason", "") + (f" ({source})" if source != INVENTORY else "")


def unused(entry: Mapping[str, str]) -> str:
    """Return what an entry that nothing was found for is about, as `<where it is written> has <rule or layer> (<subject>)`."""
    about = entry["id"] if entry["id"] != "*" else f"layer {entry.get('layer')}"
    source = entry.get("source", INVENTORY)
    return f"{source} has {about}" + (f" ({entry['subject']})" if source == INVENTORY else "")


def placed(finding: Finding) -> str:
    """Return what a finding is about, and where that stands when it came from a file and the message does not say it."""
    unsaid = finding.place and finding.place not in finding.message
    return f"{finding.subject} at {finding.place}" if unsaid else finding.subject


def accepted(findings: Iterable[Finding]) -> list[Finding]:
    return [one for one in findings if one.accepted]


def passes(findings: Iterable[Finding]) -> list[Group]:
    return _by_rule([one for one in findings if one.verdict not in (FAIL, UNKNOWN)])


def name_subjects(subjects: Sequence[str], nodes: Container[str], limit: int = 6) -> str:
    """Name subjects in one line: `2 nodes: node1, node2`."""
    unique = list(dict.fromkeys(subjects))
    shown = ", ".join(unique[:limit]) + (f" and {len(unique) - limit} more" if len(unique) > limit else "")
    if len(unique) > 1 and all(one in nodes for one in unique):
        return f"{len(unique)} nodes: {shown}"
    return shown
