# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about webhooks: whom they spare, that they answer and who can reach them, and that they are closed once they can."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..evidence import label_selector
from ..evidence.bundle import Evidence
from . import facts, gatekeeper_facts
from .facts import PREFLIGHT, VERIFY, holds, is_true, listed
from .rule import Answer, Catalogue, Fail, Pass

CATALOGUE = Catalogue("policy")

_FAILING = "https://open-policy-agent.github.io/gatekeeper/website/docs/failing-closed/"
_GATEKEEPER = "validation.gatekeeper.sh"

GK_003 = CATALOGUE.rule(
    "ZT-GK-003",
    "medium",
    stages=("policy", "enforcement"),
    title="Whether admission fails open is decided",
    why="With failurePolicy Ignore (the chart's default) a request is let in whenever Gatekeeper does not answer within its "
    "timeout. "
    "That is right while it is installed; afterwards it is a decision, and this report shows it.",
    remediation="Decide: accept it with a reason in zerotrust_accepted, or set validatingWebhookFailurePolicy: Fail once "
    "ZT-GK-004 passes for it.",
    source=_FAILING,
)


@GK_003.check(moments=VERIFY, subject=f"webhook {_GATEKEEPER}")
def _fails_open(evidence: Evidence) -> Answer:
    gatekeeper_facts.controller(evidence)
    hook = next((one for one in evidence.api.view("webhooks") if one["name"] == _GATEKEEPER), None)
    if hook is None:
        # Then nobody is asked at all, which ZT-GK-030 says.
        return None
    if hook["failure_policy"] == "Ignore":
        return Fail(f"failurePolicy is Ignore: without an answer within {hook['timeout']} s everything is let in")
    return Pass(f"failurePolicy is {hook['failure_policy']}")


@GK_003.check(each=facts.planned("gatekeeper"), moments=PREFLIGHT)
def _will_fail_open(evidence: Evidence, subject: str) -> Answer:
    policy = str(facts.effective(evidence, subject)["validatingWebhookFailurePolicy"])
    return Fail("validatingWebhookFailurePolicy is Ignore") if policy == "Ignore" else Pass(f"failurePolicy {policy}")


GK_030 = CATALOGUE.rule(
    "ZT-GK-030",
    "blocker",
    stages=("policy", "enforcement"),
    title="The API server asks Gatekeeper",
    why="Without its webhooks in a ValidatingWebhookConfiguration Gatekeeper runs, audits and looks well, and is asked about "
    "nothing: every object is let in, and any namespace may be labelled out of its reach. Deleting the configuration is also how "
    "one gets out of a lock-out, and easily forgotten.",
    remediation="Run site.yml: it installs Gatekeeper with its webhooks. Leave disableValidatingWebhook at false.",
    source=_FAILING,
)
# What judges objects, and what judges who may be left out.
_ASKED = (_GATEKEEPER, "check-ignore-label.gatekeeper.sh")


def _registered(hooks: Iterable[Mapping[str, Any]]) -> Answer:
    covering = {hook["name"] for hook in hooks if any({"*", "CREATE"} & set(rule["operations"]) for rule in hook["rules"])}
    absent = [name for name in _ASKED if name not in covering]
    return Fail(f"no webhook {listed(absent)} is asked about what is created") if absent else Pass(f"{listed(_ASKED)}")


@GK_030.check(moments=VERIFY, subject=f"webhook {_GATEKEEPER}")
def _asked(evidence: Evidence) -> Answer:
    gatekeeper_facts.controller(evidence)
    return _registered(evidence.api.view("webhooks").raw)


@GK_030.check(each=facts.planned("gatekeeper"), moments=PREFLIGHT)
def _will_be_asked(evidence: Evidence, subject: str) -> Answer:
    return _registered(facts.chart(evidence, subject).view("rendered").view("webhooks").raw)


GK_004 = CATALOGUE.rule(
    "ZT-GK-004",
    "blocker",
    stages=("policy", "mesh", "enforcement"),
    title="No webhook that fails closed covers what its own pods need to start",
    why="Seen: with failurePolicy Fail on everything, Cilium cannot create the identity of the webhook's pods, so they get no "
    "network and never answer; "
    "controllers cannot renew their leases and stop. The cluster is dead within a minute, for good.",
    remediation="Leave cilium.io, coordination.k8s.io and kube-system out by matchConditions, rules or namespaceSelector "
    "first, or set failurePolicy: Ignore.",
    source=_FAILING,
)

