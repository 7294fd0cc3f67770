# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about waypoints: that those that are named are there, and that policies know who is before a workload then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..evidence.bundle import Evidence, Missing
from . import facts, mesh_facts, mesh_pods
from .facts import WRITTEN, listed
from .rule import Catalogue, Fail, Pass

CATALOGUE = Catalogue("mesh")

_WAYPOINTS = "https://istio.io/latest/docs/ambient/usage/waypoint/"

IST_016 = CATALOGUE.rule(
    "ZT-IST-016",
    "high",
    stages=("mesh", "enforcement"),
    title="Every waypoint that is named is there and ready",
    why="A label istio.io/use-waypoint with the name of nothing is no error anywhere but in a status: traffic passes without a "
    "waypoint, and no policy and no route that is attached to it is applied.",
    remediation="istioctl waypoint apply -n <namespace> --name <name>, or correct the label.",
    source=_WAYPOINTS,
)


def _named(evidence: Evidence) -> dict[tuple[str, str], list[str]]:
    """Return the waypoints that labels name, and who names them."""
    named: dict[tuple[str, str], list[str]] = {}
    namespaces = evidence.api.view("namespaces").raw
    # In the mesh or not: who is labelled so is meant to be behind it.
    givers = [(f"namespace {name}", name, one["labels"]) for name, one in namespaces.items()]
    givers += [
        (f"{one['kind']} {one['namespace']}/{one['name']}", one["namespace"], one["labels"])
        for one in evidence.api.view("use_waypoint").raw
    ]
    for giver, namespace, labels in givers:
        waypoint = mesh_facts.waypoint(labels, namespace)
        if waypoint:
            named.setdefault(waypoint, []).append(giver)
    return named


@IST_016.check(moments=WRITTEN, when=facts.in_mesh)
def _there(evidence: Evidence) -> Iterator[Pass | Fail]:
    named = _named(evidence)
    if not named:
        yield Pass("none is named")
        return
    found = evidence.api["gateways"]
    gateways = {(one["namespace"], one["name"]): one for one in (found.raw if found is not None else [])}
    elsewhere = []
    for (namespace, name), givers in sorted(named.items()):
        subject = f"Gateway {namespace}/{name}"
        if facts.of_files(evidence):
            if (namespace, name) in gateways:
                yield Pass(f"it is there; named by {listed(givers, 4)}", subject=subject)
            else:
                elsewhere.append(f"{namespace}/{name}")
        elif found is None:
            yield Fail(f"the Gateway API is not installed, and {listed(givers, 4)} names it", subject=subject)
        elif (namespace, name) not in gateways:
            yield Fail(f"there is none, and {listed(givers, 4)} names it", subject=subject)
        elif not gateways[namespace, name]["programmed"]:
            yield Fail(f"it is not programmed, and {listed(givers, 4)} names it", subject=subject)
        else:
            yield Pass(f"programmed; named by {listed(givers, 4)}", subject=subject)
    if elsewhere:
        raise Missing("api.gateways", f"Gateway {listed(elsewhere, 4)} is in none of the files, and may be in the cluster")


IST_015 = CATALOGUE.rule(
    "ZT-IST-015",
    "medium",
    stages=("mesh", "enforcement"),
    title="A policy on workloads behind a waypoint knows the waypoint",
    why="ztunnel sees what comes through a waypoint as coming from the waypoint. A policy for ztunnel that names the clients' "
    "identities does not match it: an ALLOW locks the clients out, a DENY lets them in.",
    remediation="Attach the policy to the waypoint (spec.targetRefs), and let ztunnel allow the waypoint's principal only.",
    source="https://istio.io/latest/docs/ambient/usage/l4-policy/",
)


def _admits(source: Mapping[str, Any], namespace: str, name: str) -> bool:
    """Return whether a source of a rule is, or may be, the waypoint."""
    given = [source.get(key) or [] for key in ("principals", "namespaces", "serviceAccounts")]
    if not any(given):
        return True
    principals, namespaces, accounts = given
    return (
        any("*" in one or one.endswith(f"/ns/{namespace}/sa/{name}") for one in principals)
        or any("*" in one or one == namespace for one in namespaces)
        or f"{namespace}/{name}" in accounts
    )


@IST_015.check(moments=WRITTEN, when=facts.in_mesh)
def _before_workloads(evidence: Evidence) -> Iterator[Pass | Fail]:
    waypoints = {name: mesh_facts.waypoint_of(evidence, name) for name in mesh_facts.with_enrolled(evidence)}
    asked = wrong = 0
    unsure = []
    for policy in facts.policies(evidence, "authorization_policies"):
        spec, waypoint = policy["spec"], waypoints.get(policy["namespace"])
        labels = (spec.get("selector") or {}).get("matchLabels") or {}
        if waypoint is None or spec.get("targetRefs") or spec.get("targetRef") or any("gateway-name" in key for key in labels):
            continue
        concerned = mesh_pods.concerned(evidence, policy)
        if concerned is False:
            continue
        asked += 1
        sources = [one.get("source") or {} for rule in spec.get("rules") or [] for one in rule.get("from") or []]
        if not sources or any(_admits(source, *waypoint) for source in sources):
            continue
        subject = f"AuthorizationPolicy {policy['namespace']}/{policy['name']}"
        if concerned is None:
            unsure.append(subject)
            continue
        wrong += 1
        yield Fail(
            f"it names clients, and they come through {waypoint[0]}/{waypoint[1]}, which it does not name", subject=subject
        )
    mesh_pods.insist(evidence, unsure)
    if not wrong:
        yield Pass(f"{asked} policies on workloads of namespaces behind a waypoint")
