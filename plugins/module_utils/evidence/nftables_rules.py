# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One table as `nft -j list table` prints it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Optional

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import forwarding
from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence.forwarding import Chains, Condition, Rule

_META = {"iifname": "in", "iif": "in", "oifname": "out", "oif": "out", "l4proto": "protocol", "mark": "mark", "nfproto": "family"}
_VERDICTS = {"accept": forwarding.ACCEPT, "drop": forwarding.REFUSE, "reject": forwarding.REFUSE, "return": forwarding.RETURN}
_SAYS_NOTHING = ("counter", "log", "comment", "notrack")


class Unknown(Exception):
    """What nft printed is no table."""


def parse(text: str) -> Chains:
    """Its base chains at the forward hook and all that they lead to."""
    try:
        entries = json.loads(text)["nftables"]
        chains = [entry["chain"] for entry in entries if "chain" in entry]
        written = [entry["rule"] for entry in entries if "rule" in entry]
        policies = {chain["name"]: chain.get("policy", "accept") for chain in chains if chain.get("hook") == "forward"}
        rules: dict[str, list[Rule]] = {chain["name"]: [] for chain in chains}
        for rule in written:
            rules[rule["chain"]].extend(_rules(rule["expr"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Unknown(f"what nft printed is no table in JSON ({type(error).__name__})") from None
    return Chains(rules, policies)


def _rules(expressions: list[dict[str, Any]]) -> Iterator[Rule]:
    """One for a plain rule; one for each element where a map gives the verdicts."""
    conditions: list[Condition] = []
    says = _words(expressions)
    for expression in expressions:
        kind, content = _first(expression)
        if kind == "match":
            conditions.append(_condition(content["left"], content["right"], content["op"] == "!="))
        elif kind in _VERDICTS:
            yield Rule(tuple(conditions), _VERDICTS[kind], says)
            return
        elif kind in ("jump", "goto"):
            yield Rule(tuple(conditions), kind, says, content["target"])
            return
        elif kind == "vmap":
            yield from _mapped(tuple(conditions), content, says)
            return
        elif kind == "queue":
            yield Rule(tuple(conditions), forwarding.OTHER, says)
            return
        elif kind not in _SAYS_NOTHING and not _comment(expression):
            conditions.append(Condition("other"))


def _first(words: dict[str, Any]) -> tuple[str, Any]:
    for kind, content in words.items():
        return kind, content
    raise ValueError("an expression without a word")


def _comment(expression: dict[str, Any]) -> bool:
    """A comment as iptables' nft backend keeps it."""
    content = expression.get("xt")
    return isinstance(content, dict) and content.get("name") == "comment"


def _mapped(conditions: tuple[Condition, ...], content: dict[str, Any], says: str) -> Iterator[Rule]:
    data = content["data"]
    if not isinstance(data, dict):
        yield Rule(conditions, forwarding.OTHER, says)
        return
    for key, verdict in data["set"]:
        kind, target = _first(verdict)
        where = (*conditions, _condition(content["key"], key, negated=False))
        yield Rule(where, _VERDICTS.get(kind, kind), says, target["target"] if kind in ("jump", "goto") else "")


def _condition(left: dict[str, Any], right: Any, negated: bool) -> Condition:
    what, content = next(iter(left.items()))
    values = _values(right)
    if values is None:
        return Condition("other")
    if what == "meta" and content.get("key") in _META:
        kind = _META[content["key"]]
        if kind == "mark":
            values = tuple("none" if value == "0" else value for value in values)
        return Condition(kind, values, negated)
    if what == "ct" and content.get("key") == "state":
        return Condition("state", values, negated)
    if what == "ct" and content.get("key") == "status":
        return Condition("status", values, negated)
    if what == "payload" and content.get("protocol") == "ip6":
        # Its addresses are an exception among IPv6 packets, and none of IPv4's.
        return Condition("family", ("ipv6",))
    if what == "payload" and content.get("protocol") in ("udp", "icmp", "icmpv6", "sctp"):
        return Condition("protocol", (content["protocol"],))
    return Condition("other")


def _values(right: Any) -> Optional[tuple[str, ...]]:
    """None: a named set or a range, whose members this cannot see."""
    found = right.get("set") if isinstance(right, dict) else right if isinstance(right, list) else [right]
    if not isinstance(found, list) or not all(isinstance(one, (str, int)) for one in found):
        return None
    values = tuple(str(one) for one in found)
    return None if any(value.startswith("@") for value in values) else values


def _words(expressions: list[dict[str, Any]]) -> str:
    """Short, for a person: what it matches, and the verdict."""
    said = []
    for expression in expressions:
        kind, content = _first(expression)
        if kind == "match":
            what = next(iter(content["left"].values()))
            name = " ".join(str(one) for one in what.values()) if isinstance(what, dict) else str(what)
            said.append(f"{name} {'!= ' if content['op'] == '!=' else ''}{_shown(content['right'])}")
        elif kind in ("jump", "goto"):
            said.append(f"{kind} {content['target']}")
        elif kind not in ("counter", "comment"):
            said.append(kind)
    return " ".join(said)


def _shown(right: Any) -> str:
    if isinstance(right, dict) and isinstance(right.get("prefix"), dict):
        return f"{right['prefix'].get('addr')}/{right['prefix'].get('len')}"
    values = _values(right)
    return ",".join(values) if values is not None else "..."
