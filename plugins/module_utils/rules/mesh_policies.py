# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about policies of Istio, Cilium and Kubernetes on enrolled pods."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..evidence import selection
from ..evidence.bundle import Evidence
from ..evidence.network_policy import HBONE, WAYS, Policy, Rule
from . import facts, mesh_facts, mesh_pods
from .facts import WRITTEN, listed
from .rule import Catalogue, Fail, Pass

CATALOGUE = Catalogue("mesh")

_DNS = 53

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


@IST_014.check(moments=WRITTEN, when=facts.in_mesh)
def _authorization(evidence: Evidence) -> Iterator[Pass | Fail]:
    enrolled, root = set(mesh_facts.with_enrolled(evidence)), mesh_facts.root(evidence)
    given = [one for one in facts.policies(evidence, "authorization_policies") if _for_ztunnel(one, enrolled, root)]
    wrong = False
    unsure = []
    for one in given:
        action = str(one["spec"].get("action") or "ALLOW")
        http = _http_attributes(one["spec"])
        subject = f"AuthorizationPolicy {one['namespace']}/{one['name']}"
        concerned = one["namespace"] == root or mesh_pods.concerned(evidence, one)
        if not concerned:
            if concerned is None and (action not in ("ALLOW", "DENY") or http):
                unsure.append(subject)
            continue
        if action not in ("ALLOW", "DENY"):
            wrong = True
            yield Fail(f"ztunnel does not enforce the action {action}", subject=subject)
        elif http:
            wrong = True
            yield Fail(f"{action} with attributes that ztunnel does not know: {listed(http)}", subject=subject)
    mesh_pods.insist(evidence, unsure)
    if not wrong:
        yield Pass(f"{len(given)} policies for ztunnel")


AMB_015 = CATALOGUE.rule(
    "ZT-AMB-015",
    "blocker",
    stages=("mesh", "enforcement"),
    title="No policy of Cilium on enrolled pods looks into HTTP",
    why="What reaches an enrolled pod, and what it sends to another one, is Istio's mTLS. Cilium's proxy cannot read it, and "
    "breaks it.",
    remediation="Take toPorts.rules out of the policy's ingress, and of its egress to pods, and write an AuthorizationPolicy "
    "for a waypoint instead.",
    source=_CILIUM,
)
_L7 = {"http", "kafka", "l7", "l7proto"}


@AMB_015.check(moments=WRITTEN, when=facts.in_mesh)
def _l7(evidence: Evidence) -> Iterator[Pass | Fail]:
    asked = 0
    wrong = False
    unsure = []
    for policy in mesh_pods.network_policies(evidence):
        about = mesh_pods.about(evidence, policy)
        asked += about is not False and policy.kind != "NetworkPolicy"
        for way, traffic in (("ingress", "incoming traffic"), ("egress", "outgoing traffic")):
            looking = [rule for rule in policy.allows[way] if _L7.intersection(rule.looks_into)]
            if about is False or not looking:
                continue
            # What goes to the outside is what the application wrote: that Cilium can read.
            meshed = [way == "ingress" or rule.anyone or mesh_pods.through_the_mesh(evidence, rule, way) for rule in looking]
            if about and any(meshed):
                wrong = True
                found = sorted({one for rule in looking for one in rule.looks_into if one in _L7})
                yield Fail(f"it has rules of {listed(found)} for {traffic}", subject=policy.subject)
            elif any(one is not False for one in meshed):
                unsure.append(policy.subject)
    mesh_pods.insist(evidence, unsure)
    if not wrong:
        yield Pass(f"{asked} policies of Cilium on enrolled pods")


AMB_013 = CATALOGUE.rule(
    "ZT-AMB-013",
    "high",
    stages=("mesh", "enforcement"),
    title="A policy on enrolled pods that limits ports names 15008 too",
    why="Between enrolled pods everything travels to port 15008, and policies are enforced outside the pod, before it is "
    "unpacked. A policy that lets in only the application's port drops the mesh.",
    remediation="Add to the rule's ports: - {port: 15008, protocol: TCP}, in a policy of Cilium under toPorts; which port may be "
    "used, an AuthorizationPolicy says.",
    source="https://istio.io/latest/docs/ambient/usage/networkpolicy/",
)


def _names_hbone(evidence: Evidence, policy: Policy, way: str) -> bool:
    return any(rule.tcp(HBONE) and mesh_pods.to_pods(evidence, rule) is not False for rule in policy.allows[way])


def _limits(rule: Rule, way: str) -> bool:
    """Return whether a rule is for ports of TCP, the others ztunnel leaves alone. That of DNS is asked outside the mesh."""
    return any(
        one.protocol in ("TCP", "ANY") and not (way == "egress" and one.first == one.last == _DNS) for one in rule.ports or ()
    )


