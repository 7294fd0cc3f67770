# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about policy: that Gatekeeper stands, has loaded its policies, and does not strike what it stands on."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Mapping
from typing import Any

from ..evidence import label_selector
from ..evidence.bundle import Evidence, Missing
from . import facts, gatekeeper_facts
from .facts import VERIFY, WRITTEN, listed
from .rule import Answer, Catalogue, Fail, Pass

CATALOGUE = Catalogue("policy")


GK_008 = CATALOGUE.rule(
    "ZT-GK-008",
    "high",
    stages=("policy",),
    title="Gatekeeper has at least two replicas, and a budget that allows drains",
    why="With one replica the chart's PodDisruptionBudget (minAvailable 1) blocks every drain, and its restart lets everything "
    "in.",
    remediation="Set replicas: 2 or more at the top level of the Gatekeeper values.",
    source="https://open-policy-agent.github.io/gatekeeper/website/docs/install/",
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
    controller = gatekeeper_facts.controller(evidence)
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


@GK_009.check(moments=WRITTEN)
def _constrained(evidence: Evidence) -> Iterator[Pass | Fail]:
    gatekeeper_facts.installed(evidence)
    found = evidence.api.view("gatekeeper")
    if found["templates"] is None or not len(found.view("templates")):
        yield Fail("there is no policy at all", "Run site.yml: the gatekeeper role applies those of gatekeeper_policies.")
        return
    empty = []
    kinds = sorted(str(template["kind"]) for template in found.view("templates").raw.values())
    if facts.of_files(evidence):
        written = found.view("constraints").raw if "constraints" in found else {}
        alone = [kind for kind in kinds if kind not in written]
        if alone:
            raise Missing(
                "api.gatekeeper.constraints",
                f"none of the files has a constraint of {listed(alone, 4)}; the cluster may. A template alone enforces nothing",
            )
        yield Pass(f"{len(kinds)} templates")
        return
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
    gatekeeper_facts.controller(evidence)
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


@GK_019.check(moments=WRITTEN)
def _platform_exempt(evidence: Evidence) -> Iterator[Pass | Fail]:
    gatekeeper_facts.installed(evidence)
    found = evidence.api.view("gatekeeper")
    if found["templates"] is None:
        return
    platform = sorted({str(value) for value in evidence.api.view("namespaces_of").raw.values()})
    # Files may well be of policies alone.
    namespaces = evidence.api["namespaces"].raw if not facts.of_files(evidence) or "namespaces" in evidence.api else {}
    wrong, count = False, 0
    unsure: list[str] = []
    elsewhere: list[str] = []
    for name, one in gatekeeper_facts.constraints(evidence):
        if not gatekeeper_facts.denies(one) or not _on_pods(one["match"]):
            continue
        count += 1
        struck = [
            place for place in platform if place in namespaces and _strikes(one["match"], place, namespaces[place]["labels"])
        ]
        if facts.of_files(evidence) and any(place not in namespaces and _strikes(one["match"], place, {}) for place in platform):
            elsewhere.append(name)
        if not struck:
            continue
        wrong = True
        if one["match"].get("labelSelector") or one["match"].get("name"):
            unsure.append(name)
        else:
            yield Fail(f"it denies, and covers pods of {listed(struck)}", subject=name)
    if unsure:
        raise Missing("api.pods", f"whether labels or names leave the platform's pods out of {listed(unsure, 4)} is not seen")
    if elsewhere:
        raise Missing(
            "api.namespaces", f"whether {listed(elsewhere, 4)} covers the platform its Namespaces say, which are not there"
        )
    if not wrong:
        yield Pass(f"{count} policies deny pods, none in {listed(platform)}")


# What is refused leaves the platform without pods, whichever of these it is.
_PODS = (("", "Pod"), ("apps", "DaemonSet"), ("apps", "Deployment"), ("apps", "ReplicaSet"))


def _on_pods(match: Mapping[str, Any]) -> bool:
    if match.get("scope") == "Cluster":
        return False
    kinds = match.get("kinds") or []
    return not kinds or any(_covers(entry, group, kind) for entry in kinds for group, kind in _PODS)


def _covers(entry: Mapping[str, Any], group: str, kind: str) -> bool:
    """Return whether an entry of `kinds` is about a kind: an empty list, or one with a star, is about all there are."""
    asked = ((entry.get("apiGroups"), group), (entry.get("kinds"), kind))
    return all(not given or "*" in given or one in given for given, one in asked)


def _strikes(match: Mapping[str, Any], namespace: str, labels: Mapping[str, str]) -> bool:
    if gatekeeper_facts.EXEMPT_LABEL in labels:
        return False
    if any(fnmatch.fnmatchcase(namespace, pattern) for pattern in match.get("excludedNamespaces") or []):
        return False
    named = match.get("namespaces") or []
    if named and not any(fnmatch.fnmatchcase(namespace, pattern) for pattern in named):
        return False
    return label_selector.selects(match.get("namespaceSelector") or {}, labels)
