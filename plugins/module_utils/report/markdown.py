# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as GitHub-flavored Markdown, for a comment on a pull request: findings with their fixes first, then the layers.

It has no HTML, and what a cluster says is text in it: no link to a page, no image, no mention of a user.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from typing import Any

from ..rules.engine import FAIL, PASS, UNKNOWN, Result
from ..rules.rule import LAYERS
from . import grouping

# A comment on GitHub has at most 65536 characters; head and layers fit into the rest.
_ROOM = 60000
# Of one rule with many different faults so many are shown, and so much of what one says; the other reports have all.
_SHOWN = 8
_LENGTH = 600

_COLUMNS = (PASS, FAIL, UNKNOWN, "accepted")
_MARKS = re.compile(r"([\\`*_\[\]<>|~&#$!])")
# GFM makes links of these without any mark: https://github.github.com/gfm/#autolinks-extension-
_BARE_LINK = re.compile(r"(www|:)(?=\.|//)", re.IGNORECASE)
# GitHub tells whoever is mentioned; a word joiner, which nobody sees, keeps it from that. image@sha256 is none.
_MENTION = re.compile(r"(?<!\w)@(?=\w)")


def render(result: Result, bundle: Mapping[str, Any], stages: list[str]) -> str:
    """Return the whole comment."""
    nodes = set(bundle.get("desired", {}).get("nodes", {}))
    _colour, said = grouping.outcome(result)
    groups = [*grouping.failures(result.findings), *grouping.unknowns(result.findings)]
    parts = [f"## {_literal(bundle['cluster'])} {bundle['moment']}: {said}"]
    parts += _fitting([_group(group, nodes) for group in groups] + _accepted(result), _ROOM)
    parts += [_layers(result), f"{result.rules_run} rules of the stages {', '.join(stages)}, {_literal(bundle['collected_at'])}."]
    return "\n\n".join(parts) + "\n"


def _fitting(blocks: list[str], room: int) -> list[str]:
    """Return the blocks that fit, and a word if these are not all."""
    for number, block in enumerate(blocks):
        room -= len(block) + 2
        if room < 0:
            return [*blocks[:number], "Cut here, to fit into a comment; the other reports have the rest."]
    return blocks


def _group(group: grouping.Group, nodes: Set[str]) -> str:
    single = len(group.ids) == 1
    tag = f"{group.verdict} {group.severity}" if single else group.verdict
    stops = ", stops the gate" if group.stops else ""
    lines = [f"### {tag}: {_literal(group.title)} ({grouping.name_subjects(group.ids, ())}){stops}", ""]
    for case in group.cases[:_SHOWN]:
        subjects = grouping.name_subjects(case.subjects, nodes)
        lines.append(f"- **{_literal(subjects)}**: {_literal(case.message)}")
    if len(group.cases) > _SHOWN:
        lines.append(f"- and {len(group.cases) - _SHOWN} more like these; the other reports have them all")
    remedies = list(dict.fromkeys(case.remedy for case in group.cases if case.remedy))
    lines += [f"- Fix: {_literal(remedy)}" for remedy in remedies[:_SHOWN]]
    expired = next((finding.expired for finding in group.findings if finding.expired), None)
    if expired:
        lines.append(f"- Accepted until {expired['until']} ({_literal(grouping.reason(expired))}), which has passed")
    return "\n".join(lines)


def _accepted(result: Result) -> list[str]:
    rows = []
    for finding in grouping.accepted(result.findings):
        entry = finding.accepted or {}
        cells = (
            finding.id,
            grouping.placed(finding),
            f"{finding.verdict}: {finding.message}",
            grouping.reason(entry),
            entry["until"],
        )
        rows.append(f"| {' | '.join(_literal(cell) for cell in cells)} |")
    blocks = ["\n".join(["### Accepted", "", "| rule | subject | finding | reason | until |", "|---|---|---|---|---|", *rows])]
    notes = [f"{_literal(grouping.unused(entry))}, and nothing was found for it: remove the entry." for entry in result.unused]
    return (blocks if rows else []) + notes


def _layers(result: Result) -> str:
    layers = result.counts()["layers"]
    rows = [
        f"| {layer} | {' | '.join(str(layers[layer][column] or '·') for column in _COLUMNS)} |"
        for layer in LAYERS
        if sum(layers[layer].values())
    ]
    return "\n".join([f"| layer | {' | '.join(_COLUMNS)} |", "|---|--:|--:|--:|--:|", *rows])


def _literal(text: object) -> str:
    """Return what renders as this text, in one line."""
    line = "".join(one if one.isprintable() else "\ufffd" for one in " ".join(str(text).split()))
    line = line if len(line) <= _LENGTH else line[: _LENGTH - 1] + "…"
    return _MENTION.sub("@\u2060", _BARE_LINK.sub(r"\1\\", _MARKS.sub(r"\\\1", line)))