@AMB_013.check(moments=WRITTEN, when=facts.in_mesh)
def _hbone(evidence: Evidence) -> Iterator[Pass | Fail]:
    every = mesh_pods.network_policies(evidence)
    asked = 0
    wrong = False
    unsure = []
    for way in WAYS:
        opening = mesh_pods.beside(one for one in every if _names_hbone(evidence, one, way))
        for policy in every:
            # Who names it is taken to know who is to come in by it.
            if not policy.closes[way] or _names_hbone(evidence, policy, way):
                continue
            limiting = [rule for rule in policy.allows[way] if _limits(rule, way)]
            meshed = [mesh_pods.through_the_mesh(evidence, rule, way) for rule in limiting]
            for namespace, pods, certain in mesh_pods.where(evidence, policy) if limiting else ():
                asked += 1
                opens = [other for other in opening(namespace) if not selection.apart(pods, other.selects)]
                if any(selection.within(pods, other.selects) for other in opens):
                    continue
                if any(meshed) and certain and not opens:
                    wrong = True
                    yield Fail(f"its {way} names ports, and not {HBONE}", subject=policy.subject)
                    break
                if any(one is not False for one in meshed):
                    unsure.append(policy.subject)
    mesh_pods.insist(evidence, unsure)
    if not wrong:
        yield Pass(f"{asked} times a policy limits the ports of enrolled pods")


AMB_014 = CATALOGUE.rule(
    "ZT-AMB-014",
    "medium",
    stages=("mesh", "enforcement"),
    title="Which port an enrolled pod may be asked at, an AuthorizationPolicy says",
    why="Between enrolled pods a NetworkPolicy sees port 15008 only. Where it lets that through, whoever it lets in reaches "
    "every port of the pod, whichever ports it names besides.",
    remediation="Write an AuthorizationPolicy for the same pods with to: [{operation: {ports: [...]}}].",
    source=_CILIUM,
)


def _only_looks_narrow(evidence: Evidence, policy: Policy) -> bool:
    """Return whether an ingress rule for the mesh names 15008 and other ports."""
    for rule in policy.allows["ingress"]:
        ports = [one for one in rule.ports or () if one.protocol in ("TCP", "ANY")]
        hbone = [one for one in ports if one.first == one.last == HBONE]
        if hbone and len(ports) > len(hbone) and mesh_pods.to_pods(evidence, rule) is not False:
            return True
    return False


def _says_ports(policy: Mapping[str, Any]) -> bool:
    """Return whether ztunnel lets pods be asked at no other ports than an AuthorizationPolicy names."""
    spec = policy["spec"]
    rules = spec.get("rules") or []
    if spec.get("targetRef") or spec.get("targetRefs"):
        return False
    if str(spec.get("action") or "ALLOW") == "ALLOW":
        return all(_of_ports(rule, "ports", "notPorts") for rule in rules)
    # What refuses everybody at all ports but these.
    return spec.get("action") == "DENY" and any(
        _of_ports(rule, "notPorts") and not rule.get("from") and not rule.get("when") for rule in rules
    )


def _of_ports(rule: Mapping[str, Any], *keys: str) -> bool:
    operations = [one.get("operation") or {} for one in rule.get("to") or []]
    return bool(operations) and all(any(one.get(key) for key in keys) for one in operations)


@AMB_014.check(moments=WRITTEN, when=facts.in_mesh)
def _asked_at(evidence: Evidence) -> Iterator[Pass | Fail]:
    root = mesh_facts.root(evidence)
    saying: dict[str, list[selection.Selection]] = {}
    for one in facts.policies(evidence, "authorization_policies"):
        if _says_ports(one):
            chosen = selection.of_selector(one["spec"].get("selector"))
            saying.setdefault("" if one["namespace"] == root else one["namespace"], []).append(chosen)
    asked = 0
    wrong = False
    unsure = []
    for policy in mesh_pods.network_policies(evidence):
        if not policy.closes["ingress"] or not _only_looks_narrow(evidence, policy):
            continue
        for namespace, pods, certain in mesh_pods.where(evidence, policy):
            asked += 1
            beside = [one for one in (*saying.get(namespace, ()), *saying.get("", ())) if not selection.apart(pods, one)]
            if any(selection.within(pods, one) for one in beside):
                continue
            if beside or not certain:
                unsure.append(policy.subject)
                continue
            wrong = True
            yield Fail(
                f"it names {HBONE} and other ports, and no AuthorizationPolicy says which its pods may be asked at",
                subject=policy.subject,
            )
    mesh_pods.insist(evidence, unsure)
    if not wrong:
        yield Pass(f"{asked} times a policy names {HBONE} beside other ports, and an AuthorizationPolicy says which")
