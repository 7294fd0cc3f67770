# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about Istio: that it is as it has to be, on every node, and that pods are really in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..evidence import disruption_budget, duration
from ..evidence.bundle import Evidence, Missing
from ..evidence.objects import REDIRECTION
from . import facts, mesh_facts
from .facts import AMBIENT, VERIFY, is_true, listed
from .rule import Answer, Catalogue, Fail, Pass

CATALOGUE = Catalogue("mesh")

IST_002 = CATALOGUE.rule(
    "ZT-IST-002",
    "blocker",
    stages=("mesh",),
    title="The ambient profile is set for istiod and istio-cni",
    why="Without it istiod serves no ambient workloads and istio-cni redirects none; nothing says so.",
    remediation="Set profile: ambient in the values of istiod, cni and ztunnel.",
    source="https://istio.io/latest/docs/ambient/install/helm/",
)


@IST_002.check(each=lambda evidence: [f"chart {name}" for name in ("istiod", "cni", "ztunnel") if name in evidence.charts])
def _profile(evidence: Evidence, subject: str) -> Answer:
    values = facts.chart(evidence, subject).view("values")
    profile = values.get("profile") or values.find("global.profile")
    return Pass("profile is ambient") if profile == "ambient" else Fail(f"profile is {profile or 'not set'}")


@IST_002.check(moments=VERIFY, subject="istio-system", when=facts.ambient)
def _profile_live(evidence: Evidence) -> Answer:
    env = evidence.api.view("istio").view("istiod").view("containers").view("discovery").view("env")
    cni = evidence.api.view("istio").view("cni_config")
    off = []
    if not is_true(env.get("PILOT_ENABLE_AMBIENT")):
        off.append("PILOT_ENABLE_AMBIENT of istiod")
    if not is_true(cni.get("AMBIENT_ENABLED")):
        off.append("AMBIENT_ENABLED of istio-cni")
    return Fail(f"not true: {listed(off)}") if off else Pass("istiod and istio-cni run with ambient on")


IST_003 = CATALOGUE.rule(
    "ZT-IST-003",
    "high",
    stages=("mesh",),
    title="istiod has at least two replicas",
    why="With one, its node's loss takes certificates and configuration away. replicaCount is ignored while the autoscaler is "
    "on, whose minimum is 1.",
    remediation="Set autoscaleMin: 2 in the istiod values (or autoscaleEnabled: false and replicaCount: 2).",
    source="https://istio.io/latest/docs/ops/deployment/application-requirements/",
)


@IST_003.check(each=facts.planned("istiod"))
def _replicas_planned(evidence: Evidence, subject: str) -> Answer:
    rendered = facts.chart(evidence, subject).view("rendered")
    scalers = rendered.view("autoscalers")
    if "istiod" in scalers:
        low = scalers.view("istiod")["min"]
        return (
            Pass(f"the rendered autoscaler keeps at least {low}")
            if int(low) >= 2
            else Fail(f"the rendered autoscaler keeps at least {low}")
        )
    count = rendered.view("workloads").view("istiod").get("replicas")
    return (
        Pass(f"{count} replicas, rendered") if (count or 1) >= 2 else Fail(f"{count or 1} replica is rendered, and no autoscaler")
    )


@IST_003.check(moments=VERIFY, subject="Deployment istio-system/istiod")
def _replicas_live(evidence: Evidence) -> Answer:
    found = evidence.api.view("istio")
    status = found.view("istiod").view("status")
    ready = int(status["ready"])
    low = found.view("autoscaler")["min"] if found["autoscaler"] is not None else found.view("istiod").get("replicas") or 1
    if int(low) < 2:
        return Fail(f"the cluster keeps at least {low}")
    if ready < 2:
        return Fail(f"{ready} ready pods, at least {low} wanted", "kubectl -n istio-system describe deployment,hpa istiod")
    trouble = facts.workload_ready(found.view("istiod"), "istiod")
    return (
        Fail(trouble, "kubectl -n istio-system describe deployment istiod")
        if trouble
        else Pass(f"{ready} ready, at least {low} kept")
    )


