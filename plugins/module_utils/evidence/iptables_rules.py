# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A table as iptables-save and ip6tables-save print it."""

from __future__ import annotations

import shlex
from typing import Optional

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import forwarding
from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence.forwarding import Chains, Condition, Rule

BASE = "FORWARD"

_VERDICTS = {"ACCEPT": forwarding.ACCEPT, "DROP": forwarding.REFUSE, "REJECT": forwarding.REFUSE, "RETURN": forwarding.RETURN}
# Who takes the packet decides elsewhere.
_ELSEWHERE = ("NFQUEUE", "QUEUE", "STEAL")
_KINDS = {
    **dict.fromkeys(("-i", "--in-interface"), "in"),
    **dict.fromkeys(("-o", "--out-interface"), "out"),
    **dict.fromkeys(("-p", "--protocol"), "protocol"),
    **dict.fromkeys(("--ctstate", "--state"), "state"),
    "--mark": "mark",
}
_SAYS_NOTHING = ("-m", "--match", "--comment")


def parse(text: str, wanted: str) -> Chains:
    """Lines of other tables are passed over; without the table there is nothing that refuses."""
    rules: dict[str, list[Rule]] = {}
    policies = {BASE: "accept"}
    table = ""
    for line in text.splitlines():
        if line.startswith("*"):
            table = line[1:].strip()
        elif table == wanted and line.startswith(":"):
            name, policy, *_counters = [*line[1:].split(), "", ""]
            rules.setdefault(name, [])
            if name == BASE:
                policies[BASE] = policy.lower()
        elif table == wanted and line.startswith("-A ") and len(line.split()) > 1:
            rules.setdefault(line.split()[1], []).append(_rule(line))
    return Chains(rules, policies)


def _rule(line: str) -> Rule:
    try:
        words = shlex.split(line)[2:]
    except ValueError:
        return Rule((), forwarding.OTHER, line)
    conditions: list[Condition] = []
    negated = False
    while words:
        word = words.pop(0)
        if word == "!":
            negated = True
            continue
        if word in ("-j", "--jump", "-g", "--goto"):
            verdict, target = _verdict(words[0] if words else "", word in ("-g", "--goto"))
            return Rule(tuple(conditions), verdict, line, target)
        if word in _SAYS_NOTHING:
            words = words[1:]
        elif word in _KINDS and words:
            conditions.append(Condition(_KINDS[word], _values(_KINDS[word], words.pop(0)), negated))
        elif word.startswith("-"):
            conditions.append(Condition("other"))
        negated = False
    return Rule(tuple(conditions), forwarding.CONTINUE, line)


def _values(kind: str, value: str) -> tuple[str, ...]:
    if kind in ("in", "out"):
        return (value[:-1] + "*" if value.endswith("+") else value,)
    if kind == "mark":
        return ("none",) if value.partition("/")[0] in ("0x0", "0") else (value,)
    return tuple(value.lower().split(","))


def _verdict(target: str, goto: bool) -> tuple[str, str]:
    if target in _VERDICTS:
        return _VERDICTS[target], ""
    if target in _ELSEWHERE:
        return forwarding.OTHER, ""
    if goto:
        return forwarding.GOTO, target
    # A chain, or an extension like LOG, which is then a chain without rules: the packet goes on.
    return forwarding.JUMP, target


def incompatible(text: str) -> Optional[str]:
    """What iptables-save says of a table that nft has written rules into which it cannot show."""
    return next((line for line in text.splitlines() if "is incompatible, use 'nft' tool" in line), None)
