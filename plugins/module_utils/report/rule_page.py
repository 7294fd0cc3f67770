# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rule says of itself: a page for a terminal, and the parts that docs/rules.md is made from."""

from __future__ import annotations

import difflib
import textwrap
from collections.abc import Iterable, Sequence
from typing import Any

from ..rules.rule import Rule
from .text import INDENT, WIDTH, Line, wrapped

# So many ids are offered for one that does not exist.
_OFFERED = 3


class UnknownRule(ValueError):
    """There is no such rule; the message names the closest ids."""


def find(ids: Iterable[str], rules: Sequence[Rule]) -> list[Rule]:
    """Return the rules of these ids, in this order and each once. Upper and lower case are the same."""
    by_id = {rule.id: rule for rule in rules}
    asked = list(dict.fromkeys(one.strip().upper() for one in ids if one.strip()))
    unknown = [_unknown(one, list(by_id)) for one in asked if one not in by_id]
    if unknown:
        raise UnknownRule(" ".join([*unknown, "explain without an id lists all rules."]))
    return [by_id[one] for one in asked]


def _unknown(rule_id: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(rule_id, known, _OFFERED)
    return f"There is no rule {rule_id}." + (f" Did you mean {' or '.join(close)}?" if close else "")


def about(rule: Rule) -> str:
    """Return how much it weighs and when it is asked: `blocker · verify · stages mesh`."""
    versions = "" if rule.versions == "all" else f" · {rule.versions}"
    return f"{rule.severity} · {', '.join(rule.moments)} · stages {', '.join(rule.stages)}{versions}"


def data(rule: Rule) -> dict[str, Any]:
    """Return the page as data."""
    return {
        "id": rule.id,
        "severity": rule.severity,
        "layer": rule.layer,
        "stages": list(rule.stages),
        "moments": list(rule.moments),
        "versions": rule.versions,
        "title": rule.title,
        "why": rule.why,
        "remediation": rule.remediation,
        "source": rule.source,
    }


def lines(rules: Iterable[Rule]) -> list[Line]:
    """Return the pages of these rules, one below the other."""
    out: list[Line] = []
    for rule in rules:
        out += [
            ("rule", "─" * WIDTH),
            ("head", f"{rule.id:<13}{rule.title}"),
            ("rule", "─" * WIDTH),
            *_part("rule", "text", f"layer {rule.layer} · {about(rule)}"),
            *_part("why", "text", rule.why),
            *_part("fix", "fix", rule.remediation),
            *_part("source", "dim", rule.source),
            ("text", ""),
        ]
    return out


def _part(label: str, style: str, text: str) -> list[Line]:
    (_style, first), *rest = wrapped(style, text)
    return [(style, f"{label:<{INDENT}}{first[INDENT:]}"), *rest]


def index(rules: Sequence[Rule]) -> list[Line]:
    """Return one line for each rule: id, severity, layer, title."""
    out: list[Line] = [("head", f"{'id':<13}{'severity':<10}{'layer':<9}demand"), ("rule", "─" * WIDTH)]
    for rule in rules:
        row = textwrap.wrap(
            rule.title, WIDTH, initial_indent=f"{rule.id:<13}{rule.severity:<10}{rule.layer:<9}", subsequent_indent=" " * 32
        )
        out += [("text", line) for line in row]
    out += [("rule", "─" * WIDTH), ("head", f"{len(rules)} rules")]
    return out