IST_004 = CATALOGUE.rule(
    "ZT-IST-004",
    "high",
    stages=("mesh",),
    title="A PodDisruptionBudget keeps one istiod and lets nodes be drained",
    why="The chart makes the budget only with two replicas or more; without it a drain may take all of them, and one that "
    "allows nothing blocks every drain.",
    remediation="Set autoscaleMin: 2 and leave pdb.minAvailable at 1.",
    source="https://istio.io/latest/docs/ambient/install/helm/",
)


def _budget(budget: Any, replicas: int) -> Pass | Fail:
    free = disruption_budget.allowed(budget, replicas)
    if free <= 0:
        return Fail(
            f"with {replicas} replicas it allows no eviction: drains block", "Give it one replica more than minAvailable."
        )
    if free >= replicas:
        return Fail(f"with {replicas} replicas it allows all of them to go at once", "Set pdb.minAvailable: 1.")
    return Pass(f"of {replicas} replicas {free} may go at once")


@IST_004.check(each=facts.planned("istiod"))
def _budget_planned(evidence: Evidence, subject: str) -> Answer:
    rendered = facts.chart(evidence, subject).view("rendered")
    budgets, scalers = rendered.view("budgets"), rendered.view("autoscalers")
    if "istiod" not in budgets:
        return Fail("the chart renders no PodDisruptionBudget with these values")
    replicas = (
        scalers.view("istiod")["min"] if "istiod" in scalers else rendered.view("workloads").view("istiod").get("replicas") or 1
    )
    return _budget(budgets.view("istiod").raw, int(replicas))


@IST_004.check(moments=VERIFY, subject="PodDisruptionBudget istio-system/istiod")
def _budget_live(evidence: Evidence) -> Answer:
    place = str(evidence.api.view("namespaces_of")["istiod"])
    budgets = evidence.api.view("budgets").raw
    found = next((one for one in budgets if (one["namespace"], one["name"]) == (place, "istiod")), None)
    if found is None:
        return Fail("there is none")
    status = found["status"]
    if status["allowed"] < 1:
        return Fail(
            f"it allows no eviction now: {status['healthy']} of {status['expected_pods']} pods are healthy, {status['needed']} "
            "needed"
        )
    return _budget(found, max(status["expected_pods"], 1))


IST_005 = CATALOGUE.rule(
    "ZT-IST-005",
    "high",
    stages=("mesh",),
    title="No one relies on REGISTRY_ONLY for egress",
    why="ztunnel does not implement it: in ambient every unknown destination is passed through. Only sidecars and gateways "
    "obey it.",
    remediation="Remove meshConfig.outboundTrafficPolicy, and allow egress by Cilium policies (default deny, toFQDNs, toCIDR).",
    source="https://github.com/istio/ztunnel/issues/369",
)
_REGISTRY_ONLY = "outboundTrafficPolicy.mode is REGISTRY_ONLY: it looks like an egress allow-list and is none here"


@IST_005.check(each=facts.planned("istiod"))
def _registry_only(evidence: Evidence, subject: str) -> Answer:
    mode = facts.effective(evidence, subject).find("meshConfig.outboundTrafficPolicy.mode")
    return Fail(_REGISTRY_ONLY) if mode == "REGISTRY_ONLY" else Pass("it is not set")


@IST_005.check(moments=VERIFY, subject="ConfigMap istio-system/istio")
def _registry_only_live(evidence: Evidence) -> Answer:
    mode = evidence.api.view("istio").view("mesh_config").find("outboundTrafficPolicy.mode")
    return Fail(_REGISTRY_ONLY) if mode == "REGISTRY_ONLY" else Pass("it is not set")


