# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What several rules ask of the evidence, said once."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

from ..evidence.bundle import Evidence, Missing, View
from .rule import MOMENTS, Subjects

# What a cluster became.
VERIFY = ("verify",)
# What is going to be installed, wherever it is asked for.
PREFLIGHT = ("plan", "preflight")
# What an object says as it is written. Before a stage it is not asked of a cluster: the stage may be what writes it.
WRITTEN = ("plan", "verify")
BOTH = MOMENTS

# The label that puts a namespace or a pod into the mesh, or takes a pod out.
AMBIENT = "istio.io/dataplane-mode"


def nodes(evidence: Evidence) -> list[str]:
    """Inventory names of the cluster's nodes."""
    return [str(host) for host in evidence.desired.view("nodes")]


def answering_nodes(evidence: Evidence) -> list[str]:
    """Nodes that gave evidence. One that gave none is a finding of ZT-NODE-016, not of every rule again."""
    if "answering" not in evidence.memo:
        evidence.memo["answering"] = [host for host in nodes(evidence) if answered(evidence, host)]
    return evidence.memo["answering"]  # type: ignore[no-any-return]


def answered(evidence: Evidence, host: str) -> bool:
    found = evidence.bundle.get("nodes", {}).get(host, {})
    return len(found) > ("missing" in found)


def node_name(evidence: Evidence, host: str) -> str:
    """A node's name in Kubernetes."""
    return str(evidence.desired.view("nodes").view(host)["node_name"])


def addresses(evidence: Evidence, host: str) -> list[str]:
    """A node's own addresses: those of the inventory, else those Kubernetes knows."""
    given = evidence.desired.view("nodes").view(host).view("ips").raw
    known = evidence.api.view("nodes")
    name = node_name(evidence, host)
    return [str(one) for one in given or (known.view(name).view("internal_ips").raw if name in known else [])]


def hosts_by_node_name(evidence: Evidence) -> dict[str, str]:
    return {node_name(evidence, host): host for host in nodes(evidence)}


def feature(evidence: Evidence, name: str) -> Any:
    return evidence.desired.view("features")[name]


def of_files(evidence: Evidence) -> bool:
    """Whether files are judged, without a cluster: what is in none of them may be there all the same."""
    return evidence.moment == "plan"


def node_stage_ahead(evidence: Evidence) -> bool:
    """Whether the node stage is about to run. What it mends itself must not stop it."""
    return evidence.moment == "preflight" and "node" in evidence.stages


def ambient(evidence: Evidence) -> bool:
    """Whether pods are wanted in the mesh: for the `when` of a check."""
    return bool(feature(evidence, "ambient"))


def in_mesh(evidence: Evidence) -> bool:
    """Whether pods are wanted in the mesh, for checks of what is written: files that say nothing of a mesh are of none."""
    said = not of_files(evidence) or "ambient" in evidence.desired.view("features")
    return said and ambient(evidence)


def planned(name: str) -> Subjects:
    """The chart, when it is part of what is to be installed."""

    def subjects(evidence: Evidence) -> Iterable[str]:
        return [f"chart {name}"] if name in evidence.charts else []

    return subjects


_STAGE_OF_CHART = {
    "cilium": "network",
    "gatekeeper": "policy",
    "base": "mesh",
    "istiod": "mesh",
    "cni": "mesh",
    "ztunnel": "mesh",
}


def charts(evidence: Evidence) -> list[str]:
    """The charts of the stages that are asked about: at the gate of one stage, those of later ones are not yet installed."""
    return [f"chart {name}" for name in evidence.charts if _STAGE_OF_CHART.get(name, "network") in evidence.stages]


def chart(evidence: Evidence, subject: str) -> View:
    return evidence.charts.view(subject.removeprefix("chart "))


def effective(evidence: Evidence, subject: str) -> View:
    """What the chart's templates will see. Without the chart at hand: what it is given."""
    one = chart(evidence, subject)
    try:
        return one.view("effective")
    except Missing:
        return one.view("values")


def variable(evidence: Evidence, subject: str) -> str:
    """The variable in which a user sets values of the chart."""
    return str(chart(evidence, subject)["user_values_name"])


def policies(evidence: Evidence, kind: str) -> list[dict[str, Any]]:
    """Return all policies of a kind; none when the API server does not know it. Files with policies of other kinds have none."""
    given = evidence.api.view("policies")
    found = given.get(kind) if of_files(evidence) else given[kind]
    return [] if found is None else list(found.raw)


def cilium_config(evidence: Evidence) -> View:
    """The ConfigMap cilium-config of the cluster."""
    found = evidence.api.view("cilium")["config"]
    if found is None:
        raise Missing("api.cilium.config", "there is no ConfigMap cilium-config: Cilium is not installed")
    return evidence.api.view("cilium").view("config")


def enforces_always(evidence: Evidence) -> bool:
    """Whether Cilium closes every pod without any policy: as it runs, or, of files, as its values plan it."""
    if of_files(evidence) and "cilium" in evidence.charts:
        return bool(effective(evidence, "chart cilium").find("policyEnforcementMode") == "always")
    return bool(cilium_config(evidence).get("enable-policy") == "always")


def family(evidence: Evidence, name: str) -> bool:
    """Whether Cilium is asked to serve `ipv4` or `ipv6`. Its chart serves the first and not the second."""
    if "cilium" not in evidence.charts:
        return name == "ipv4"
    return is_true(effective(evidence, "chart cilium").find(f"{name}.enabled", name == "ipv4"))


def kubelet(evidence: Evidence, host: str, flag: str, key: str, default: Any = None) -> Any:
    """A setting of the node's kubelet: its flag, which wins, or the key of its configuration file."""
    found = evidence.node(host).view("kubelet")
    if found["running"]:
        for argument in found.view("args").raw:
            name, equals, value = str(argument).partition("=")
            if name == f"--{flag}":
                return value if equals else True
    return found.view("config").get(key, default)


def moment_of(epoch: Any) -> str:
    """Return seconds since 1970 as a date and a time, UTC."""
    return datetime.datetime.fromtimestamp(float(epoch), datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")


def holds(value: Any) -> bool:
    """Return whether a chart's template takes a value for true in an `if`: the text false too, as it is not empty."""
    return bool(value.raw if isinstance(value, View) else value)


def is_true(value: Any) -> bool:
    """Return whether a value is true once it is written out, as in a flag, an environment or a ConfigMap."""
    return value is True or str(value).lower() == "true"


def is_false(value: Any) -> bool:
    return value is False or str(value).lower() == "false"


def listed(names: Iterable[str], limit: int = 8) -> str:
    """Join names for a message; of very many only the first."""
    sure = list(names)
    more = f" and {len(sure) - limit} more" if len(sure) > limit else ""
    return ", ".join(sure[:limit]) + more


def workload_ready(found: View, what: str) -> str:
    """Return what keeps a workload from being fully rolled out; empty when nothing does."""
    status = found.view("status")
    wanted, ready, updated = int(status["wanted"]), int(status["ready"]), int(status["updated"])
    if int(status["seen_generation"]) < int(status["generation"]):
        return f"{what} was changed and its controller has not acted on it yet"
    if wanted == 0:
        return f"{what} has no pod"
    if ready < wanted:
        return f"{what}: {ready} of {wanted} pods are ready"
    if updated < wanted:
        return f"{what}: {updated} of {wanted} pods run the current revision"
    return ""
