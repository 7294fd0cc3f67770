# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about policy: that Gatekeeper answers, sees, and does not lock out what it stands on."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Mapping
from typing import Any

from ..evidence import label_selector, objects
from ..evidence.bundle import Evidence, Missing
from . import facts
from .facts import PREFLIGHT, VERIFY, is_true, listed
from .rule import Answer, Catalogue, Fail, Pass

CATALOGUE = Catalogue("policy")

_CHART = "https://open-policy-agent.github.io/gatekeeper/website/docs/install/"
_FAILING = "https://open-policy-agent.github.io/gatekeeper/website/docs/failing-closed/"
_AUDIT = "https://open-policy-agent.github.io/gatekeeper/website/docs/audit/"
_EXEMPT_LABEL = "admission.gatekeeper.sh/ignore"
_VALIDATION = "validation.gatekeeper.sh"


def _installed(evidence: Evidence) -> bool:
    return bool(evidence.api.view("gatekeeper")["controller"] is not None)


def _controller(evidence: Evidence) -> Any:
    found = evidence.api.view("gatekeeper")["controller"]
    if found is None:
        raise Missing(
            "api.gatekeeper.controller", "there is no Deployment gatekeeper-controller-manager: Gatekeeper is not installed"
        )
    return found


GK_002 = CATALOGUE.rule(
    "ZT-GK-002",
    "high",
    stages=("policy",),
    title="The audit sees what it judges",
    why="With auditFromCache the audit reads only kinds that SyncSets or Config replicate. Of all others it finds nothing, and "
    "reports 0 violations.",
    remediation="Set auditFromCache: false at the top level of the Gatekeeper values.",
    source="https://open-policy-agent.github.io/gatekeeper/website/docs/sync/",
)


@GK_002.check(each=facts.planned("gatekeeper"))
def _from_cache(evidence: Evidence, subject: str) -> Answer:
    if not is_true(facts.effective(evidence, subject).get("auditFromCache")):
        return Pass("the audit reads from the API server")
    kinds = {(group, kind) for group, _version, kind in synced(evidence)}
    if not kinds:
        return Fail("auditFromCache is true, and nothing is synced: the audit will find nothing, whatever there is")
    unseen = []
    for several in evidence.api.view("gatekeeper").view("constraints").raw.values():
        for name, one in (several or {}).items():
            wanted = {
                (group, kind)
                for entry in one["match"].get("kinds") or [{}]
                for group in entry.get("apiGroups") or ["*"]
                for kind in entry.get("kinds") or ["*"]
            }
            # Every kind there is, nobody can sync.
            if any("*" in (group, kind) or (group, kind) not in kinds for group, kind in wanted):
                unseen.append(str(name))
    if unseen:
        return Fail(f"auditFromCache is true, and not every kind is synced of {listed(unseen, 5)}")
    return Pass("auditFromCache is true, and every constrained kind is synced")


def synced(evidence: Evidence) -> set[tuple[str, str, str]]:
    """Return group, version and kind of everything that SyncSets and Config replicate."""
    found = evidence.api.view("gatekeeper")
    sets, config = found["sync_sets"], found["config"]
    entries = [entry for one in (sets.raw.values() if sets is not None else []) for entry in one.get("gvks") or []]
    entries += ((config.raw.get("sync") or {}).get("syncOnly") or []) if config is not None else []
    return {(str(one.get("group") or ""), str(one.get("version") or ""), str(one.get("kind") or "")) for one in entries}


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


@GK_003.check(moments=VERIFY, subject=f"webhook {_VALIDATION}")
def _fails_open(evidence: Evidence) -> Answer:
    _controller(evidence)
    hook = next((one for one in evidence.api.view("webhooks") if one["name"] == _VALIDATION), None)
    if hook is None:
        return Fail("the webhook is not registered: nothing is refused", "Run site.yml: it installs Gatekeeper.")
    if hook["failure_policy"] == "Ignore":
        return Fail(f"failurePolicy is Ignore: without an answer within {hook['timeout']} s everything is let in")
    return Pass(f"failurePolicy is {hook['failure_policy']}")


@GK_003.check(each=facts.planned("gatekeeper"), moments=PREFLIGHT)
def _will_fail_open(evidence: Evidence, subject: str) -> Answer:
    policy = str(facts.effective(evidence, subject)["validatingWebhookFailurePolicy"])
    return Fail("validatingWebhookFailurePolicy is Ignore") if policy == "Ignore" else Pass(f"failurePolicy {policy}")


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
    closed = 0
    namespaces = evidence.api.view("namespaces").raw
    for hook in evidence.api.view("webhooks").raw:
        if hook["failure_policy"] != "Fail" or not hook["service"]:
            continue
        closed += 1
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