IST_017 = CATALOGUE.rule(
    "ZT-IST-017",
    "medium",
    stages=("mesh", "enforcement"),
    title="Membership is a label with a value that counts",
    why="istio.io/dataplane-mode counts as a label with the value ambient or none. As an annotation, or with another value, it "
    "does nothing. ambient.istio.io/redirection is what istio-cni writes on a pod that it has redirected: with enabled by hand, "
    "istio-cni never mends a pod that it has missed, and istiod has the mesh send it HBONE that nobody takes.",
    remediation="Write it as a label of the namespace, or of the pod template: istio.io/dataplane-mode: ambient, or none; remove "
    "ambient.istio.io/redirection.",
    source="https://istio.io/latest/docs/ambient/usage/add-workloads/",
)


@IST_017.check()
def _annotated(evidence: Evidence) -> Iterator[Pass | Fail]:
    wrong = False
    for name, one in evidence.api.view("namespaces").raw.items():
        if one.get("dataplane_annotation") is not None:
            wrong = True
            said = f"the annotation {AMBIENT}: {one['dataplane_annotation']} has no effect"
            yield Fail(said, subject=f"namespace {name}", key=f"metadata.annotations.{AMBIENT}")
        if one.get("redirection") is not None:
            wrong = True
            said = f"the annotation {REDIRECTION}: {one['redirection']} has no effect: it is a status of pods"
            yield Fail(said, subject=f"namespace {name}", key=f"metadata.annotations.{REDIRECTION}")
        value = one["labels"].get(AMBIENT)
        if value not in (None, "ambient", "none"):
            wrong = True
            said = f"the label {AMBIENT}={value} has no effect"
            yield Fail(said, subject=f"namespace {name}", key=f"metadata.labels.{AMBIENT}")
    if not wrong:
        yield Pass("no annotation, no unknown value")


@IST_017.check()
def _pods_annotated(evidence: Evidence) -> Iterator[Pass | Fail]:
    wrong = False
    for one in evidence.api.view("workloads").raw:
        subject = f"{one['kind']} {one['namespace']}/{one['name']}"
        for key, value in one["dataplane_annotations"].items():
            wrong = True
            said = f"the annotation {key}: {value} of its pods {_effect(key, value)}"
            yield Fail(said, subject=subject, key=f"spec.template.metadata.annotations.{key}")
        for where, key, value in _at_the_object(one):
            wrong = True
            said = f"{key}: {value} is {where} of the {one['kind']} itself: its pods do not get it"
            yield Fail(said, subject=subject, key=f"metadata.{_PLACES[where]}.{key}")
        value = one["labels"].get(AMBIENT)
        if value not in (None, "ambient", "none"):
            wrong = True
            said = f"the label {AMBIENT}={value} of its pods has no effect"
            yield Fail(said, subject=subject, key=f"spec.template.metadata.labels.{AMBIENT}")
    if not wrong:
        yield Pass("no pod template has such an annotation, or an unknown value")


_PLACES = {"a label": "labels", "an annotation": "annotations"}


