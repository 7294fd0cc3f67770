# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about mTLS: what PeerAuthentications make of it, and pods that ztunnel does not give it to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..evidence.bundle import Evidence, Missing
from . import facts, mesh_facts, mesh_pods
from .facts import AMBIENT, VERIFY, WRITTEN, listed
from .rule import Catalogue, Fail, Pass

CATALOGUE = Catalogue("mesh")

_L4 = "https://istio.io/latest/docs/ambient/usage/l4-policy/"


# --- PeerAuthentications ---

IST_010 = CATALOGUE.rule(
    "ZT-IST-010",
    "blocker",
    stages=("mesh", "enforcement"),
    title="Nothing that the API server calls refuses it",
    why="The API server is never in the mesh and calls webhooks, APIServices and who converts custom objects without the mesh's "
    "certificate. Under STRICT ztunnel closes the connection: what a webhook judges is refused, or let in unseen, and an API is "
    "gone.",
    remediation="kubectl label namespace <name> istio.io/dataplane-mode- ; or a PeerAuthentication for the called pods with "
    "portLevelMtls: {<port>: {mode: PERMISSIVE}}.",
    source="https://github.com/istio/istio/issues/52874",
)
_CALLED = (("webhooks", ""), ("api_services", "APIService "), ("conversions", "the conversion of "))


@IST_010.check(moments=VERIFY, when=facts.ambient)
def _called(evidence: Evidence) -> Iterator[Pass | Fail]:
    called: dict[str, list[str]] = {}
    unread: list[Missing] = []
    for key, what in _CALLED:
        try:
            several = evidence.api.view(key).raw
        except Missing as missing:
            unread.append(missing)
            continue
        for one in several:
            if one.get("service"):
                called.setdefault(str(one["service"]).partition("/")[0], []).append(f"{what}{one['name']}")
    strict = [
        name for name in mesh_facts.with_enrolled(evidence) if name in called and mesh_facts.wide_mode(evidence, name) == "STRICT"
    ]
    exceptions = {one["namespace"] for one in facts.policies(evidence, "peer_authentications") if mesh_facts.of_workloads(one)}
    unsure = []
    for name in strict:
        # Of a namespace that is not enrolled a few pods are in the mesh, and which of them answer is not seen either.
        if name in exceptions or name not in mesh_facts.whole(evidence) or _outside(evidence, name):
            unsure.append(name)
            continue
        yield Fail(
            f"in the mesh under STRICT, and called by the API server for {listed(called[name], 4)}", subject=f"namespace {name}"
        )
    if unsure:
        raise Missing(
            "api.pods",
            f"{listed(unsure)}: has pods outside the mesh or with a mode of their own; which answer the API server is not seen",
        )
    if unread:
        raise unread[0]
    mesh_facts.insist(evidence)
    if not strict:
        yield Pass(f"what it calls is in {listed(sorted(called)) or 'no namespace'}")


def _outside(evidence: Evidence, namespace: str) -> bool:
    """Return whether pods of an enrolled namespace are not in the mesh."""
    pods = evidence.api.view("pods").view(namespace).raw
    return any(pod["host_network"] or pod["labels"].get(AMBIENT) == "none" for pod in pods)


IST_011 = CATALOGUE.rule(
    "ZT-IST-011",
    "medium",
    stages=("mesh", "enforcement"),
    title="No PeerAuthentication of the mesh says DISABLE",
    why="Ambient cannot switch mTLS off: enrolled pods keep it among themselves. What DISABLE still does is to let plain text "
    "in, as PERMISSIVE does.",
    remediation="Write mode: PERMISSIVE if plain text is to be let in, else STRICT; or take the pods out of the mesh.",
    source=_L4,
)


def _subject(policy: dict[str, Any]) -> str:
    return f"PeerAuthentication {policy['namespace']}/{policy['name']}"