@GK_004.check(each=facts.planned("gatekeeper"), moments=("preflight",))
def _self_lock_planned(evidence: Evidence, subject: str) -> Answer:
    namespaces = evidence.api.view("namespaces").raw
    for hook in facts.chart(evidence, subject).view("rendered").view("webhooks").raw:
        if hook["failure_policy"] != "Fail" or not hook["service"]:
            continue
        covered = _covered(hook, namespaces)
        if covered:
            return Fail(f"{hook['name']} would fail closed and covers {listed(covered)}")
    return Pass("no rendered webhook fails closed on what its pods need")


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


GK_008 = CATALOGUE.rule(
    "ZT-GK-008",
    "high",
    stages=("policy",),
    title="Gatekeeper has at least two replicas, and a budget that allows drains",
    why="With one replica the chart's PodDisruptionBudget (minAvailable 1) blocks every drain, and its restart lets everything "
    "in.",
    remediation="Set replicas: 2 or more at the top level of the Gatekeeper values.",
    source=_CHART,
)


@GK_008.check(each=facts.planned("gatekeeper"))
def _replicas_planned(evidence: Evidence, subject: str) -> Answer:
    rendered = facts.chart(evidence, subject).view("rendered")
    count = int(rendered.view("workloads").view("gatekeeper-controller-manager").get("replicas") or 1)
    if count < 2:
        return Fail(f"{count} replica is rendered")
    if not len(rendered.view("budgets")):
        return Fail(f"{count} replicas and no PodDisruptionBudget are rendered", "Set pdb.controllerManager.minAvailable: 1.")
    return Pass(f"{count} replicas and a PodDisruptionBudget are rendered")


@GK_008.check(moments=VERIFY, subject="Deployment gatekeeper-system/gatekeeper-controller-manager")
def _replicas_live(evidence: Evidence) -> Answer:
    controller = _controller(evidence)
    ready = int(controller.view("status")["ready"])
    if ready < 2:
        return Fail(f"{ready} ready pods")
    place = str(evidence.api.view("namespaces_of")["gatekeeper"])
    budgets = evidence.api.view("budgets").raw
    budget = next((one for one in budgets if (one["namespace"], one["name"]) == (place, "gatekeeper-controller-manager")), None)
    if budget is None:
        return Fail("there is no PodDisruptionBudget")
    if budget["status"]["allowed"] < 1:
        return Fail(
            f"its PodDisruptionBudget allows no eviction: {budget['status']['healthy']} of {budget['status']['expected_pods']} "
            "pods are healthy"
        )
    return Pass(f"{ready} ready pods, {budget['status']['allowed']} may go")


GK_009 = CATALOGUE.rule(
    "ZT-GK-009",
    "high",
    stages=("policy", "enforcement"),
    title="Every policy template has a constraint",
    why="A template alone enforces nothing.",
    remediation="Apply a constraint of this kind, or remove the template.",
    source="https://open-policy-agent.github.io/gatekeeper/website/docs/howto/",
)


@GK_009.check(moments=VERIFY)
def _constrained(evidence: Evidence) -> Iterator[Pass | Fail]:
    _controller(evidence)
    found = evidence.api.view("gatekeeper")
    if found["templates"] is None or not len(found.view("templates")):
        yield Fail("there is no policy at all", "Run site.yml: the gatekeeper role applies those of gatekeeper_policies.")
        return
    empty = []
    kinds = sorted(str(template["kind"]) for template in found.view("templates").raw.values())
    for kind in kinds:
        constraints = found.view("constraints")[kind]
        if constraints is None or not len(constraints):
            empty.append(kind)
            yield Fail("it has no constraint", subject=f"template {kind}")
    if not empty:
        yield Pass(f"{len(kinds)} templates")


GK_010 = CATALOGUE.rule(
    "ZT-GK-010",
    "high",
    stages=("policy", "enforcement"),
    title="Every policy is loaded without error",
    why="A template or constraint that a pod of Gatekeeper could not load is not enforced by that pod, and the API server may "
    "ask any of them.",
    remediation="kubectl get constrainttemplate <name> -o yaml: status.byPod names the error.",
    source="https://open-policy-agent.github.io/gatekeeper/website/docs/debug/",
)


@GK_010.check(moments=VERIFY)
def _loaded(evidence: Evidence) -> Iterator[Pass | Fail]:
    _controller(evidence)
    found = evidence.api.view("gatekeeper")
    if found["templates"] is None:
        return
    wrong, count = False, 0
    for name, template in found.view("templates").raw.items():
        count += 1
        if template["errors"] or not template["created"]:
            wrong = True
            yield Fail(listed(template["errors"], 2) or "Gatekeeper has not made its kind yet", subject=f"template {name}")
        constraints = found.view("constraints")[template["kind"]] if template["created"] else None
        for constraint, one in (constraints.raw if constraints is not None else {}).items():
            count += 1
            if one["errors"]:
                wrong = True
                yield Fail(listed(one["errors"], 2), subject=f"{template['kind']} {constraint}")
    if not wrong and count:
        yield Pass(f"{count} templates and constraints")


