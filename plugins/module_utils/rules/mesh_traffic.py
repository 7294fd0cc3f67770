# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about who may talk to enrolled pods and where they may talk to, where what is written does not do it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..evidence import label_selector, selection
from ..evidence.bundle import Evidence, Missing
from ..evidence.network_policy import Policy
from . import facts, mesh_facts, mesh_pods
from .facts import VERIFY, WRITTEN, listed
from .rule import Catalogue, Fail, Pass

CATALOGUE = Catalogue("mesh")

_L4 = "https://istio.io/latest/docs/ambient/usage/l4-policy/"
_PEERS = "https://istio.io/latest/docs/reference/config/security/peer_authentication/"
_L7 = "https://istio.io/latest/docs/ambient/usage/waypoint/"
_CILIUM = "https://docs.cilium.io/en/stable/network/servicemesh/istio/"

# --- On the way out ---

IST_006 = CATALOGUE.rule(
    "ZT-IST-006",
    "high",
    stages=("mesh", "enforcement"),
    title="Where REGISTRY_ONLY is to hold egress back, a policy does",
    why="ztunnel does not obey REGISTRY_ONLY. In a namespace without a default deny for egress, enrolled pods reach every "
    "address of the world.",
    remediation="Apply a CiliumNetworkPolicy to the namespace with egress rules for what its pods need (toEndpoints, toFQDNs, "
    "toCIDR).",
    source="https://github.com/istio/ztunnel/issues/369",
)


@IST_006.check(moments=WRITTEN, when=facts.in_mesh)
def _egress(evidence: Evidence) -> Iterator[Pass | Fail]:
    if mesh_facts.setting(evidence, "outboundTrafficPolicy.mode", None) != "REGISTRY_ONLY":
        yield Pass("REGISTRY_ONLY is not set")
        return
    every = mesh_pods.network_policies(evidence)
    closing = mesh_pods.beside(one for one in every if one.closes["egress"])
    opening = mesh_pods.beside(one for one in every if _lets_out(one))
    wrong = False
    unsure: list[str] = []
    for name, pods in mesh_pods.places_of(evidence).items():
        closes = [one for one in closing(name) if _selects(evidence, name, one) is not False]
        opens = [one for one in opening(name) if _selects(evidence, name, one) is not False]
        wide = [one.subject for one in opens if _selects(evidence, name, one)]
        said = f"{listed(wide, 3)} lets its pods out to every address" if wide else "no policy denies egress to its pods"
        if wide or (not closes and not facts.enforces_always(evidence)):
            wrong = True
            yield Fail(f"REGISTRY_ONLY is set, and {said}", subject=f"namespace {name}")
        elif opens or not (any(selection.within(pods, one.selects) for one in closes) or facts.enforces_always(evidence)):
            unsure += [one.subject for one in opens or closes]
    mesh_pods.insist(evidence, unsure)
    if not wrong:
        yield Pass(f"egress is denied by default in {listed(mesh_pods.places_of(evidence)) or 'no namespace'}")


def _lets_out(policy: Policy) -> bool:
    return any(rule.whole_world and rule.ports is None for rule in policy.allows["egress"])


def _selects(evidence: Evidence, namespace: str, policy: Policy) -> bool | None:
    if selection.apart(mesh_pods.places_of(evidence)[namespace], policy.selects):
        return False
    return mesh_pods.selected(evidence, namespace, selection.by_pod(policy.selects), certain=bool(policy.namespace))


IST_038 = CATALOGUE.rule(
    "ZT-IST-038",
    "high",
    stages=("mesh", "enforcement"),
    title="TLS that a DestinationRule is to begin has a waypoint that begins it",
    why="ztunnel knows no DestinationRule. Without a waypoint before the destination, what was to leave by TLS leaves as the "
    "application wrote it: in plain text.",
    remediation="istioctl waypoint apply -n <namespace> --enroll-namespace; for a host outside, label its ServiceEntry "
    "istio.io/use-waypoint.",
    source=_L7,
)


