# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about the routing rules that Cilium puts into the kernel when its agent starts."""

from __future__ import annotations

from ..evidence.bundle import Evidence
from . import facts
from .facts import VERIFY, is_true, listed
from .rule import Answer, Catalogue, Fail, Pass

CATALOGUE = Catalogue("network")

CIL_040 = CATALOGUE.rule(
    "ZT-CIL-040",
    "high",
    stages=("network", "mesh"),
    title="The kernel routes to Cilium's proxy what is meant for it",
    why="Policies with toFQDNs, and all that look into a protocol, send packets through the proxy by a mark and a routing rule. "
    "systemd-networkd deletes rules that are not its own: then the node's pods lose DNS, and nothing says why.",
    remediation="Restart the Cilium agent on the node, which writes the rule when it starts; ZT-NODE-040 tells who deletes it.",
    source="https://github.com/cilium/cilium/blob/v1.20.2/pkg/proxy/routes.go",
)
_MARK, _MASK, _TABLE = 0x200, 0xF00, 2004


@CIL_040.check(each=facts.answering_nodes, moments=VERIFY)
def _to_proxy(evidence: Evidence, host: str) -> Answer:
    if not is_true(facts.cilium_config(evidence).get("enable-l7-proxy")):
        return Pass("enable-l7-proxy is false: there is no proxy")
    rules = evidence.node(host).view("routing_rules").raw
    have = {str(one["family"]) for one in rules if (one["mark"], one["mask"], one["table"]) == (_MARK, _MASK, _TABLE)}
    lost = [family for family in ("ipv4", "ipv6") if facts.family(evidence, family) and family not in have]
    said = f"fwmark {_MARK:#x}/{_MASK:#x} lookup {_TABLE}"
    return Fail(f"there is no rule {said} for {listed(lost)}") if lost else Pass(said)
