# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about the nodes' clocks."""

from __future__ import annotations

from ..evidence.bundle import Evidence, Missing
from . import facts
from .facts import listed
from .rule import Answer, Catalogue, Fail, Pass

CATALOGUE = Catalogue("node")


NODE_023 = CATALOGUE.rule(
    "ZT-NODE-023",
    "medium",
    stages=("node", "mesh"),
    title="The node's clock is right",
    why="Certificates live for hours. A clock that is off makes valid ones invalid, and handshakes look old.",
    remediation="Start chrony or systemd-timesyncd on the node.",
    source="https://kubernetes.io/docs/setup/best-practices/certificates/",
)


@NODE_023.check(each=facts.answering_nodes)
def _clock(evidence: Evidence, host: str) -> Answer:
    clock = evidence.node(host).view("clock")
    synchronized = clock["synchronized"]
    if synchronized is None:
        raise clock.missing("synchronized")
    if synchronized:
        return Pass("synchronized")
    keepers = [str(name) for name in clock.view("kept_by")] if "kept_by" in clock else []
    if keepers:
        return Fail(
            f"{listed(keepers)} runs, and the kernel says that the clock is not kept right",
            "See whether it reaches its servers: chronyc sources, timedatectl timesync-status or ntpq -p.",
        )
    return Fail("the kernel says that nothing keeps its clock right")


NODE_028 = CATALOGUE.rule(
    "ZT-NODE-028",
    "medium",
    stages=("node", "mesh"),
    title="The node's clock goes with the others",
    why="Nodes whose clocks differ take each other's fresh certificates and tokens for not yet valid, and nobody can put "
    "their logs in order.",
    remediation="Let every node and the controller take their time from the same servers, and set this one's once: chronyc "
    "makestep, or systemctl restart systemd-timesyncd.",
    source="https://kubernetes.io/docs/setup/best-practices/certificates/",
)

# etcd warns of members from one second on; half of the uncertainty of an ordinary connection is left to either side.
_SECONDS = 2.0


@NODE_028.check(each=facts.answering_nodes)
def _offset(evidence: Evidence, host: str) -> Answer:
    clock = evidence.node(host).view("clock")
    offset, unsure = float(clock["offset_s"]), float(clock["offset_uncertainty_s"])
    said = f"{abs(offset):.1f} s {'ahead of' if offset > 0 else 'behind'} the controller, give or take {unsure:.1f} s"
    if abs(offset) - unsure > _SECONDS:
        alike = all(_like(evidence, other, offset, unsure) for other in facts.answering_nodes(evidence))
        return Fail(f"{said}; so is every other node: look at the controller's clock first" if alike else said)
    if abs(offset) + unsure > _SECONDS:
        raise Missing(".".join((*clock.path, "offset_s")), f"the node took too long to answer to tell: {said}")
    return Pass(said)


def _like(evidence: Evidence, host: str, offset: float, unsure: float) -> bool:
    clock = evidence.node(host).view("clock")
    if "offset_s" not in clock or len(facts.answering_nodes(evidence)) < 2:
        return False
    return abs(float(clock["offset_s"]) - offset) <= _SECONDS + unsure + float(clock["offset_uncertainty_s"])