def _begins_tls(spec: Mapping[str, Any]) -> bool:
    policies = [spec.get("trafficPolicy") or {}, *((one.get("trafficPolicy") or {}) for one in spec.get("subsets") or [])]
    settings = [setting for one in policies for setting in (one, *(one.get("portLevelSettings") or []))]
    return any((one.get("tls") or {}).get("mode") in ("SIMPLE", "MUTUAL") for one in settings)


@IST_038.check(moments=WRITTEN, when=facts.in_mesh)
def _tls(evidence: Evidence) -> Iterator[Pass | Fail]:
    names = set(mesh_facts.with_enrolled(evidence))
    rules = [one for one in facts.policies(evidence, "destination_rules") if one["namespace"] in names]
    beginning = [one for one in rules if _begins_tls(one["spec"])]
    single = {one["namespace"] for one in evidence.api.view("use_waypoint").raw} if beginning else set()
    unsure = []
    wrong = False
    for one in beginning:
        if mesh_facts.waypoint_of(evidence, one["namespace"]):
            continue
        if one["namespace"] in single:
            unsure.append(f"{one['namespace']}/{one['name']}")
            continue
        wrong = True
        yield Fail(
            f"it begins TLS to {one['spec'].get('host')}, and nothing of the namespace has a waypoint",
            subject=f"DestinationRule {one['namespace']}/{one['name']}",
        )
    if unsure:
        raise Missing(
            "api.use_waypoint", f"whether the destinations of {listed(unsure, 4)} are those with a waypoint is not seen"
        )
    if not wrong:
        yield Pass(f"{len(rules)} DestinationRules of enrolled namespaces")


# --- On the way in ---

IST_008 = CATALOGUE.rule(
    "ZT-IST-008",
    "high",
    stages=("mesh", "enforcement"),
    title="What is open to the outside does not refuse the outside",
    why="Clients outside the cluster are never in the mesh. Under STRICT ztunnel closes their connection to an enrolled pod, "
    "whatever TLS of their own they bring: a Service for them answers nobody.",
    remediation="A PeerAuthentication for the Service's pods with portLevelMtls: {<port>: {mode: PERMISSIVE}}; or lead clients "
    "through a gateway that is in the mesh.",
    source=_PEERS,
)
_OPEN = ("LoadBalancer", "NodePort")


def _lets_in(policy: dict[str, Any], ports: list[Any]) -> bool:
    """Return whether a PeerAuthentication lets plain text in at every of these ports."""
    single = mesh_facts.port_modes(policy)
    return all(single.get(str(port), mesh_facts.mode(policy)) == "PERMISSIVE" for port in ports)


@IST_008.check(moments=WRITTEN, when=facts.in_mesh)
def _outside(evidence: Evidence) -> Iterator[Pass | Fail]:
    strict = mesh_facts.strict(evidence)
    exposed = [one for one in evidence.api.view("services").raw if one["type"] in _OPEN and one["namespace"] in strict]
    # The pods of a gateway speak for themselves.
    asked = [one for one in exposed if one["selector"] and not any("gateway-name" in key for key in one["selector"])]
    exceptions = [one for one in facts.policies(evidence, "peer_authentications") if mesh_facts.of_workloads(one)]
    unsure = []
    wrong = False
    for service in asked:
        subject = f"Service {service['namespace']}/{service['name']}"
        there = [one for one in exceptions if one["namespace"] == service["namespace"]]
        own = [one for one in there if one["spec"]["selector"]["matchLabels"].items() <= service["selector"].items()]
        if any(_lets_in(one, service["ports"]) for one in own):
            continue
        to_mesh = mesh_pods.leads_to(evidence, service["namespace"], selection.of_labels(service["selector"]))
        if to_mesh is None or (to_mesh and there):
            unsure.append(subject)
        elif to_mesh:
            wrong = True
            yield Fail(f"a {service['type']} for pods that are in the mesh under STRICT", subject=subject)
    if unsure:
        raise Missing("api.pods", f"which pods {listed(unsure, 4)} leads to, and whether they are in the mesh, is not seen")
    mesh_facts.insist(evidence)
    if not wrong:
        yield Pass(f"{len(asked)} Services of type NodePort or LoadBalancer lead to pods under STRICT")


