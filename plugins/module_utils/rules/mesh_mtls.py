# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about mTLS: what PeerAuthentications make of it, and pods that ztunnel does not give it to."""

from __future__ import annotations

from collections.abc import Iterator

from ..evidence.bundle import Evidence, Missing
from . import facts, mesh_facts
from .facts import AMBIENT, VERIFY, listed
from .rule import Catalogue, Fail, Pass

CATALOGUE = Catalogue("mesh")

_L4 = "https://istio.io/latest/docs/ambient/usage/l4-policy/"


# --- PeerAuthentications ---

IST_010 = CATALOGUE.rule(
    "ZT-IST-010",
    "blocker",
    stages=("mesh", "enforcement"),
    title="No webhook refuses the API server",
    why="The API server is never in the mesh and calls webhooks without the mesh's certificate. Under STRICT ztunnel closes the "
    "connection: what the webhook judges is refused, or let in unseen.",
    remediation="kubectl label namespace <name> istio.io/dataplane-mode- ; or a PeerAuthentication for the webhook's pods with "
    "portLevelMtls: {<port>: {mode: PERMISSIVE}}.",
    source="https://github.com/istio/istio/issues/52874",
)


@IST_010.check(moments=VERIFY, when=facts.ambient)
def _webhooks(evidence: Evidence) -> Iterator[Pass | Fail]:
    hooks: dict[str, list[str]] = {}
    for hook in evidence.api.view("webhooks").raw:
        if hook.get("service"):
            hooks.setdefault(str(hook["service"]).partition("/")[0], []).append(str(hook["name"]))
    strict = [
        name for name in mesh_facts.enrolled(evidence) if name in hooks and mesh_facts.wide_mode(evidence, name) == "STRICT"
    ]
    exceptions = {one["namespace"] for one in facts.policies(evidence, "peer_authentications") if mesh_facts.of_workloads(one)}
    unsure = []
    for name in strict:
        outside = [
            pod["name"]
            for pod in evidence.api.view("pods").view(name).raw
            if pod["host_network"] or pod["labels"].get(AMBIENT) == "none"
        ]
        if name in exceptions or outside:
            unsure.append(name)
            continue
        yield Fail(
            f"in the mesh under STRICT, and called by the API server for {listed(hooks[name], 4)}", subject=f"namespace {name}"
        )
    if unsure:
        raise Missing(
            "api.pods",
            f"{listed(unsure)}: has pods outside the mesh or with a mode of their own; which answer the webhook is not seen",
        )
    if not strict:
        yield Pass(f"webhooks are in {listed(sorted(hooks)) or 'no namespace'}")


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


@IST_011.check(moments=VERIFY, when=facts.ambient)
def _disabled(evidence: Evidence) -> Iterator[Pass | Fail]:
    places = {*mesh_facts.enrolled(evidence), mesh_facts.root(evidence)}
    reached = [one for one in facts.policies(evidence, "peer_authentications") if one["namespace"] in places]
    wrong = [one for one in reached if "DISABLE" in (mesh_facts.mode(one), *mesh_facts.port_modes(one).values())]
    for one in wrong:
        subject = f"PeerAuthentication {one['namespace']}/{one['name']}"
        ports = [port for port, mode in mesh_facts.port_modes(one).items() if mode == "DISABLE"]
        key = f"spec.portLevelMtls.{ports[0]}" if ports else "spec.mtls.mode"
        yield Fail("its mode is DISABLE", subject=subject, key=key)
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


@IST_012.check(moments=VERIFY, when=facts.ambient)
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


@IST_013.check(moments=VERIFY, when=facts.ambient)
def _exceptions(evidence: Evidence) -> Iterator[Pass | Fail]:
    root = mesh_facts.root(evidence)
    if mesh_facts.wide_mode(evidence, root) != "STRICT":
        yield Pass("the mesh is not STRICT")
        return
    places = set(mesh_facts.enrolled(evidence)) - {root}
    reached = [one for one in facts.policies(evidence, "peer_authentications") if one["namespace"] in places]
    holes = 0
    for one in reached:
        open_modes = {"PERMISSIVE", "DISABLE"}
        said = [f"its mode is {mesh_facts.mode(one)}"] if mesh_facts.mode(one) in open_modes else []
        # istiod heeds ports only together with a selector, and DISABLE of a port only where the policy itself is STRICT.
        open_ports = open_modes if mesh_facts.mode(one) == "STRICT" else {"PERMISSIVE"}
        ports = (
            sorted(port for port, mode in mesh_facts.port_modes(one).items() if mode in open_ports)
            if mesh_facts.of_workloads(one)
            else []
        )
        if ports:
            said.append(f"open ports: {listed(ports)}")
        if said:
            holes += 1
            yield Fail("; ".join(said), subject=f"PeerAuthentication {one['namespace']}/{one['name']}")
    if not holes:
        yield Pass(f"STRICT, and {len(reached)} PeerAuthentications of enrolled namespaces leave it so")


# --- Pods outside ztunnel ---

IST_019 = CATALOGUE.rule(
    "ZT-IST-019",
    "medium",
    stages=("mesh", "enforcement"),
    title="No pod of an enrolled namespace has a sidecar",
    why="A sidecar wins: ztunnel leaves the pod alone, and what is configured for ambient is not applied to it.",
    remediation="kubectl label namespace <name> istio-injection- istio.io/rev- ; then restart the pods.",
    source="https://istio.io/latest/docs/ambient/usage/add-workloads/",
)
IST_020 = CATALOGUE.rule(
    "ZT-IST-020",
    "low",
    stages=("mesh", "enforcement"),
    title="No pod of an enrolled namespace uses the node's network",
    why="ztunnel captures no pod with hostNetwork: it has no mTLS and no identity, and enrolled pods under STRICT turn it away.",
    remediation="Remove hostNetwork: true from the pod's template, or move it to a namespace outside the mesh.",
    source="https://istio.io/latest/docs/ambient/usage/add-workloads/",
)


def _pods(evidence: Evidence, key: str, said: str) -> Iterator[Pass | Fail]:
    names = mesh_facts.enrolled(evidence)
    wrong = False
    for name in names:
        pods = [pod["name"] for pod in evidence.api.view("pods").view(name).raw if pod[key] and not pod["deleting"]]
        if pods:
            wrong = True
            yield Fail(f"{said}: {listed(pods, 5)}", subject=f"namespace {name}")
    if not wrong:
        yield Pass(f"none in {listed(names) or 'no namespace'}")


@IST_019.check(moments=VERIFY)
def _sidecars(evidence: Evidence) -> Iterator[Pass | Fail]:
    return _pods(evidence, "sidecar", "with a sidecar")


@IST_020.check(moments=VERIFY)
def _host_network(evidence: Evidence) -> Iterator[Pass | Fail]:
    return _pods(evidence, "host_network", "on the node's network")
