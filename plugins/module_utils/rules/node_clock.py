# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about the nodes' clocks."""

from __future__ import annotations

from ..evidence.bundle import Evidence
from . import facts
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
    return Pass("synchronized") if synchronized else Fail("the kernel says that nothing keeps its clock right")
