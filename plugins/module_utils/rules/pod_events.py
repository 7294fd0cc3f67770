# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about what kubelets say of pods that are there and do no work."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

from ..evidence import certificate
from ..evidence.bundle import Evidence, Missing
from . import facts, mesh_facts
from .facts import VERIFY, listed
from .rule import Catalogue, Fail, Pass

CATALOGUE = Catalogue("pod")

# A kubelet tries again after at most five minutes, and says so again.
_RETRIES = datetime.timedelta(minutes=10)


def _lately(evidence: Evidence, reason: str) -> list[dict[str, Any]]:
    since = certificate.moment(evidence.collected_at) - _RETRIES
    events = evidence.api.view("events").raw
    return [one for one in events if one["reason"] == reason and certificate.moment(str(one["last"])) >= since]


def _whole(evidence: Evidence, reason: str) -> None:
    """Insist that all events of a reason are in the evidence: otherwise silence says nothing."""
    if reason in evidence.api.get("events_cut", ()):
        raise Missing("api.events", f"there are more events of the reason {reason} than are kept")


PSS_010 = CATALOGUE.rule(
    "ZT-PSS-010",
    "medium",
    stages=("enforcement",),
    title="No container is kept from starting by its own settings",
    why="An image that runs as root, or as a user by name, does not start under runAsNonRoot: the pod is admitted, and stays in "
    "CreateContainerConfigError.",
    remediation="Write a number into runAsUser of the container's securityContext that the image can run as, or make the Secret "
    "or "
    "ConfigMap the message names.",
    source="https://kubernetes.io/docs/concepts/security/pod-security-standards/",
)


@PSS_010.check(moments=VERIFY)
def _configured(evidence: Evidence) -> Iterator[Pass | Fail]:
    found = _lately(evidence, "Failed")
    for one in found:
        said = str(one["message"]).removeprefix("Error: ")
        yield Fail(said, subject=f"pod {one['namespace']}/{one['name']}")
    if not found:
        _whole(evidence, "Failed")
        yield Pass("no kubelet says so in the last 10 minutes")


IST_047 = CATALOGUE.rule(
    "ZT-IST-047",
    "medium",
    stages=("mesh", "enforcement"),
    layer="mesh",
    title="Kubelet's probes come through to enrolled pods",
    why="Whatever keeps them out (a policy, routing past the node's netfilter, a pod that istio-cni's list of probed addresses "
    "lost), "
    "what one sees is a pod that is not ready, and probes that time out.",
    remediation="See ZT-AMB-002 and ZT-AMB-008 first; where they pass, restart istio-cni on the pod's node. An application that "
    "is "
    "only slow needs a longer timeoutSeconds.",
    source="https://istio.io/latest/docs/ambient/install/platform-prerequisites/",
)


@IST_047.check(moments=VERIFY, when=facts.ambient)
def _probes(evidence: Evidence) -> Iterator[Pass | Fail]:
    waiting = {
        (name, pod["name"])
        for name, pods in mesh_facts.meant(evidence).items()
        for pod in pods
        if pod["redirection"] == "enabled" and not pod["ready"] and not pod["deleting"]
    }
    failing: dict[str, list[str]] = {}
    for one in _lately(evidence, "Unhealthy"):
        if (one["namespace"], one["name"]) in waiting:
            failing.setdefault(str(one["namespace"]), []).append(str(one["name"]))
    for namespace, pods in failing.items():
        yield Fail(f"probes time out, and they are not ready: {listed(pods, 5)}", subject=f"namespace {namespace}")
    mesh_facts.insist(evidence)
    if not failing:
        if waiting:
            _whole(evidence, "Unhealthy")
        yield Pass(f"none of {len(waiting)} enrolled pods that are not ready")
