# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as one HTML file: no network, readable without its script and on a phone, in light and dark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from html import escape
from typing import Any

from ..rules.engine import FAIL, PASS, UNKNOWN, Finding, Result
from ..rules.rule import LAYERS, SEVERITIES
from . import grouping, html_matrix, html_script

# So many subjects of one case are listed; the JSON report has all.
_LISTED = 100

_STYLE = """
:root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--ink:#1a2230;--dim:#5b6675;--line:#dfe3e9;--code:#f0f2f5;
--fail:#b3261e;--failbg:#fdecea;--unknown:#8a5a00;--unknownbg:#fff4dc;--pass:#1b6e3c;--passbg:#e5f5ea;--ok:#2f5fb3;--okbg:#e8effb}
@media (prefers-color-scheme:dark){:root{--bg:#11151b;--card:#1a2029;--ink:#e4e8ee;--dim:#9aa5b4;--line:#2e3744;--code:#232b36;
--fail:#ff8a80;--failbg:#3b1d1d;--unknown:#f2c14e;--unknownbg:#352a12;--pass:#7bd69b;--passbg:#16301f;--ok:#8fb4ff;--okbg:#1a2740}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
.page{max-width:60rem;margin:0 auto;padding:1rem}
h1{font-size:1.35rem;margin:0;overflow-wrap:anywhere}
h2{font-size:1rem;margin:2rem 0 .5rem;color:var(--dim);text-transform:uppercase;letter-spacing:.06em}
p{margin:.4rem 0}
.dim{color:var(--dim)}
.banner{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:center;justify-content:space-between;padding:1rem;
background:var(--card);border:1px solid var(--line);border-left:.5rem solid var(--c);border-radius:.6rem}
.verdict{font-weight:700;color:var(--c);background:var(--cb);padding:.3rem .8rem;border-radius:1rem;white-space:nowrap}
.FAIL{--c:var(--fail);--cb:var(--failbg)}
.UNKNOWN{--c:var(--unknown);--cb:var(--unknownbg)}
.PASS{--c:var(--pass);--cb:var(--passbg)}
.accepted{--c:var(--ok);--cb:var(--okbg)}
table{width:100%;border-collapse:collapse;font-variant-numeric:tabular-nums;table-layout:fixed;
background:var(--card);border:1px solid var(--line);border-radius:.6rem;overflow:hidden}
th,td{padding:.45rem .6rem;text-align:right;border-top:1px solid var(--line)}
th:first-child,td:first-child{text-align:left}
thead th{border-top:0;color:var(--dim);font-weight:600;font-size:.82rem}
td b{color:var(--c)}
input.filter{position:absolute;opacity:0;pointer-events:none}
.filters{display:flex;flex-wrap:wrap;gap:.5rem;margin:1.2rem 0 .2rem;padding:.5rem 0;
position:sticky;top:0;background:var(--bg);z-index:1}
.filters label{border:1px solid var(--line);background:var(--card);border-radius:1.2rem;padding:.35rem .9rem;cursor:pointer}
FILTERS
details.finding{margin:.6rem 0;
background:var(--card);border:1px solid var(--line);border-left:.35rem solid var(--c);border-radius:.5rem}
details.finding>summary{list-style:none;cursor:pointer;padding:.7rem .9rem}
details.finding>summary::-webkit-details-marker{display:none}
summary .row{display:flex;flex-wrap:wrap;gap:.3rem .6rem;align-items:baseline}
summary .title{font-weight:600;flex:1 1 14rem}
.tag{font-size:.78rem;font-weight:700;white-space:nowrap;
color:var(--c);background:var(--cb);border-radius:.8rem;padding:.1rem .6rem}
.id{font:.82rem ui-monospace,Menlo,Consolas,monospace;color:var(--dim);overflow-wrap:anywhere}
.case{margin:.35rem 0 0;overflow-wrap:anywhere}
.fix{margin:.35rem 0 0;padding:.45rem .7rem;background:var(--code);border-radius:.4rem;overflow-wrap:anywhere}
.fix b{color:var(--dim);font-weight:600}
.body{padding:0 .9rem .8rem;border-top:1px solid var(--line)}
.more{color:var(--dim);font-size:.82rem;margin:.35rem 0 0}
details[open] .more{display:none}
.evidence{overflow-x:auto}
@media (max-width:40rem){summary .title{flex-basis:100%}
table{table-layout:auto}th,td{padding:.4rem .35rem}thead th{font-size:.75rem}}
.evidence table{table-layout:auto;border:0;font-size:.86rem;border-radius:0}
.evidence td{text-align:left;vertical-align:top;overflow-wrap:anywhere;min-width:8rem}
.evidence td:first-child{font-family:ui-monospace,Menlo,Consolas,monospace;color:var(--dim)}
a{color:var(--ok);overflow-wrap:anywhere}
footer{margin:2rem 0 1rem;color:var(--dim);font-size:.86rem}
.tools{display:flex;flex-wrap:wrap;gap:.5rem;align-items:center;margin:1.2rem 0 0}
.tools[hidden]{display:none}
.tools input,.tools select{font:inherit;color:var(--ink);background:var(--card);border:1px solid var(--line);border-radius:.5rem;
padding:.35rem .6rem;max-width:100%}
.tools input{flex:1 1 16rem;min-width:0}
.anchor{position:relative;top:-4rem}
@media print{.filters,.tools,.more{display:none}details.finding{break-inside:avoid}}
"""