GK_019 = CATALOGUE.rule(
    "ZT-GK-019",
    "blocker",
    stages=("policy", "enforcement"),
    title="No policy on pods covers the platform's own namespaces",
    why="Cilium, istio-cni and ztunnel are privileged and have no limits. A policy that refuses such pods strikes when their "
    "pods are next made: "
    "an outage of the network, days after the policy.",
    remediation="Exempt the namespace by spec.match.excludedNamespaces, or label it admission.gatekeeper.sh/ignore (the "
    "gatekeeper role does).",
    source="https://open-policy-agent.github.io/gatekeeper/website/docs/exempt-namespaces/",
)


@GK_019.check(moments=VERIFY)
def _platform_exempt(evidence: Evidence) -> Iterator[Pass | Fail]:
    _controller(evidence)
    found = evidence.api.view("gatekeeper")
    if found["templates"] is None or "constraints" not in found:
        return
    platform = sorted({str(value) for value in evidence.api.view("namespaces_of").raw.values()})
    namespaces = evidence.api.view("namespaces").raw
    wrong, count = False, 0
    for kind, constraints in found.view("constraints").raw.items():
        for name, one in (constraints or {}).items():
            if not denies(one) or not _on_pods(one["match"]):
                continue
            count += 1
            struck = [
                place for place in platform if place in namespaces and _strikes(one["match"], place, namespaces[place]["labels"])
            ]
            if struck:
                wrong = True
                yield Fail(f"it denies, and covers pods of {listed(struck)}", subject=f"{kind} {name}")
    if not wrong:
        yield Pass(f"{count} policies deny pods, none in {listed(platform)}")


def denies(constraint: Mapping[str, Any]) -> bool:
    """Return whether a constraint refuses requests."""
    if constraint["action"] != "scoped":
        return bool(constraint["action"] == "deny")
    return any(
        entry["action"] == "deny" and {"validation.gatekeeper.sh", "vap.k8s.io", "*"} & set(entry["points"])
        for entry in constraint.get("scoped") or []
    )


def _on_pods(match: Mapping[str, Any]) -> bool:
    kinds = match.get("kinds") or []
    return not kinds or any({"*", "Pod", "DaemonSet", "Deployment"} & set(entry.get("kinds") or []) for entry in kinds)


def _strikes(match: Mapping[str, Any], namespace: str, labels: Mapping[str, str]) -> bool:
    if _EXEMPT_LABEL in labels:
        return False
    if any(fnmatch.fnmatchcase(namespace, pattern) for pattern in match.get("excludedNamespaces") or []):
        return False
    named = match.get("namespaces") or []
    if named and not any(fnmatch.fnmatchcase(namespace, pattern) for pattern in named):
        return False
    return label_selector.selects(match.get("namespaceSelector") or {}, labels)


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


GK_029 = CATALOGUE.rule(
    "ZT-GK-029",
    "high",
    stages=("policy", "enforcement"),
    title="The audit is fresh",
    why="An audit that stopped shows its last result for ever, and a policy is promoted on it.",
    remediation="kubectl -n gatekeeper-system logs deployment/gatekeeper-audit",
    source=_AUDIT,
)
_SLACK_S = 60


@GK_029.check(moments=VERIFY)
def _audited(evidence: Evidence) -> Iterator[Pass | Fail]:
    from ..evidence import certificate

    _controller(evidence)
    found = evidence.api.view("gatekeeper")
    if found["templates"] is None:
        return
    given = objects.arguments(found.view("audit").view("containers").view("manager").raw, "audit-interval")
    interval = int(given[0]) if given else 60
    if interval == 0:
        yield Fail("auditInterval is 0: there is no audit", "Set auditInterval: 60 at the top level of the Gatekeeper values.")
        return
    limit = 2 * interval + _SLACK_S
    now = certificate.moment(evidence.collected_at)
    young, fresh = [], 0
    for kind, constraints in (found.view("constraints").raw if "constraints" in found else {}).items():
        for name, one in (constraints or {}).items():
            subject = f"{kind} {name}"
            if one["audited"] is None:
                age = (now - certificate.moment(one["created"])).total_seconds()
                if age <= limit:
                    young.append(subject)
                else:
                    yield Fail(
                        f"never audited, {age:.0f} s after it was made; the audit runs every {interval} s", subject=subject
                    )
                continue
            age = (now - certificate.moment(one["audited"])).total_seconds()
            if age > limit:
                yield Fail(f"last audited {age:.0f} s ago; the audit runs every {interval} s", subject=subject)
            else:
                fresh += 1
    if fresh:
        yield Pass(f"{fresh} constraints, each within {limit} s")
    if young:
        raise Missing("api.gatekeeper.constraints", f"not audited yet, as they are younger than two audits: {listed(young)}")
