# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTML report's table of nodes and rules: nodes that fare alike are one row, rules that tell no nodes apart a list."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from html import escape

from ..rules.engine import FAIL, PASS, UNKNOWN, Finding
from . import grouping

STYLE = """
.matrix{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:.6rem;max-height:80vh}
.matrix table{width:auto;min-width:0;border:0;border-radius:0;table-layout:auto;overflow:visible}
.matrix th,.matrix td{text-align:center;padding:.25rem .35rem}
.matrix thead th{vertical-align:bottom;position:sticky;top:0;background:var(--card);z-index:1}
.matrix thead th a{writing-mode:vertical-rl;transform:rotate(180deg);font:.78rem ui-monospace,Menlo,Consolas,monospace}
.matrix tbody th{font-weight:400;text-align:left;position:sticky;left:0;background:var(--card);min-width:9rem;max-width:16rem;
overflow-wrap:anywhere;font-size:.86rem;border-right:1px solid var(--line)}
.matrix thead th:first-child{left:0;z-index:2}
.matrix td a{display:block;min-width:1.5rem;font-weight:700;text-decoration:none;
color:var(--c);background:var(--cb);border-radius:.3rem}
.matrix td a:focus-visible{outline:2px solid var(--ok)}
.matrix summary{cursor:pointer}
.alike{margin:.5rem 0}
"""

# What a cell shows: a letter too, for who tells no colours apart.
_SIGNS = {FAIL: "F", UNKNOWN: "?", "accepted": "a", PASS: "✓"}
_WORST_FIRST = tuple(_SIGNS)
# So many rows are shown, and so many names before one has to ask for the others.
_ROWS = 500
_NAMED = 3


def render(findings: Iterable[Finding], nodes: Collection[str]) -> str:
    """Return the table, or nothing where there are no two nodes to tell apart."""
    if len(nodes) < 2:
        return ""
    rules, fared = _by_node(findings, nodes)
    # A rule that says nothing of a node, for one that did not answer, does not tell it apart.
    said = {rule: {one[rule] for one in fared.values() if rule in one} for rule in rules}
    different = [rule for rule in rules if len(said[rule]) > 1]
    alike = {rule: next(iter(said[rule])) for rule in rules if len(said[rule]) == 1}
    body = _table(rules, different, fared) if different else ""
    return (
        f'<section class="nodes"><h2>Node by node</h2>'
        f'<p class="dim">{len(nodes)} nodes; {len(different)} of {len(rules)} rules end differently on them. '
        f"F is FAIL, ? UNKNOWN, a accepted, ✓ PASS, · not asked.</p>{body}{_alike(rules, alike)}</section>"
    )


def _by_node(findings: Iterable[Finding], nodes: Collection[str]) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Return the title of each rule that is about nodes, and for each node how it fares with them: the worst counts."""
    rules: dict[str, str] = {}
    fared: dict[str, dict[str, str]] = {node: {} for node in nodes}
    for finding in findings:
        if finding.subject in fared:
            rules.setdefault(finding.id, finding.title)
            node, said = fared[finding.subject], "accepted" if finding.accepted else finding.verdict
            node[finding.id] = min(said, node.get(finding.id, said), key=_WORST_FIRST.index)
    return rules, fared


def _table(rules: Mapping[str, str], different: Sequence[str], fared: Mapping[str, Mapping[str, str]]) -> str:
    groups: dict[tuple[str, ...], list[str]] = {}
    for node, verdicts in fared.items():
        groups.setdefault(tuple(verdicts.get(rule, "") for rule in different), []).append(node)
    # Who fares worst first: most FAIL, then most UNKNOWN.
    ordered = sorted(groups.items(), key=lambda group: tuple(-group[0].count(one) for one in _WORST_FIRST[:3]))
    head = "".join(f'<th><a href="#r-{rule}" title="{_e(rules[rule])}">{rule}</a></th>' for rule in different)
    rows = "".join(_row(different, rules, verdicts, names) for verdicts, names in ordered[:_ROWS])
    more = len(ordered) - _ROWS
    rest = f"<p class=dim>and {more} more rows, which fare better; the JSON report has them all</p>" if more > 0 else ""
    head = f"<thead><tr><th>node</th>{head}</tr></thead>"
    return f'<div class="matrix" tabindex="0"><table>{head}<tbody>{rows}</tbody></table></div>{rest}'


def _row(different: Sequence[str], rules: Mapping[str, str], verdicts: Sequence[str], names: Sequence[str]) -> str:
    cells = "".join(
        f'<td class="{verdict}"><a href="#r-{rule}" title="{rule} {verdict}: {_e(rules[rule])}">{_SIGNS[verdict]}</a></td>'
        if verdict
        else "<td>·</td>"
        for rule, verdict in zip(different, verdicts)
    )
    shown = _e(grouping.name_subjects(names, (), _NAMED))
    if len(names) > _NAMED:
        shown = f"<details><summary><b>{len(names)} nodes</b>: {shown}</summary>{_e(', '.join(names))}</details>"
    return f"<tr><th>{shown}</th>{cells}</tr>"


def _alike(rules: Mapping[str, str], alike: Mapping[str, str]) -> str:
    if not alike:
        return ""
    by_verdict = sorted(alike, key=lambda rule: _WORST_FIRST.index(alike[rule]))
    entries = "".join(
        f'<li class="{alike[rule]}"><span class="tag">{alike[rule]}</span> <a href="#r-{rule}">{rule}</a> {_e(rules[rule])}</li>'
        for rule in by_verdict
    )
    return f'<details class="alike"><summary>{len(alike)} rules end alike on all nodes</summary><ul>{entries}</ul></details>'


def _e(text: str) -> str:
    return escape(text, quote=True)