IST_009 = CATALOGUE.rule(
    "ZT-IST-009",
    "high",
    stages=("mesh", "enforcement"),
    title="Prometheus can read what it is told to",
    why="Under STRICT an enrolled pod lets only the mesh in. A Prometheus outside of it gets no metrics from there, and an "
    "alert that has no data does not fire.",
    remediation="kubectl label namespace <that of Prometheus> istio.io/dataplane-mode=ambient; or a PeerAuthentication with "
    "portLevelMtls: {<metrics port>: {mode: PERMISSIVE}} in the namespace that is read.",
    source=_PEERS,
)


@IST_009.check(moments=VERIFY, when=facts.ambient)
def _monitored(evidence: Evidence) -> Iterator[Pass | Fail]:
    monitoring = evidence.api.view("monitoring")
    if monitoring["prometheuses"] is None or not len(monitoring.view("prometheuses")):
        yield Pass("there is no Prometheus of the Prometheus Operator")
        return
    prometheuses = monitoring.view("prometheuses").raw
    places = sorted({str(one["namespace"]) for one in prometheuses})
    if any(_in_mesh(evidence, one) for one in prometheuses):
        yield Pass(f"Prometheus of {listed(places)} is in the mesh")
        return
    mesh_facts.insist(evidence)
    strict = mesh_facts.strict(evidence)
    exceptions = {one["namespace"] for one in facts.policies(evidence, "peer_authentications") if mesh_facts.of_workloads(one)}
    asked = 0
    unsure: list[str] = []
    wrong = False
    for kind in ("servicemonitors", "podmonitors"):
        for one in monitoring[kind].raw if monitoring[kind] is not None else []:
            # One for every namespace, or for gateways, reads what answers; that is not a claim about these pods.
            if one["any"] or any("gateway" in key for key in (one["selector"].get("matchLabels") or {})):
                continue
            asked += 1
            subject = f"{one['kind']} {one['namespace']}/{one['name']}"
            told = {name: _reads(evidence, one, name) for name in one["namespaces"] or [one["namespace"]] if name in strict}
            closed = [name for name, reads in told.items() if reads and name not in exceptions]
            if closed:
                wrong = True
                yield Fail(
                    f"it is to read pods of {listed(closed)}, and Prometheus in {listed(places)} is not in the mesh",
                    subject=subject,
                )
            elif any(reads is not False for reads in told.values()):
                unsure.append(subject)
    if unsure:
        raise Missing("api.pods", f"whether the ports that {listed(unsure, 4)} reads are let in is not seen")
    if not wrong:
        yield Pass(f"{asked} monitors, none of pods that are in the mesh under STRICT")


def _reads(evidence: Evidence, monitor: Mapping[str, Any], namespace: str) -> bool | None:
    """Return whether a monitor is about pods of the mesh in a namespace. A ServiceMonitor names Services, not their pods."""
    if namespace in mesh_facts.whole(evidence):
        return True
    if monitor["kind"] == "PodMonitor":
        return mesh_pods.chosen(evidence, namespace, selection.of_selector(monitor["selector"]))
    return None


def _in_mesh(evidence: Evidence, prometheus: Mapping[str, Any]) -> bool:
    """Return whether a Prometheus of the operator is in the mesh. Its pods are those of the StatefulSet `prometheus-<name>`."""
    namespace = str(prometheus["namespace"])
    owner = f"StatefulSet/prometheus-{prometheus['name']}"
    pods = mesh_facts.single(evidence).get(namespace, [])
    if namespace in mesh_facts.whole(evidence):
        pods = evidence.api.view("pods").view(namespace).raw
    own = [pod for pod in pods if pod["owner"] == owner or pod["owner"].startswith(f"{owner}-shard-")]
    if own:
        return any(mesh_pods.captured(pod) for pod in own)
    # None runs at the moment: what its namespace says is all there is.
    return namespace in mesh_facts.whole(evidence)


