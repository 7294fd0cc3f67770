# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about what a node's kernel tells of the networks of its pods, beside what annotations say of them."""

from __future__ import annotations

from ..evidence import certificate
from ..evidence.bundle import Evidence, Missing, dotted
from . import facts
from .facts import VERIFY, listed
from .rule import Answer, Catalogue, Fail, Pass

CATALOGUE = Catalogue("mesh")

IST_046 = CATALOGUE.rule(
    "ZT-IST-046",
    "high",
    stages=("mesh", "enforcement"),
    title="In every pod that is called redirected, ztunnel listens",
    why="After a reboot without a drain a pod may come back with the annotation of before and without ztunnel in its network: it "
    "sends and takes plain text, and every list of the mesh calls it enrolled.",
    remediation="kubectl -n <namespace> delete pod <pod>, once ZT-AMB-020 and ZT-IST-036 pass on its node; drain a node before "
    "its "
    "next reboot.",
    source="https://github.com/istio/istio/issues/60882",
)


def _redirected(evidence: Evidence) -> dict[str, list[dict[str, str]]]:
    """Return the running pods that istio-cni annotated as redirected, or about to be, by their node."""
    if "annotated" not in evidence.memo:
        by_node: dict[str, list[dict[str, str]]] = {}
        pods = [(name, pod) for name, several in evidence.api.view("pods").raw.items() for pod in several]
        if "enrolled_pods" in evidence.api:
            pods += [(pod["namespace"], pod) for pod in evidence.api.view("enrolled_pods").raw]
        seen = set()
        for namespace, pod in pods:
            name = f"{namespace}/{pod['name']}"
            told = pod["redirection"] in ("enabled", "pending") and pod["phase"] == "Running" and not pod["deleting"]
            if told and name not in seen:
                seen.add(name)
                by_node.setdefault(pod["node"], []).append(
                    {
                        "name": name,
                        "uid": pod.get("uid") or "",
                        "created": pod.get("created") or "",
                        "redirection": pod["redirection"],
                    }
                )
        evidence.memo["annotated"] = by_node
    return evidence.memo["annotated"]  # type: ignore[no-any-return]


def _by_age(evidence: Evidence, host: str) -> list[dict[str, str]]:
    """Return those of this node that were there when it was asked."""
    asked = certificate.moment(str(evidence.node(host)["collected_at"]))
    found = _redirected(evidence).get(facts.node_name(evidence, host), [])
    return [pod for pod in found if not pod["created"] or certificate.moment(pod["created"]) < asked]


@IST_046.check(each=facts.answering_nodes, moments=VERIFY, when=facts.ambient)
def _listens(evidence: Evidence, host: str) -> Answer:
    pods = [pod for pod in _by_age(evidence, host) if pod["redirection"] == "enabled"]
    if not pods:
        return None
    found = evidence.node(host).view("pod_networks")
    nobody = set(found.view("plain").raw)
    # Where somebody listens on some of the ports, ZT-NODE-070 says so.
    served = {*found.view("redirected").raw, *(one["pod"] for one in found.view("partly").raw)}
    plain = [pod["name"] for pod in pods if pod["uid"] in nobody]
    if plain:
        return Fail(f"ztunnel does not listen in {listed(plain, 5)}")
    unseen = [pod["name"] for pod in pods if pod["uid"] not in served]
    if unseen:
        raise Missing(dotted(found.path), f"the node did not tell of {listed(unseen, 5)}: a pod may have come or gone meanwhile")
    return Pass(f"{len(pods)} pods")


NODE_070 = CATALOGUE.rule(
    "ZT-NODE-070",
    "medium",
    stages=("mesh", "enforcement"),
    title="No application holds a port of ztunnel's",
    why="ztunnel listens on 15001, 15006 and 15008 in the network of each pod it serves. Where an application has one of them, "
    "ztunnel "
    "cannot come in, and the pod is not in the mesh.",
    remediation="Let the application listen on another port, and restart the pod.",
    source="https://istio.io/latest/docs/ops/deployment/application-requirements/#ports-used-by-istio",
    layer="mesh",
)


@NODE_070.check(each=facts.answering_nodes, moments=VERIFY, when=facts.ambient)
def _held(evidence: Evidence, host: str) -> Answer:
    pods = _by_age(evidence, host)
    if not pods:
        return None
    names = {pod["uid"]: pod["name"] for pod in pods}
    # A sidecar or a waypoint has some of these ports for good, and is not redirected.
    held = [
        f"{names[one['pod']]} ({', '.join(map(str, one['ports']))})"
        for one in evidence.node(host).view("pod_networks").view("partly").raw
        if one["pod"] in names
    ]
    return Fail(f"somebody listens on some of them in {listed(held, 5)}") if held else Pass(f"{len(pods)} pods")
