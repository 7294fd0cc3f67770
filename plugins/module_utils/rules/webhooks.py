# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about webhooks: whom they spare, who can reach them, and that they are closed once they can answer."""

from __future__ import annotations

from collections.abc import Iterator

from ..evidence import label_selector, objects
from ..evidence.bundle import Evidence, Missing
from . import facts
from .facts import VERIFY, is_true
from .rule import Answer, Catalogue, Fail, Pass

CATALOGUE = Catalogue("policy")

_EXEMPT = "https://open-policy-agent.github.io/gatekeeper/website/docs/exempt-namespaces/"
_EXEMPT_LABEL = "admission.gatekeeper.sh/ignore"

GK_006 = CATALOGUE.rule(
    "ZT-GK-006",
    "medium",
    stages=("policy", "enforcement"),
    title="A namespace is exempt from Gatekeeper altogether, or not at all",
    why="The flag --exempt-namespace exempts nothing by itself, it only allows the label admission.gatekeeper.sh/ignore. And a "
    "namespace that carries the label without being allowed to is refused at its next change.",
    remediation="kubectl label namespace <name> admission.gatekeeper.sh/ignore=<why>, and name it in "
    "controllerManager.exemptNamespaces (the gatekeeper role: gatekeeper_exempt_namespaces).",
    source=_EXEMPT,
)


@GK_006.check(moments=VERIFY)
def _exempt(evidence: Evidence) -> Iterator[Pass | Fail]:
    found = evidence.api.view("gatekeeper")["controller"]
    if found is None:
        raise Missing("api.gatekeeper.controller", "Gatekeeper is not installed")
    manager = found.view("containers").view("manager").raw
    names = set(objects.arguments(manager, "exempt-namespace"))
    prefixes = tuple(objects.arguments(manager, "exempt-namespace-prefix"))
    suffixes = tuple(objects.arguments(manager, "exempt-namespace-suffix"))
    hook = next((one for one in evidence.api.view("webhooks").raw if one["name"] == "validation.gatekeeper.sh"), None)
    wrong = exempt = 0
    for name, one in evidence.api.view("namespaces").raw.items():
        labelled = _EXEMPT_LABEL in one["labels"]
        allowed = name in names or name.startswith(prefixes or "\0") or name.endswith(suffixes or "\0")
        exempt += labelled
        if labelled and not allowed:
            wrong += 1
            yield Fail(
                "it carries the label, and Gatekeeper does not allow it to: its next change is refused",
                subject=f"namespace {name}",
            )
        elif name in names and not labelled and hook and label_selector.selects(hook["namespace_selector"], one["labels"]):
            wrong += 1
            yield Fail("it is named as exempt, and judged all the same: it has no label", subject=f"namespace {name}")
    if not wrong:
        yield Pass(f"{exempt} namespaces are exempt by label")


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
    if not is_true(values.find("controllerManager.networkPolicy.enabled")):
        return Pass("the chart makes no NetworkPolicy")
    if values.find("controllerManager.networkPolicy.ingress"):
        return Pass("the NetworkPolicy has an ingress of its own")
    return Fail("controllerManager.networkPolicy.enabled is true, and its ingress is empty")


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