# (group, resource, namespace or None when the object has none, what it is)
_NEEDED = (
    ("cilium.io", "ciliumidentities", None, "CiliumIdentities"),
    ("cilium.io", "ciliumendpoints", "", "CiliumEndpoints"),
    ("coordination.k8s.io", "leases", "kube-system", "Leases"),
    ("", "pods", "kube-system", "pods of kube-system"),
    ("", "pods", "", "its own pods"),
)


@GK_004.check()
def _self_lock(evidence: Evidence) -> Iterator[Pass | Fail]:
    namespaces = evidence.api.view("namespaces").raw
    closed = _failing_closed(evidence.api.view("webhooks").raw)
    for hook in closed:
        covered = _covered(hook, namespaces)
        if covered:
            yield Fail(
                f"failurePolicy Fail covers {listed(covered)}; it is served by pods ({hook['service']}) that cannot start "
                "without them",
                subject=f"webhook {hook['name']}",
            )
        else:
            yield Pass("it fails closed and leaves out what its pods need", subject=f"webhook {hook['name']}")
    if not closed:
        yield Pass("no webhook of a Service fails closed")


@GK_004.check(each=facts.planned("gatekeeper"), moments=PREFLIGHT)
def _self_lock_planned(evidence: Evidence, subject: str) -> Answer:
    namespaces = evidence.api.view("namespaces").raw
    for hook in _failing_closed(facts.chart(evidence, subject).view("rendered").view("webhooks").raw):
        covered = _covered(hook, namespaces)
        if covered:
            return Fail(f"{hook['name']} would fail closed and covers {listed(covered)}")
    return Pass("no rendered webhook fails closed on what its pods need")


