# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about the node's firewall."""

from __future__ import annotations

from ..evidence.bundle import Evidence
from . import facts
from .facts import listed
from .rule import Answer, Catalogue, Fail, Pass

CATALOGUE = Catalogue("node")

_ISSUE = "https://github.com/cilium/cilium/issues/16644"

NODE_051 = CATALOGUE.rule(
    "ZT-NODE-051",
    "blocker",
    stages=("node", "network"),
    title="One firewall rules the node",
    why="firewalld and ufw each take the whole packet filter for theirs: what one opens the other closes, and a reload of either "
    "undoes the other.",
    remediation="Turn one of them off: systemctl disable --now firewalld, or: ufw disable",
    source="https://firewalld.org/documentation/concepts.html",
)


@NODE_051.check(each=facts.answering_nodes)
def _one_firewall(evidence: Evidence, host: str) -> Answer:
    managers = evidence.node(host).view("firewall").view("managers").raw
    if len(managers) > 1:
        return Fail(f"{' and '.join(managers)} are both on")
    return Pass(f"{managers[0]} alone" if managers else "neither firewalld nor ufw is on")


NODE_052 = CATALOGUE.rule(
    "ZT-NODE-052",
    "high",
    stages=("node", "network"),
    title="A reload of the firewall leaves Cilium's rules alone",
    why="Cilium writes its rules when its agent starts and does not look at them again. A reload that empties the whole packet "
    "filter cuts pods off until somebody restarts the agent.",
    remediation="In /etc/firewalld/firewalld.conf set FlushAllOnReload=no; in /etc/nftables.conf replace 'flush ruleset' by "
    "'delete table' for the site's own tables.",
    source=_ISSUE,
)


@NODE_052.check(each=facts.answering_nodes)
def _flushes(evidence: Evidence, host: str) -> Answer:
    flushes = evidence.node(host).view("firewall").view("flushes").raw
    return Fail(f"{listed(flushes)}") if flushes else Pass("nothing that is enabled flushes all rules")


NODE_053 = CATALOGUE.rule(
    "ZT-NODE-053",
    "medium",
    stages=("node", "network"),
    title="No change of the firewall waits for its confirmation",
    why="An earlier run changed the firewall and could not come back in. Its timer takes the change back; until then, or where "
    "the timer was lost, the rules in force are not those of the inventory.",
    remediation="Wait a minute and run again; the next run of the node stage takes the change back first.",
    source="docs/evidence.md",
)


@NODE_053.check(each=facts.answering_nodes)
def _waiting(evidence: Evidence, host: str) -> Answer:
    firewall = evidence.node(host).view("firewall")
    if firewall["waiting"]:
        return Fail("a change waits in /var/lib/zerotrust/firewall-pending.json")
    return Pass(f"{firewall['zerotrust']}, confirmed" if firewall["zerotrust"] else "none of ours")
