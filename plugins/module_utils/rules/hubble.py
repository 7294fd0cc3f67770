# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about what Hubble shows."""

from __future__ import annotations

from ..evidence.bundle import Evidence, View
from . import facts
from .facts import PREFLIGHT, is_true
from .rule import Answer, Catalogue, Fail, Pass

CATALOGUE = Catalogue("network")

CIL_042 = CATALOGUE.rule(
    "ZT-CIL-042",
    "low",
    stages=("network",),
    title="Hubble's metrics are asked for where Hubble reads them",
    why="prometheus.enabled switches on the metrics of Cilium's agent (port 9962 of every node) and none of Hubble's: these have "
    "a listener of their own (port 9965) that hubble.metrics.enabled starts.",
    remediation="Write hubble: {metrics: {enabled: [dns, drop, tcp, flow, icmp, httpV2]}}, and leave prometheus.enabled out "
    "unless something scrapes the agents.",
    source="https://docs.cilium.io/en/stable/observability/metrics/",
)


@CIL_042.check(each=facts.planned("cilium"), moments=PREFLIGHT)
def _hubble_metrics(evidence: Evidence, subject: str) -> Answer:
    values = facts.effective(evidence, subject)
    asked = facts.chart(evidence, subject).view("user_values").find("hubble.metrics")
    enabled = values.find("hubble.metrics.enabled")
    if isinstance(enabled, View) and enabled.is_list and len(enabled):
        return Pass(f"{len(enabled)} of Hubble's metrics are asked for by hubble.metrics.enabled")
    if asked is None or not is_true(values.find("prometheus.enabled")):
        return Pass("none of Hubble's metrics are asked for")
    return Fail("prometheus.enabled is true and exports none of Hubble's metrics, and hubble.metrics.enabled is no list of them")