_POLICY = f"default-src 'none'; style-src 'unsafe-inline'; script-src '{html_script.DIGEST}'"

# Filters without script: each radio button, when chosen, hides the sections that are not its own.
_FILTERS = {"all": "", "fail": FAIL, "unknown": UNKNOWN, "accepted": "accepted", "pass": PASS}


def _filter_style() -> str:
    rules = []
    for key, section in _FILTERS.items():
        label = f"~.filters label[for=f-{key}]"
        rules.append(f"#f-{key}:focus-visible{label}{{outline:3px solid var(--ok)}}")
        rules.append(f"#f-{key}:checked{label}{{background:var(--ink);color:var(--bg);border-color:var(--ink)}}")
        if section:
            rules.append(f"#f-{key}:checked~main section:not(.{section}){{display:none}}")
    return "\n".join(rules)


def render(result: Result, bundle: Mapping[str, Any], stages: Sequence[str]) -> str:
    """Return the whole file."""
    counts = result.counts()
    nodes = set(bundle.get("desired", {}).get("nodes", {}))
    state, said = grouping.outcome(result)
    # The rules that a link leads to already: it leads to the worst of each.
    linked: set[str] = set()
    wrong = [_group(group, nodes, linked) for group in grouping.failures(result.findings)]
    unseen = [_group(group, nodes, linked) for group in grouping.unknowns(result.findings)]
    accepted = [_accepted(one, linked) for one in grouping.accepted(result.findings)]
    well = [_group(group, nodes, linked) for group in grouping.passes(result.findings)]
    sections = [
        _section(FAIL, "What is wrong", wrong),
        _section(UNKNOWN, "What could not be seen", unseen),
        _section("accepted", "What is accepted", accepted),
        _section(PASS, "What is as it should be", well),
    ]
    shown = {
        key: counts[section] if section else sum(counts[one] for one in _FILTERS.values() if one)
        for key, section in _FILTERS.items()
    }
    inputs = "".join(
        f'<input class="filter" type="radio" name="filter" id="f-{key}"{" checked" if key == "all" else ""}>' for key in _FILTERS
    )
    labels = "".join(f'<label for="f-{key}">{escape(section or "All")} {shown[key]}</label>' for key, section in _FILTERS.items())
    style = _STYLE.replace("FILTERS", _filter_style()) + html_matrix.STYLE
    matrix = html_matrix.render(result.findings, bundle.get("desired", {}).get("nodes", {}))
    read = "".join(f"<p class=dim>{_e(note)}</p>" for note in bundle.get("notes", []))
    notes = "".join(f"<p class=dim>{_e(grouping.unused(entry))}, and nothing was found for it.</p>" for entry in result.unused)
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="referrer" content="no-referrer">
<title>{_e(bundle["cluster"])}: {_e(bundle["moment"])}, {_e(said)}</title>
<style>{style}</style></head>
<body data-nodes="{_e(" ".join(sorted(nodes)))}"><div class="page">
<header class="banner {state}"><div><h1>{_e(bundle["cluster"])}</h1>
<p class="dim">{_e(bundle["moment"])} of {_e(", ".join(stages))} · {_e(_time(str(bundle["collected_at"])))}</p></div>
<span class="verdict">{_e(said)}</span></header>
{read}
<h2>By layer</h2>{_layers(counts)}
{matrix}
<div class="tools" id="tools" role="search" hidden>
<input type="search" id="search" placeholder="Search: a node, an id, a word" aria-label="Search">
{_choice("layer", LAYERS)}{_choice("severity", SEVERITIES)}<span class="dim" id="told" role="status"></span></div>
{inputs}<nav class="filters" aria-label="Show">{labels}</nav>
<main>{"".join(sections)}{notes}</main>
<footer>{result.rules_run} rules of zerotrust.baremetal. What was not seen is UNKNOWN and never PASS.
The evidence is beside this file.</footer>
</div><script>{html_script.SCRIPT}</script></body></html>
"""


def _layers(counts: Mapping[str, Any]) -> str:
    rows = []
    for layer in LAYERS:
        row = counts["layers"][layer]
        if sum(row.values()):
            cells = "".join(
                f'<td class="{key}">{f"<b>{row[key]}</b>" if row[key] else "·"}</td>' for key in (PASS, FAIL, UNKNOWN, "accepted")
            )
            rows.append(f"<tr><td>{layer}</td>{cells}</tr>")
    head = "".join(f"<th>{key}</th>" for key in (PASS, FAIL, UNKNOWN, "accepted"))
    return f"<table><thead><tr><th>layer</th>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _choice(name: str, values: Sequence[str]) -> str:
    options = "".join(f'<option value="{one}">{one}</option>' for one in values)
    return f'<select id="{name}" aria-label="{name}"><option value="">any {name}</option>{options}</select>'


def _section(kind: str, title: str, parts: Sequence[str]) -> str:
    return f'<section class="{kind}"><h2>{escape(title)}</h2>{"".join(parts)}</section>' if parts else ""


def _group(group: grouping.Group, nodes: Set[str], linked: set[str]) -> str:
    opened = group.verdict != PASS
    cases = "".join(
        f'<p class="case"><b>{_e(grouping.name_subjects(case.subjects, nodes, 8))}</b>: {_e(case.message)}</p>'
        for case in group.cases[: _LISTED if opened else 3]
    )
    fixes = "".join(
        f'<p class="fix"><b>Fix</b> {_e(remedy)}</p>'
        for remedy in dict.fromkeys(case.remedy for case in group.cases if case.remedy)
    )
    tag = group.severity if group.verdict != PASS else f"{PASS} {len(group.findings)}"
    stops = '<span class="tag">stops the gate</span>' if group.stops else ""
    row = (
        f'<span class="row"><span class="tag">{_e(tag)}</span>{stops}<span class="title">{_e(group.title)}</span>'
        f'<span class="id">{_e(", ".join(group.ids))}</span></span>'
    )
    first, single = group.first, len(group.ids) == 1
    source = f'<p class="dim">Source: {_link(first.source)}</p>' if single else ""
    why = f"<p>{_e(first.why)}</p>" if single else ""
    body = f"{'' if opened else cases}{why}{_evidence(group.findings)}{source}"
    return _details(group.verdict, f"{row}{cases if opened else ''}{fixes}", body, group.findings, nodes, linked)


def _accepted(finding: Finding, linked: set[str]) -> str:
    entry = finding.accepted or {}
    summary = (
        f'<span class="row"><span class="tag">until {_e(entry.get("until", ""))}</span>'
        f'<span class="title">{_e(finding.title)}</span><span class="id">{_e(finding.id)}</span></span>'
        f'<p class="case"><b>{_e(grouping.placed(finding))}</b>: {_e(finding.message)}</p>'
        f'<p class="fix"><b>Accepted</b> {_e(grouping.reason(entry))}</p>'
    )
    return _details("accepted", summary, f"<p>{_e(finding.why)}</p>{_evidence([finding])}", [finding], set(), linked)


def _details(kind: str, summary: str, body: str, findings: Sequence[Finding], nodes: Set[str], linked: set[str]) -> str:
    ids = [one for one in dict.fromkeys(finding.id for finding in findings) if one not in linked]
    linked.update(ids)
    anchors = "".join(f'<span class="anchor" id="r-{one}"></span>' for one in ids)
    layers = " ".join(dict.fromkeys(finding.layer for finding in findings))
    return (
        f'<details class="finding {kind}" data-layers="{layers}" data-severity="{findings[0].severity}"'
        f"{_searched(findings, nodes)}>"
        f'<summary>{anchors}{summary}<p class="more">why, evidence ▾</p></summary><div class="body">{body}</div></details>'
    )


def _searched(findings: Sequence[Finding], nodes: Set[str]) -> str:
    """Return what is searched besides what is shown: all subjects. Where these are all nodes, they stand once in the page."""
    subjects = dict.fromkeys(finding.subject for finding in findings)
    every = len(nodes) > 1 and nodes <= subjects.keys()
    names = [one for one in subjects if not (every and one in nodes)]
    named = f' data-subjects="{_e(" ".join(names))}"' if len(names) > 1 else ""
    return named + (" data-all" if every else "")


def _evidence(findings: Sequence[Finding]) -> str:
    rows = []
    for finding in findings[:_LISTED]:
        if finding.missing:
            rows.append(f"<tr><td>{_e(finding.missing)}</td><td>missing: {_e(finding.message)}</td></tr>")
        rows += [f"<tr><td>{_e(one['path'])}</td><td>{_e(one['value'])}</td></tr>" for one in finding.seen]
    more = (
        f"<p class=dim>and {len(findings) - _LISTED} more subjects; the JSON report has them all</p>"
        if len(findings) > _LISTED
        else ""
    )
    unique = list(dict.fromkeys(rows))
    return f'<div class="evidence"><table><tbody>{"".join(unique)}</tbody></table></div>{more}' if unique else more


def _link(source: str) -> str:
    if source.startswith("https://"):
        return f'<a href="{_e(source)}" rel="noreferrer">{_e(source)}</a>'
    return _e(source)


def _time(text: str) -> str:
    return text.replace("T", " ").replace("Z", " UTC")


def _e(value: Any) -> str:
    return escape(str(value), quote=True)
