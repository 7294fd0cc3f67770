# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as text for a terminal: what is wrong first, each with its fix, then one line for each layer."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Set
from typing import Any

from ..rules.engine import FAIL, PASS, UNKNOWN, Finding, Result
from ..rules.rule import LAYERS
from . import grouping

WIDTH = 100
INDENT = 9
# Of one rule with many different faults so many are shown; the other reports have all.
_SHOWN = 8
# And so many cases are named in the message a stopped run ends with.
_NAMED = 5

# A line and what it is; the one who prints it knows a colour for that.
Line = tuple[str, str]


def lines(result: Result, bundle: Mapping[str, Any], stages: list[str], reports: Mapping[str, str]) -> list[Line]:
    """Return the report as lines."""
    nodes = set(bundle.get("desired", {}).get("nodes", {}))
    out: list[Line] = [*_head(result, bundle, stages)]
    for group in grouping.failures(result.findings):
        out += _group(group, nodes)
    for group in grouping.unknowns(result.findings):
        out += _group(group, nodes)
    out += _accepted(result)
    out += _summary(result, reports)
    return out


def plain(report: list[Line]) -> str:
    return "\n".join(text for _style, text in report)


def _head(result: Result, bundle: Mapping[str, Any], stages: list[str]) -> list[Line]:
    left = f"{bundle['cluster']} · {bundle['moment']} · {', '.join(stages)}"
    colour, said = grouping.outcome(result)
    verdict, style = said.upper(), {FAIL: "stop", UNKNOWN: "unknown", PASS: "pass"}[colour]
    return [
        ("rule", "─" * WIDTH),
        (style, f"{cut(left, WIDTH - len(verdict) - 2):<{WIDTH - len(verdict)}}{verdict}"),
        ("rule", "─" * WIDTH),
        *_notes(bundle),
    ]


def _notes(bundle: Mapping[str, Any]) -> list[Line]:
    out = [line for note in bundle.get("notes", []) for line in wrapped("dim", note)]
    return [*out, ("text", "")] if out else []


def _group(group: grouping.Group, nodes: Set[str]) -> list[Line]:
    style = {FAIL: "fail", UNKNOWN: "unknown"}[group.verdict]
    tag = group.severity if group.verdict == FAIL or len(group.ids) == 1 else ""
    ids = grouping.name_subjects(group.ids, (), limit=4)
    mark = "stops" if group.stops else ""
    label = f"{group.verdict:<{INDENT - 1}} {tag + '  ' if tag else ''}{group.title}"
    tail = f"{mark + '  ' if mark else ''}{ids if len(group.ids) == 1 else ''}"
    out: list[Line] = [(style, f"{cut(label, WIDTH - len(tail) - 1):<{WIDTH - len(tail)}}{tail}".rstrip())]
    if len(group.ids) > 1:
        out += wrapped("dim", ids)
    for case in group.cases[:_SHOWN]:
        out += wrapped("text", f"{grouping.name_subjects(case.subjects, nodes)}: {case.message}")
    if len(group.cases) > _SHOWN:
        out += wrapped("dim", f"and {len(group.cases) - _SHOWN} more like these; the report has them all")
    remedies = list(dict.fromkeys(case.remedy for case in group.cases if case.remedy))
    for remedy in remedies[:_SHOWN]:
        out += wrapped("fix", remedy, first="→ ")
    for finding in group.findings:
        if finding.expired:
            out += wrapped(
                "dim", f"accepted until {finding.expired['until']} ({grouping.reason(finding.expired)}), which has passed"
            )
            break
    out.append(("text", ""))
    return out


def _accepted(result: Result) -> list[Line]:
    out: list[Line] = []
    for finding in grouping.accepted(result.findings):
        entry = finding.accepted or {}
        room = WIDTH - INDENT - len(finding.id) - 1
        title = cut(f"{finding.title}: {grouping.placed(finding)}", room - 1)
        out.append(("accepted", f"{'accepted':<{INDENT}}{title:<{room}} {finding.id}"))
        out += wrapped("dim", f"{finding.verdict}: {finding.message}")
        out += wrapped("dim", f"until {entry.get('until')}: {grouping.reason(entry)}")
    for entry in result.unused:
        out += wrapped("dim", f"{grouping.unused(entry)}, and nothing was found for it: remove the entry")
    if out:
        out.append(("text", ""))
    return out


def _summary(result: Result, reports: Mapping[str, str]) -> list[Line]:
    counts = result.counts()
    out: list[Line] = [("head", f"{'layer':<{INDENT}}{PASS:>8}{FAIL:>8}{UNKNOWN:>10}{'accepted':>10}")]
    for layer in LAYERS:
        row = counts["layers"][layer]
        if not sum(row.values()):
            continue
        style = "fail" if row[FAIL] else "unknown" if row[UNKNOWN] else "pass"
        numbers = (_number(row[PASS], 8), _number(row[FAIL], 8), _number(row[UNKNOWN], 10), _number(row["accepted"], 10))
        out.append((style, f"{layer:<{INDENT}}{''.join(numbers)}"))
    total = f"{counts[PASS]} PASS, {counts[FAIL]} FAIL, {counts[UNKNOWN]} UNKNOWN, {counts['accepted']} accepted"
    out.append(("head", f"{'':<{INDENT}}{total}; {result.rules_run} rules"))
    stopping = sum(finding.stops for finding in result.findings)
    if stopping:
        out.append(("stop", f"{'':<{INDENT}}{stopping} of them {'stop' if stopping > 1 else 'stops'} the gate"))
    out += [("dim", f"{'':<{INDENT}}report: {path}") for path in reports.values() if path.endswith(".html")]
    out.append(("rule", "─" * WIDTH))
    return out


def message(result: Result, cluster: str, moment: str) -> str:
    """Return the one message a stopped run ends with."""
    stopping = [finding for finding in result.findings if finding.stops]
    cases: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in stopping:
        cases.setdefault((finding.id, finding.message, finding.remedy), []).append(finding)
    parts, told = [], set()
    for (rule_id, text, remedy), members in list(cases.items())[:_NAMED]:
        subjects = grouping.name_subjects([grouping.placed(one) for one in members], (), 4)
        verdict = "" if members[0].verdict == FAIL else "UNKNOWN, "
        fix = f" {remedy}" if remedy and remedy not in told else ""
        told.add(remedy)
        parts.append(f"- {rule_id} ({subjects}): {verdict}{text.rstrip('.')}.{fix}")
    if len(cases) > _NAMED:
        parts.append(f"- and {len(cases) - _NAMED} more")
    what = "1 finding stops" if len(stopping) == 1 else f"{len(stopping)} findings stop"
    change = " Nothing was changed." if moment != "verify" else ""
    return "\n".join([f"{cluster}: {what} the {moment} gate.{change}", *parts])


def _number(value: int, width: int) -> str:
    return f"{value if value else '·':>{width}}"


def wrapped(style: str, text: str, first: str = "") -> list[Line]:
    indent = " " * INDENT
    wrapped = textwrap.wrap(
        text,
        WIDTH,
        initial_indent=indent + first,
        subsequent_indent=indent + " " * len(first),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [(style, line) for line in wrapped]


def cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
