# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about policies of Istio, Cilium and Kubernetes on enrolled pods."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..evidence.bundle import Evidence, Missing
from . import facts, mesh_facts
from .cilium_values import more_than_probes
from .facts import VERIFY, listed
from .rule import Catalogue, Fail, Pass

CATALOGUE = Catalogue("mesh")

_L4 = "https://istio.io/latest/docs/ambient/usage/l4-policy/"
_CILIUM = "https://docs.cilium.io/en/stable/network/servicemesh/istio/"


# --- Policies at the wrong place ---

IST_014 = CATALOGUE.rule(
    "ZT-IST-014",
    "high",
    stages=("mesh", "enforcement"),
    title="ztunnel can enforce every AuthorizationPolicy that it is given",
    why="ztunnel knows no HTTP. A rule of ALLOW with HTTP attributes never matches, so what it should allow is denied; in a DENY "
    "they are left out, so it denies more, or nothing; CUSTOM and AUDIT are not enforced at all.",
    remediation="Attach the policy to a waypoint (spec.targetRefs), or use only principals, namespaces, ipBlocks and ports.",
    source=_L4,
)
_HTTP = {
    "operation": ("hosts", "notHosts", "methods", "notMethods", "paths", "notPaths"),
    "source": ("requestPrincipals", "notRequestPrincipals", "remoteIpBlocks", "notRemoteIpBlocks"),
}
_L4_KEYS = ("source.ip", "source.namespace", "source.principal", "destination.ip", "destination.port")


def _http_attributes(spec: Any) -> list[str]:
    found = set()
    for rule in spec.get("rules") or []:
        for where, what in (("to", "operation"), ("from", "source")):
            for one in rule.get(where) or []:
                found |= {key for key in _HTTP[what] if (one.get(what) or {}).get(key)}
        found |= {str(one.get("key")) for one in rule.get("when") or [] if one.get("key") not in _L4_KEYS}
    return sorted(found)


def _for_ztunnel(policy: dict[str, Any], enrolled: set[str], root: str) -> bool:
    spec = policy["spec"]
    if spec.get("targetRefs") or spec.get("targetRef"):
        return False
    labels = (spec.get("selector") or {}).get("matchLabels") or {}
    if policy["namespace"] == root and not labels:
        return True
    # A waypoint's or a gateway's own pods: their proxy does know HTTP.
    gateway = any(key.endswith("gateway-name") for key in labels)
    return policy["namespace"] in enrolled and not gateway


@IST_014.check(moments=VERIFY, when=facts.ambient)
def _authorization(evidence: Evidence) -> Iterator[Pass | Fail]:
    enrolled, root = set(mesh_facts.enrolled(evidence)), mesh_facts.root(evidence)
    given = [one for one in facts.policies(evidence, "authorization_policies") if _for_ztunnel(one, enrolled, root)]
    wrong = False
    for one in given:
        action = str(one["spec"].get("action") or "ALLOW")
        http = _http_attributes(one["spec"])
        subject = f"AuthorizationPolicy {one['namespace']}/{one['name']}"
        if action not in ("ALLOW", "DENY"):
            wrong = True
            yield Fail(f"ztunnel does not enforce the action {action}", subject=subject)
        elif http:
            wrong = True
            yield Fail(f"{action} with attributes that ztunnel does not know: {listed(http)}", subject=subject)
    if not wrong:
        yield Pass(f"{len(given)} policies for ztunnel")


AMB_015 = CATALOGUE.rule(
    "ZT-AMB-015",
    "blocker",
    stages=("mesh", "enforcement"),
    title="No CiliumNetworkPolicy of an enrolled namespace looks into HTTP",
    why="What reaches an enrolled pod is Istio's mTLS. Cilium's proxy cannot read it, and breaks it.",
    remediation="Take toPorts.rules out of the policy's ingress, and write an AuthorizationPolicy for a waypoint instead.",
    source=_CILIUM,
)
_L7 = ("http", "kafka", "l7", "l7proto")


