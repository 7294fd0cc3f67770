# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about parts of Gatekeeper that are lost without a word: its audit, its Config, what the API server enforces for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..evidence import label_selector
from ..evidence.bundle import Evidence
from . import facts, gatekeeper_facts
from .facts import VERIFY, is_false, listed
from .rule import Answer, Catalogue, Fail, Pass

CATALOGUE = Catalogue("policy")

GK_035 = CATALOGUE.rule(
    "ZT-GK-035",
    "blocker",
    stages=("policy", "enforcement"),
    title="No admission policy made of a constraint can lock the control plane out",
    why="For templates in CEL Gatekeeper makes ValidatingAdmissionPolicies. They refuse what they cover while the API server "
    "does not "
    "find their constraint: after a restart of the cluster Leases are refused, and the control plane does not come up to find "
    "it.",
    remediation="Write source.failurePolicy: Ignore into the template, or set defaultCreateVAPForTemplates: false and "
    "defaultCreateVAPBindingForConstraints: false in gatekeeper_values.",
    source="https://github.com/open-policy-agent/gatekeeper/issues/4530",
    versions="Gatekeeper >= 3.20",
)

# (group, resource, namespace where it has one, what it is): without these no control plane, and no network, comes up.
_NEEDED = (
    ("coordination.k8s.io", "leases", "kube-system", "Leases"),
    ("", "nodes", "", "Node objects"),
    ("cilium.io", "ciliumidentities", "", "CiliumIdentities"),
)


@GK_035.check(moments=VERIFY)
def _generated(evidence: Evidence) -> Iterator[Pass | Fail]:
    found = evidence.api.view("gatekeeper")["admission_policies"]
    policies = [] if found is None else found.raw
    wrong = False
    for one in policies:
        covered = _covered(one, evidence.api.view("namespaces").raw)
        if one["failure_policy"] == "Fail" and covered:
            wrong = True
            yield Fail(
                f"it fails closed on {listed(covered)} while its {one['param_kind']} is not found",
                subject=f"ValidatingAdmissionPolicy {one['name']}",
            )
    if not wrong:
        yield Pass(f"{len(policies)} admission policies of constraints")


def _covered(policy: Mapping[str, Any], namespaces: Mapping[str, Any]) -> list[str]:
    if not label_selector.selects(policy["object_selector"], {}):
        # It wants a label of the object itself, which nothing of the platform carries.
        return []
    conditions = " ".join(policy["match_conditions"])
    return [
        what
        for group, resource, namespace, what in _NEEDED
        if any(_covers(rule, group, resource) for rule in policy["rules"])
        and not any(_covers(rule, group, resource) for rule in policy["excluded"])
        # A condition is CEL; that it names the kind is taken as leaving it out, as for webhooks.
        and (group or resource) not in conditions
        and (not namespace or label_selector.selects(policy["namespace_selector"], _labels(namespaces, namespace)))
    ]


def _labels(namespaces: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    return (namespaces.get(name) or {}).get("labels") or {"kubernetes.io/metadata.name": name}


def _covers(rule: Mapping[str, Any], group: str, resource: str) -> bool:
    return bool({"*", group} & set(rule["groups"])) and bool({"*", "*/*", resource} & set(rule["resources"]))


GK_036 = CATALOGUE.rule(
    "ZT-GK-036",
    "high",
    stages=("policy", "enforcement"),
    title="Gatekeeper's audit runs",
    why="The audit finds what was there before a policy, and what came in while the webhook did not answer. The pod that runs "
    "it also "
    "makes the kind of each new template: without it constraints of that kind cannot be written.",
    remediation="Take disableAudit out of gatekeeper_values; to stop only the audit, set audit: {disableAuditOperation: true}.",
    source="https://open-policy-agent.github.io/gatekeeper/website/docs/audit/",
)


@GK_036.check(each=facts.planned("gatekeeper"))
def _audit_planned(evidence: Evidence, subject: str) -> Answer:
    off = facts.effective(evidence, subject).get("disableAudit")
    return Pass("disableAudit is not set") if off is None or is_false(off) else Fail("disableAudit is true")


@GK_036.check(moments=VERIFY, subject="Deployment gatekeeper-system/gatekeeper-audit")
def _audit_runs(evidence: Evidence) -> Answer:
    gatekeeper_facts.controller(evidence)
    found = evidence.api.view("gatekeeper")["audit"]
    if found is None:
        return Fail("there is none")
    why = facts.workload_ready(found, "gatekeeper-audit")
    see = "kubectl -n gatekeeper-system describe deployment/gatekeeper-audit"
    return Fail(why, see) if why else Pass("it is ready")


GK_037 = CATALOGUE.rule(
    "ZT-GK-037",
    "medium",
    stages=("policy",),
    title="Gatekeeper's Config has the name that is read",
    why="Gatekeeper reads one Config: the one named config in its own namespace. What another one exempts is not exempt, and "
    "what it "
    "wants synced is not synced.",
    remediation="Move what it says into the Config named config in Gatekeeper's namespace, and delete it.",
    source="https://open-policy-agent.github.io/gatekeeper/website/docs/exempt-namespaces/",
)


@GK_037.check(moments=VERIFY)
def _other_configs(evidence: Evidence) -> Iterator[Pass | Fail]:
    found = evidence.api.view("gatekeeper")["other_configs"]
    others = [] if found is None else found.raw
    for name in others:
        yield Fail("nothing reads it", subject=f"Config {name}")
    if not others:
        yield Pass("there is no other Config")