def _failing_closed(hooks: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return those that are served from within the cluster, and let nothing in without an answer."""
    return [hook for hook in hooks if hook["failure_policy"] == "Fail" and hook["service"]]


def _covered(hook: Mapping[str, Any], namespaces: Mapping[str, Any]) -> list[str]:
    own = str(hook["service"]).split("/", maxsplit=1)[0]
    conditions = " ".join(hook["match_conditions"])
    if not label_selector.selects(hook["object_selector"], {}):
        # It wants a label of the object itself, which nothing of the platform carries.
        return []
    covered = []
    for group, resource, namespace, what in _NEEDED:
        if not any(_rule_covers(rule, group, resource) for rule in hook["rules"]):
            continue
        # A condition is CEL; that it names the group is taken as leaving it out, which is what such conditions are for.
        if group and group in conditions:
            continue
        if namespace is not None:
            place = namespace or own
            labels = (namespaces.get(place) or {}).get("labels") or {"kubernetes.io/metadata.name": place}
            if not label_selector.selects(hook["namespace_selector"], labels):
                continue
        covered.append(what)
    return covered


def _rule_covers(rule: Mapping[str, Any], group: str, resource: str) -> bool:
    groups, resources, operations = rule["groups"], rule["resources"], rule["operations"]
    return (
        ("*" in groups or group in groups)
        and bool({"*", "*/*", resource} & set(resources))
        and bool({"*", "CREATE", "UPDATE"} & set(operations))
    )


GK_021 = CATALOGUE.rule(
    "ZT-GK-021",
    "high",
    stages=("policy", "enforcement"),
    title="The API server can reach Gatekeeper's webhook",
    why="With controllerManager.networkPolicy.enabled and no ingress of its own, the chart lets in Gatekeeper's pods only. API "
    "servers on other nodes get no answer: with failurePolicy Ignore everything is let in, with Fail nothing.",
    remediation="Leave controllerManager.networkPolicy.enabled at false, or add a CiliumNetworkPolicy for the webhook's pods "
    "with fromEntities: [kube-apiserver, remote-node, host].",
    source="https://github.com/open-policy-agent/gatekeeper/blob/v3.23.0/charts/gatekeeper/templates/"
    "gatekeeper-controller-manager-network-policy.yaml",
)


@GK_021.check(each=facts.planned("gatekeeper"))
def _closed(evidence: Evidence, subject: str) -> Answer:
    values = facts.effective(evidence, subject)
    enabled = values.find("controllerManager.networkPolicy.enabled")
    if not holds(enabled):
        return Pass("the chart makes no NetworkPolicy")
    if values.find("controllerManager.networkPolicy.ingress"):
        return Pass("the NetworkPolicy has an ingress of its own")
    said = "true" if is_true(enabled) else "set, which templates take for true,"
    return Fail(f"controllerManager.networkPolicy.enabled is {said} and its ingress is empty")


@GK_021.check(moments=VERIFY)
def _closed_live(evidence: Evidence) -> Answer:
    place = str(evidence.api.view("namespaces_of")["gatekeeper"])
    policies = evidence.api.view("policies")
    own = next(
        (
            one["spec"]
            for one in (policies["network_policies"].raw if policies["network_policies"] is not None else [])
            if one["namespace"] == place and one["name"] == "gatekeeper-controller-manager"
        ),
        None,
    )
    if own is None:
        return Pass("there is no NetworkPolicy of the chart")
    # Policies add up: what another one of the namespace lets in, comes in.
    if any(
        one["namespace"] == place and one["spec"].get("ingress")
        for kind in ("network_policies", "cilium_network_policies")
        for one in (policies[kind].raw if policies[kind] is not None else [])
        if one["spec"] is not own
    ):
        return Pass("another policy of the namespace lets something in")
    peers = [peer for rule in own.get("ingress") or [] for peer in rule.get("from") or [{}]]
    if all(set(peer) == {"podSelector"} for peer in peers):
        return Fail("it lets in pods of the namespace only", subject=f"NetworkPolicy {place}/gatekeeper-controller-manager")
    return Pass("the chart's NetworkPolicy lets in more than pods of the namespace")


IST_030 = CATALOGUE.rule(
    "ZT-IST-030",
    "low",
    stages=("mesh",),
    layer="mesh",
    title="Istio's validation is closed once istiod can answer",
    why="The chart installs it open, and istiod closes it as soon as it can answer. Open with a ready istiod means that istiod "
    "cannot change it, or that something sets it back: faulty policies are let in, and ignored.",
    remediation="See istiod's log for validationController; let the GitOps tool ignore failurePolicy and caBundle of "
    "ValidatingWebhookConfigurations of Istio.",
    source="https://github.com/istio/istio/blob/1.31.0/pkg/webhooks/validation/controller/controller.go",
)
_VALIDATION = ("validation.istio.io", "rev.validation.istio.io")


@IST_030.check(moments=VERIFY)
def _open(evidence: Evidence) -> Iterator[Pass | Fail]:
    hooks = [one for one in evidence.api.view("webhooks").raw if one["name"] in _VALIDATION and one["service"]]
    ready = {one["service"]: int(evidence.api.view("endpoints")[one["service"].replace("/", ".", 1)]) for one in hooks}
    # Without a ready istiod it is open rightly, and ZT-GK-028 says that nobody answers.
    left = [one for one in hooks if one["failure_policy"] == "Ignore" and ready[one["service"]]]
    for one in left:
        yield Fail(f"failurePolicy is Ignore, and {one['service']} is ready", subject=f"webhook {one['name']}")
    if hooks and not left:
        yield Pass(f"{len(hooks)} webhooks")


GK_028 = CATALOGUE.rule(
    "ZT-GK-028",
    "blocker",
    stages=("policy", "mesh", "enforcement"),
    title="Every webhook of the platform can answer",
    why="A webhook without a ready pod, or without the CA the API server needs to trust it, refuses everything or lets "
    "everything in.",
    remediation="kubectl describe the webhook's pods; a missing caBundle is set by its controller within seconds of its start.",
    source="https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/",
)


@GK_028.check(moments=VERIFY)
def _webhooks(evidence: Evidence) -> Iterator[Pass | Fail]:
    places = evidence.api.view("namespaces_of").raw
    # Until the mesh is installed its namespace has no webhook, and until Gatekeeper is, it has none either.
    platform = {places["gatekeeper"], places["istiod"]}
    endpoints = evidence.api.view("endpoints")
    for hook in evidence.api.view("webhooks").raw:
        service = hook["service"]
        if not service or service.split("/")[0] not in platform:
            continue
        subject = f"webhook {hook['name']}"
        ready = int(endpoints[service.replace("/", ".", 1)])
        if "ca_bundle_error" in hook:
            yield Fail(f"its caBundle is {hook['ca_bundle_error']}", subject=subject)
        elif hook["ca_bundle"] is None:
            yield Fail("its caBundle is not set: the API server trusts no answer", subject=subject)
        elif ready == 0:
            yield Fail(f"Service {service} has no ready pod", subject=subject)
        else:
            yield Pass(f"{ready} ready pods, caBundle set", subject=subject)