# --- What sidecars left ---

IST_039 = CATALOGUE.rule(
    "ZT-IST-039",
    "low",
    stages=("mesh", "enforcement"),
    title="No Sidecar resource is counted on for pods of the mesh",
    why="Sidecar resources configure sidecars. ztunnel and waypoints do not read them: what one hides from such pods "
    "is not hidden.",
    remediation="Delete it, and write an AuthorizationPolicy, or a CiliumNetworkPolicy for egress, that says the same.",
    source="https://istio.io/latest/docs/reference/config/networking/sidecar/",
)


@IST_039.check(moments=VERIFY, when=facts.ambient)
def _leftover(evidence: Evidence) -> Iterator[Pass | Fail]:
    pods = evidence.api.view("pods")
    names = mesh_facts.with_enrolled(evidence)
    left = 0
    unsure = []
    for one in facts.policies(evidence, "sidecars"):
        name, subject = one["namespace"], f"Sidecar {one['namespace']}/{one['name']}"
        if name in mesh_facts.whole(evidence):
            if not any(pod["sidecar"] for pod in pods.view(name).raw):
                left += 1
                yield Fail("no pod of its namespace has a sidecar", subject=subject)
        elif name in names:
            labels = (one["spec"].get("workloadSelector") or {}).get("labels") or {}
            about = mesh_pods.chosen(evidence, name, selection.of_labels(labels))
            # Beside pods that are in the mesh by themselves there may be others, and that one is for those.
            if labels and about:
                left += 1
                yield Fail("it selects pods that are in the mesh by a label of their own", subject=subject)
            elif about is not False:
                unsure.append(subject)
    if unsure:
        raise Missing("api.pods", f"whether {listed(unsure, 4)} is about pods with a sidecar is not seen: few labels of pods are")
    mesh_facts.insist(evidence)
    if not left:
        yield Pass(f"none in {listed(names) or 'no namespace'}")


IST_040 = CATALOGUE.rule(
    "ZT-IST-040",
    "medium",
    stages=("mesh", "enforcement"),
    title="No pod that is to be in the mesh is asked to have a sidecar",
    why="A pod that gets a sidecar is left alone by ztunnel. With both labels the namespace's pods change over to sidecars one "
    "by one, as they are made anew.",
    remediation="kubectl label namespace <name> istio-injection- istio.io/rev- ; of a pod in the mesh by a label of its own: the "
    "label sidecar.istio.io/inject: 'false' in its template.",
    source="https://istio.io/latest/docs/ambient/usage/add-workloads/",
)


@IST_040.check()
def _asking(evidence: Evidence) -> Iterator[Pass | Fail]:
    hooks = [one for one in evidence.api.view("webhooks").raw if one["name"].endswith("sidecar-injector.istio.io")]
    namespaces = evidence.api.view("namespaces").raw
    asking = 0
    for name in mesh_facts.enrolled(evidence):
        labels = {"kubernetes.io/metadata.name": name, **namespaces[name]["labels"]}
        found = [
            one["name"]
            for one in hooks
            # Of a pod without a label of its own.
            if label_selector.selects(one["namespace_selector"], labels) and label_selector.selects(one["object_selector"], {})
        ]
        if found:
            asking += 1
            yield Fail(f"webhook {listed(found)} gives its pods a sidecar", subject=f"namespace {name}")
    for name, pods in mesh_facts.single(evidence).items():
        labels = {"kubernetes.io/metadata.name": name, **(namespaces[name]["labels"] if name in namespaces else {})}
        there = [one for one in hooks if label_selector.selects(one["namespace_selector"], labels)]
        for pod in pods:
            found = [one["name"] for one in there if label_selector.selects(one["object_selector"], pod["labels"])]
            if found:
                asking += 1
                subject = f"{pod.get('kind', 'pod')} {name}/{pod['name']}"
                yield Fail(f"webhook {listed(found)} gives it a sidecar", subject=subject)
    mesh_facts.insist(evidence)
    if not asking:
        yield Pass(f"{len(hooks)} webhooks for sidecars")