def _at_the_object(workload: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield what stands at what makes pods and not at the pods: as what, its key and its value."""
    own = workload.get("own") or {}
    for where, place in _PLACES.items():
        for key, value in own.get(place, {}).items():
            if workload["labels"].get(key) != value:
                yield where, key, value


def _effect(key: str, value: str) -> str:
    """Say what an annotation of pods does that somebody else than istio-cni wrote."""
    if key != REDIRECTION:
        return "has no effect"
    if value == "enabled":
        return "has istio-cni and istiod take each for redirected before it is"
    return "is istio-cni's to write, and says nothing to it"


IST_018 = CATALOGUE.rule(
    "ZT-IST-018",
    "high",
    stages=("mesh", "enforcement"),
    title="Every pod that labels put into the mesh is redirected",
    why="A pod that started while istio-cni was not in the chain runs in plain text, and looks no different.",
    remediation="kubectl -n <namespace> delete pod <pod>, once ZT-AMB-020 passes on its node.",
    source="https://istio.io/latest/docs/ambient/usage/verify-mtls-enabled/",
)


@IST_018.check(moments=VERIFY)
def _redirected(evidence: Evidence) -> Iterator[Pass | Fail]:
    for name, pods in mesh_facts.meant(evidence).items():
        plain, waiting, running = [], [], 0
        for pod in pods:
            if pod["host_network"] or pod["deleting"] or pod["phase"] != "Running":
                continue
            running += 1
            if pod["redirection"] == "pending":
                waiting.append(pod["name"])
            elif pod["redirection"] != "enabled":
                plain.append(pod["name"] + (" (has a sidecar)" if pod["sidecar"] else ""))
        subject = f"namespace {name}"
        if plain:
            yield Fail(
                f"in plain text: {listed(plain, 5)}",
                f"kubectl -n {name} delete pod {plain[0].split()[0]} (and the like), once ZT-AMB-020 passes.",
                subject=subject,
            )
        elif waiting:
            yield Fail(
                f"redirected, and unknown to ztunnel: {listed(waiting, 5)}",
                "See the log of ztunnel on their nodes.",
                subject=subject,
            )
        elif running:
            yield Pass(f"{running} pods", subject=subject)
    mesh_facts.insist(evidence)


IST_022 = CATALOGUE.rule(
    "ZT-IST-022",
    "blocker",
    stages=("mesh",),
    title="istio-cni and ztunnel share a namespace, and istiod trusts it",
    why="istio-cni finds ztunnel only in its own namespace, and istiod signs for workloads only at the request of the ztunnel "
    "account it trusts.",
    remediation="Install cni and ztunnel in istio-system, or set trustedZtunnelNamespace and install both elsewhere.",
    source="https://istio.io/latest/docs/ambient/install/helm/",
)


@IST_022.check(subject="charts cni and ztunnel")
def _one_namespace(evidence: Evidence) -> Answer:
    if "cni" not in evidence.charts or "ztunnel" not in evidence.charts:
        return None
    cni, ztunnel = (facts.chart(evidence, f"chart {name}")["namespace"] for name in ("cni", "ztunnel"))
    return Pass(f"both in {cni}") if cni == ztunnel else Fail(f"cni goes to {cni}, ztunnel to {ztunnel}")


@IST_022.check(moments=VERIFY, subject="Deployment istio-system/istiod")
def _trusted(evidence: Evidence) -> Answer:
    istio = evidence.api.view("istio")
    env = istio.view("istiod").view("containers").view("discovery").view("env")
    trusted = [one.strip() for one in str(env.get("CA_TRUSTED_NODE_ACCOUNTS") or "").split(",")]
    ztunnel = istio.view("ztunnel")
    account = f"{ztunnel['namespace']}/{ztunnel['service_account']}"
    return (
        Pass(f"it trusts {account}")
        if account in trusted
        else Fail(f"ztunnel is {account}, istiod trusts {listed(trusted) or 'none'}")
    )


IST_025 = CATALOGUE.rule(
    "ZT-IST-025",
    "high",
    stages=("mesh",),
    title="ztunnel asks for certificates that istiod will sign",
    why="istiod refuses a request above MAX_WORKLOAD_CERT_TTL: no workload gets a certificate. Half of SECRET_TTL is what the "
    "mesh survives without istiod.",
    remediation="Set env.SECRET_TTL of ztunnel below env.MAX_WORKLOAD_CERT_TTL of istiod.",
    source="https://istio.io/latest/docs/reference/commands/pilot-discovery/",
)


def real_ztunnel(evidence: Evidence) -> None:
    """Insist that what runs as ztunnel is Istio's own: what another one does says nothing about it."""
    build = evidence.api.view("istio")["ztunnel_build"]
    if build is None:
        raise Missing("api.istio.ztunnel_build", "no ztunnel is ready, so none could say which build it is")
    if "lab-ztunnel" in str(build):
        raise Missing(
            "api.istio.ztunnel_build", f"the ztunnel of this cluster is a stand-in ({build}); Istio's own may behave otherwise"
        )


@IST_025.check(moments=VERIFY, subject="DaemonSet istio-system/ztunnel", when=facts.ambient)
def _certificate_life(evidence: Evidence) -> Answer:
    real_ztunnel(evidence)
    istio = evidence.api.view("istio")
    asked = str(istio.view("ztunnel").view("containers").view("istio-proxy").view("env").get("SECRET_TTL") or "24h")
    limit = str(istio.view("istiod").view("containers").view("discovery").view("env").get("MAX_WORKLOAD_CERT_TTL") or "2160h")
    life, longest = duration.seconds(asked), duration.seconds(limit)
    if life is None or longest is None:
        return Fail(f"SECRET_TTL is {asked!r}, MAX_WORKLOAD_CERT_TTL is {limit!r}: not both are durations")
    if life > longest:
        return Fail(f"SECRET_TTL is {asked}, istiod signs for at most {limit}")
    return Pass(f"certificates live {asked}; the mesh survives at least {life / 7200:.0f} h without istiod")


IST_035 = CATALOGUE.rule(
    "ZT-IST-035",
    "high",
    stages=("enforcement",),
    title="Every namespace meant for the mesh is in it",
    why="What is not labelled is not in the mesh: no mTLS, no identity.",
    remediation="kubectl label namespace <name> istio.io/dataplane-mode=ambient (the pod_security role does), or take it out "
    "of zerotrust_mesh_namespaces.",
    source="https://istio.io/latest/docs/ambient/usage/add-workloads/",
)


@IST_035.check(
    moments=VERIFY, each=lambda evidence: [f"namespace {one}" for one in evidence.desired.view("namespaces").view("mesh").raw]
)
def _enrolled(evidence: Evidence, subject: str) -> Answer:
    name = subject.removeprefix("namespace ")
    namespaces = evidence.api.view("namespaces")
    if name not in namespaces:
        return Fail(
            "there is no such namespace", f"kubectl create namespace {name}, or take it out of zerotrust_mesh_namespaces."
        )
    value = namespaces.view(name).view("labels").get(AMBIENT)
    return Pass(f"{AMBIENT}=ambient") if value == "ambient" else Fail(f"its label {AMBIENT} is {value or 'not set'}")


IST_036 = CATALOGUE.rule(
    "ZT-IST-036",
    "blocker",
    stages=("mesh",),
    title="istio-cni and ztunnel are ready on every node",
    why="Where istio-cni is not, pods start outside the mesh or not at all; where ztunnel is not, enrolled pods have no network.",
    remediation="kubectl -n istio-system describe pod of the one that is not ready.",
    source="https://istio.io/latest/docs/ambient/architecture/data-plane/",
)


@IST_036.check(moments=VERIFY, when=facts.ambient)
def _agents(evidence: Evidence) -> Iterator[Pass | Fail]:
    istio = evidence.api.view("istio")
    names = facts.hosts_by_node_name(evidence)
    places = evidence.api.view("namespaces_of")
    for key, what, label, value in (
        ("cni", "istio-cni-node", "k8s-app", "istio-cni-node"),
        ("ztunnel", "ztunnel", "app", "ztunnel"),
    ):
        subject = f"DaemonSet {places[key]}/{what}"
        if istio[key] is None:
            yield Fail("there is none", "Run site.yml: it installs it.", subject=subject)
            continue
        pods = evidence.api.view("pods").view(str(places[key])).raw
        ready = {pod["node"] for pod in pods if pod["labels"].get(label) == value and pod["ready"]}
        without = sorted(host for name, host in names.items() if name in evidence.api.view("nodes") and name not in ready)
        trouble = facts.workload_ready(istio.view(key), what)
        if without:
            yield Fail(f"no ready pod on {listed(without)}", subject=subject)
        elif trouble:
            yield Fail(trouble, subject=subject)
        else:
            yield Pass(f"ready on {len(ready)} nodes", subject=subject)