def _reached(evidence: Evidence, root: str = "") -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the PeerAuthentications about pods of the mesh in their own namespace or in all of them, and those that may be."""
    told = [(one, mesh_pods.concerned(evidence, one)) for one in facts.policies(evidence, "peer_authentications")]
    sure = [one for one, concerned in told if concerned or one["namespace"] == root]
    return sure, [one for one, concerned in told if concerned is None and one["namespace"] != root]


def _disables(policy: dict[str, Any]) -> bool:
    return "DISABLE" in (mesh_facts.mode(policy), *mesh_facts.port_modes(policy).values())


@IST_011.check(moments=WRITTEN, when=facts.in_mesh)
def _disabled(evidence: Evidence) -> Iterator[Pass | Fail]:
    reached, unsure = _reached(evidence, mesh_facts.root(evidence))
    wrong = [one for one in reached if _disables(one)]
    for one in wrong:
        ports = [port for port, mode in mesh_facts.port_modes(one).items() if mode == "DISABLE"]
        key = f"spec.portLevelMtls.{ports[0]}" if ports else "spec.mtls.mode"
        yield Fail("its mode is DISABLE", subject=_subject(one), key=key)
    mesh_pods.insist(evidence, [_subject(one) for one in unsure if _disables(one)])
    if not wrong:
        yield Pass(f"{len(reached)} PeerAuthentications")


IST_012 = CATALOGUE.rule(
    "ZT-IST-012",
    "medium",
    stages=("mesh", "enforcement"),
    title="A PeerAuthentication for the mesh is in the mesh's root namespace",
    why="Only the one without selector in meshConfig.rootNamespace is about the whole mesh. In istiod's namespace, where it is "
    "looked for first, it is about that namespace, when the root is another one.",
    remediation="Apply it in the namespace that meshConfig.rootNamespace names.",
    source="https://istio.io/latest/docs/reference/config/security/peer_authentication/",
)


@IST_012.check(moments=WRITTEN, when=facts.in_mesh)
def _for_the_mesh(evidence: Evidence) -> Iterator[Pass | Fail]:
    root, place = mesh_facts.root(evidence), str(evidence.api.view("namespaces_of")["istiod"])
    wide = [
        one
        for one in facts.policies(evidence, "peer_authentications")
        if root != place and one["namespace"] == place and not mesh_facts.of_workloads(one)
    ]
    for one in wide:
        yield Fail(f"it is about {place} only: the mesh's root is {root}", subject=f"PeerAuthentication {place}/{one['name']}")
    if not wide:
        yield Pass(f"the mesh's root is {root}")


IST_013 = CATALOGUE.rule(
    "ZT-IST-013",
    "high",
    stages=("mesh", "enforcement"),
    title="A mesh that is STRICT has no exceptions",
    why="A PeerAuthentication of a namespace or of workloads overrides that of the mesh: where it is not STRICT, plain text "
    "without any identity is let in.",
    remediation="Delete it, or set its mode to STRICT; an exception that must be stands in zerotrust_accepted with its reason.",
    source="https://istio.io/latest/docs/reference/config/security/peer_authentication/",
)


def _opens(policy: dict[str, Any]) -> list[str]:
    """Say where a PeerAuthentication lets plain text in."""
    open_modes, mode = {"PERMISSIVE", "DISABLE"}, mesh_facts.mode(policy)
    said = [f"its mode is {mode}"] if mode in open_modes else []
    # istiod heeds ports only together with a selector, and DISABLE of a port only where the policy itself is STRICT.
    open_ports = open_modes if mode == "STRICT" else {"PERMISSIVE"}
    if mesh_facts.of_workloads(policy):
        ports = sorted(port for port, one in mesh_facts.port_modes(policy).items() if one in open_ports)
        said += [f"open ports: {listed(ports)}"] if ports else []
    return said


@IST_013.check(moments=WRITTEN, when=facts.in_mesh)
def _exceptions(evidence: Evidence) -> Iterator[Pass | Fail]:
    root = mesh_facts.root(evidence)
    if mesh_facts.wide_mode(evidence, root) != "STRICT":
        yield Pass("the mesh is not STRICT")
        return
    reached, unsure = ([one for one in several if one["namespace"] != root] for several in _reached(evidence))
    holes = 0
    for one in reached:
        said = _opens(one)
        if said:
            holes += 1
            yield Fail("; ".join(said), subject=_subject(one))
    mesh_pods.insist(evidence, [_subject(one) for one in unsure if _opens(one)])
    if not holes:
        yield Pass(f"STRICT, and {len(reached)} PeerAuthentications of enrolled namespaces leave it so")


# --- Pods outside ztunnel ---

IST_019 = CATALOGUE.rule(
    "ZT-IST-019",
    "medium",
    stages=("mesh", "enforcement"),
    title="No pod that is to be in the mesh has a sidecar",
    why="A sidecar wins: ztunnel leaves the pod alone, and what is configured for ambient is not applied to it.",
    remediation="kubectl label namespace <name> istio-injection- istio.io/rev- ; then restart the pods.",
    source="https://istio.io/latest/docs/ambient/usage/add-workloads/",
)
IST_020 = CATALOGUE.rule(
    "ZT-IST-020",
    "low",
    stages=("mesh", "enforcement"),
    title="No pod that is to be in the mesh uses the node's network",
    why="ztunnel captures no pod with hostNetwork: it has no mTLS and no identity, and enrolled pods under STRICT turn it away.",
    remediation="Remove hostNetwork: true from the pod's template, or move it to a namespace outside the mesh.",
    source="https://istio.io/latest/docs/ambient/usage/add-workloads/",
)


def _pods(evidence: Evidence, key: str, said: str) -> Iterator[Pass | Fail]:
    several = mesh_facts.meant(evidence)
    wrong = False
    for name, pods in several.items():
        found = [pod["name"] for pod in pods if pod[key] and not pod["deleting"]]
        if found:
            wrong = True
            yield Fail(f"{said}: {listed(found, 5)}", subject=f"namespace {name}")
    mesh_facts.insist(evidence)
    if not wrong:
        yield Pass(f"none in {listed(several) or 'no namespace'}")


@IST_019.check(moments=VERIFY)
def _sidecars(evidence: Evidence) -> Iterator[Pass | Fail]:
    return _pods(evidence, "sidecar", "with a sidecar")


@IST_020.check(moments=VERIFY)
def _host_network(evidence: Evidence) -> Iterator[Pass | Fail]:
    return _pods(evidence, "host_network", "on the node's network")


IST_045 = CATALOGUE.rule(
    "ZT-IST-045",
    "low",
    stages=("mesh", "enforcement"),
    title="No pod that is to be in the mesh answers at a port of its node",
    why="What comes in by a hostPort comes from outside the mesh, in plain text: under STRICT it is refused, and otherwise it "
    "passes "
    "every policy that asks who calls.",
    remediation="Remove hostPort from the pod's template, and reach it by a Service; or accept it, with a policy for that port.",
    source="https://github.com/istio/istio/issues/53176",
)


@IST_045.check(moments=VERIFY)
def _host_ports(evidence: Evidence) -> Iterator[Pass | Fail]:
    return _pods(evidence, "host_ports", "with a hostPort")
