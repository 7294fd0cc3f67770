# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about what the network's plugins answer to the runtime, as events tell it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..evidence.bundle import Evidence
from .facts import VERIFY
from .rule import Catalogue, Fail, Pass

CATALOGUE = Catalogue("network")

_PLUGIN = re.compile(r'plugin type="([^"]+)"[^:]*: *(.*)')

CIL_039 = CATALOGUE.rule(
    "ZT-CIL-039",
    "high",
    stages=("network", "mesh", "enforcement"),
    title="No pod waits for its network",
    why="When a plugin of the chain fails, the pod stays in ContainerCreating, and only its events say why. Pods that are there "
    "run on, so nobody notices until the next rollout or the next loss of a node.",
    remediation="See the agent of the plugin named, on the pod's node: cilium-cni is kubectl -n kube-system logs ds/cilium, "
    "istio-cni is kubectl -n istio-system logs ds/istio-cni-node.",
    source="https://github.com/containernetworking/cni/blob/main/SPEC.md#error",
)


@CIL_039.check(moments=VERIFY)
def _waits(evidence: Evidence) -> Iterator[Pass | Fail]:
    waiting = {(str(one["namespace"]), str(one["name"])): str(one["node"]) for one in evidence.api.view("pending_pods").raw}
    wrong = False
    for event in evidence.api.view("events").raw:
        pod = (str(event["namespace"]), str(event["name"]))
        if event["reason"] != "FailedCreatePodSandBox" or pod not in waiting:
            continue
        wrong = True
        plugin = _PLUGIN.search(str(event["message"]))
        said = f"{plugin[1]} failed: {plugin[2]}" if plugin else str(event["message"])
        yield Fail(f"on {waiting[pod]}: {said}", subject=f"pod {'/'.join(pod)}")
    if not wrong:
        yield Pass(f"none of {len(waiting)} pods that are pending")
