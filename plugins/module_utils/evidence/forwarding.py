# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a base chain at the forward hook lets pods' packets through, found by walking it with one packet.

The packet is the first of a TCP connection, unmarked. What a rule asks of it beyond links, protocol, state and mark (addresses,
ports, sets, rates) nobody can tell from the rules alone. A rule that accepts some packets may be the one that accepts pods': both
ways are followed. One that refuses some is an exception that somebody made, and is passed over.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Optional

PASSES, REFUSED, UNCLEAR = "passes", "refused", "unclear"
ACCEPT, REFUSE, RETURN, JUMP, GOTO, OTHER, CONTINUE = "accept", "refuse", "return", "jump", "goto", "other", "continue"
_FALLS_THROUGH = ""

# What is true of the packet, whichever way it goes.
_PACKET = {"family": "ipv4", "protocol": "tcp", "state": "new", "status": "none", "mark": "none"}


class Condition(NamedTuple):
    """`kind`: in, out, a key of the packet, or other. `values`: one of them has to fit; a link's may be a pattern."""

    kind: str
    values: tuple[str, ...] = ()
    negated: bool = False

    def fits(self, packet: Mapping[str, str]) -> Optional[bool]:
        """None: it may or may not."""
        if self.kind not in packet:
            return None
        found = any(fnmatch.fnmatchcase(packet[self.kind], value) for value in self.values)
        return found != self.negated


class Rule(NamedTuple):
    """`says`: as a person knows it. `target`: the chain, for JUMP and GOTO."""

    conditions: tuple[Condition, ...]
    verdict: str
    says: str
    target: str = ""

    def matches(self, packet: Mapping[str, str]) -> Optional[bool]:
        each = [condition.fits(packet) for condition in self.conditions]
        if False in each:
            return False
        return None if None in each else True


class Chains(NamedTuple):
    """Those of one table. `policies`: of its base chains at the forward hook, accept or drop."""

    rules: Mapping[str, Sequence[Rule]]
    policies: Mapping[str, str]


class Outcome(NamedTuple):
    way: str
    verdict: str
    by: str


def outcomes(chains: Chains, base: str, uplink: Optional[str]) -> list[Outcome]:
    """What becomes of a packet in this base chain, for each way; `by`: the rule that refuses, or that might accept.

    With Cilium's legacy host routing it goes out of a pod by the pod's link, and into a pod by cilium_host.
    """
    ways = {"from pods": {"in": "lxc0", "out": uplink}, "to pods": {"in": uplink, "out": "cilium_host"}}
    found = []
    for way, links in ways.items():
        packet = {**_PACKET, **{key: name for key, name in links.items() if name is not None}}
        ends = _walk(chains, base, packet, {})
        if _FALLS_THROUGH in ends:
            policy = chains.policies[base]
            ends = {**ends, (ACCEPT if policy == "accept" else REFUSE): f"policy {policy}"}
        if REFUSE not in ends and OTHER not in ends:
            found.append(Outcome(way, PASSES, ""))
        elif ACCEPT in ends or OTHER in ends:
            found.append(Outcome(way, UNCLEAR, ends.get(ACCEPT) or ends[OTHER]))
        else:
            found.append(Outcome(way, REFUSED, ends[REFUSE]))
    return found


def _walk(chains: Chains, name: str, packet: Mapping[str, str], known: dict[str, dict[str, str]]) -> dict[str, str]:
    """Every end the packet may come to, with the first rule that brings it there."""
    if name in known:
        return known[name]
    known[name] = {_FALLS_THROUGH: ""}  # a loop ends here; the kernel allows none
    ends: dict[str, str] = {}
    for rule in chains.rules.get(name, ()):
        matches = rule.matches(packet)
        if matches is False or rule.verdict == CONTINUE:
            continue
        reached = {rule.verdict: rule.says}
        if rule.verdict == RETURN:
            reached = {_FALLS_THROUGH: rule.says}
        elif rule.verdict in (JUMP, GOTO):
            reached = dict(_walk(chains, rule.target, packet, known))
        if matches is None:
            reached = {end: says for end, says in reached.items() if end not in (REFUSE, OTHER)}
        goes_on = matches is None or (rule.verdict == JUMP and _FALLS_THROUGH in reached)
        if rule.verdict == JUMP:
            reached.pop(_FALLS_THROUGH, None)
        ends = {**reached, **ends}
        if not goes_on:
            break
    else:
        ends.setdefault(_FALLS_THROUGH, "")
    known[name] = ends
    return ends