@AMB_015.check(moments=VERIFY, when=facts.ambient)
def _l7(evidence: Evidence) -> Iterator[Pass | Fail]:
    enrolled = set(mesh_facts.enrolled(evidence))
    given = [one for one in facts.policies(evidence, "cilium_network_policies") if one["namespace"] in enrolled]
    wrong = False
    for one in given:
        rules = [port.get("rules") or {} for rule in one["spec"].get("ingress") or [] for port in rule.get("toPorts") or []]
        found = sorted({key for rule in rules for key in _L7 if key in rule})
        if found:
            wrong = True
            yield Fail(
                f"it has rules of {listed(found)} for incoming traffic",
                subject=f"CiliumNetworkPolicy {one['namespace']}/{one['name']}",
            )
    if not wrong:
        yield Pass(f"{len(given)} CiliumNetworkPolicies of enrolled namespaces")


AMB_013 = CATALOGUE.rule(
    "ZT-AMB-013",
    "high",
    stages=("mesh", "enforcement"),
    title="A NetworkPolicy of an enrolled namespace that limits ports names 15008 too",
    why="Between enrolled pods everything travels to port 15008, and policies are enforced outside the pod, before it is "
    "unpacked. A policy that lets in only the application's port drops the mesh.",
    remediation="Add to the rule's ports: - {port: 15008, protocol: TCP}; which port may be used, an AuthorizationPolicy says.",
    source="https://istio.io/latest/docs/ambient/usage/networkpolicy/",
)
_HBONE = 15008


def _names_hbone(rule: Any) -> bool:
    """Return whether a rule of a NetworkPolicy lets HBONE through; without ports it lets everything through."""
    for one in rule.get("ports") or [{}]:
        first = one.get("port")
        if one.get("protocol", "TCP") == "TCP":
            if first is None or first == _HBONE:
                return True
            if isinstance(first, int) and first <= _HBONE <= int(one.get("endPort") or first):
                return True
    return False


def _of_the_mesh(rule: Any, peers: str) -> bool:
    """Return whether a rule is for pods that are enrolled for certain: those of the policy's own namespace."""
    given = rule.get(peers) or []
    # A rule for anyone may be meant for what is outside: for DNS on the way out, but the mesh is among those who come in.
    return any(set(one) == {"podSelector"} for one in given) if given else peers == "from"


@AMB_013.check(moments=VERIFY, when=facts.ambient)
def _hbone(evidence: Evidence) -> Iterator[Pass | Fail]:
    enrolled = set(mesh_facts.enrolled(evidence))
    given = [one for one in facts.policies(evidence, "network_policies") if one["namespace"] in enrolled]
    others = {one["namespace"] for one in facts.policies(evidence, "cilium_network_policies")}
    clusterwide = any(more_than_probes(one["spec"]) for one in facts.policies(evidence, "cilium_clusterwide_network_policies"))
    wrong = False
    unsure = []
    for policy in given:
        spec, subject = policy["spec"], f"NetworkPolicy {policy['namespace']}/{policy['name']}"
        for way, peers in (("ingress", "from"), ("egress", "to")):
            rules = spec.get(way) or []
            if not any(_of_the_mesh(rule, peers) for rule in rules) or any(_names_hbone(rule) for rule in rules):
                continue
            opening = [
                one["spec"].get("podSelector") or {}
                for one in given
                if one["namespace"] == policy["namespace"] and any(_names_hbone(rule) for rule in one["spec"].get(way) or [])
            ]
            if any(selector in ({}, spec.get("podSelector") or {}) for selector in opening):
                continue
            if opening or clusterwide or policy["namespace"] in others:
                unsure.append(subject)
                continue
            wrong = True
            yield Fail(f"its {way} names ports, and not {_HBONE}", subject=subject)
    if unsure:
        raise Missing(
            "api.pods",
            f"whether another policy opens {_HBONE} for the pods of {listed(unsure, 4)} is not seen: it selects by labels",
        )
    if not wrong:
        yield Pass(f"{len(given)} NetworkPolicies of enrolled namespaces")
