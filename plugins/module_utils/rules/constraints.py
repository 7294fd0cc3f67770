# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about what is written in templates and constraints of Gatekeeper: that it is read as it is meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..evidence.bundle import Evidence, Missing
from . import gatekeeper_facts
from .facts import VERIFY, WRITTEN, listed
from .rule import Catalogue, Fail, Pass

CATALOGUE = Catalogue("policy")

_TEMPLATES = "https://open-policy-agent.github.io/gatekeeper/website/docs/constrainttemplates/"
_POINTS = "https://open-policy-agent.github.io/gatekeeper/website/docs/enforcement-points/"
_SYNC = "https://open-policy-agent.github.io/gatekeeper/website/docs/sync/"


def _field(one: Mapping[str, Any], key: str) -> Any:
    """Read a field that bundles of before it was collected have not."""
    if key not in one:
        raise Missing(f"api.gatekeeper.{key}", "not in the evidence")
    return one[key]


# --- Templates ---

GK_011 = CATALOGUE.rule(
    "ZT-GK-011",
    "high",
    stages=("policy", "enforcement"),
    title="A template says which Rego it is written in",
    why="The field rego, and code without version, are read as Rego v0. Rules with `if` and `contains` are v1: they end as a "
    "parse error, and the policy is enforced nowhere; the same for v0 under version v1, and for import rego.v1.",
    remediation="Put the text under targets[].code[]: {engine: Rego, source: {version: v1, rego: ...}}; or "
    "write import future.keywords.",
    source=_TEMPLATES,
    versions="Gatekeeper >= 3.19",
)


@GK_011.check()
def _language(evidence: Evidence) -> Iterator[Pass | Fail]:
    templates = gatekeeper_facts.templates(evidence)
    wrong = False
    for name, template in templates.items():
        for source in _field(template, "sources"):
            if source["engine"] != "Rego" or not source["syntax"]:
                continue
            read = "v1" if source["version"] == "v1" else "v0"
            if source["syntax"] == read:
                continue
            wrong = True
            said = f"is written in Rego {source['syntax']}, and read as {read}"
            if source["syntax"] not in ("v0", "v1"):
                said = f"has {source['syntax']}, which Gatekeeper does not let in"
            yield Fail(f"{source['at']} {said}", subject=f"template {name}")
    if not wrong:
        yield Pass(f"{len(templates)} templates")


GK_013 = CATALOGUE.rule(
    "ZT-GK-013",
    "medium",
    stages=("policy", "enforcement"),
    title="A template has one Rego",
    why="Where a target has the field rego and Rego under code as well, the field wins, and what stands under code is never "
    "read.",
    remediation="Leave one of them; code[] is the form that stays.",
    source=f"{_TEMPLATES}#field-precedence-in-constrainttemplate",
)


@GK_013.check()
def _one_rego(evidence: Evidence) -> Iterator[Pass | Fail]:
    templates = gatekeeper_facts.templates(evidence)
    twice = [
        name
        for name, template in templates.items()
        if {one["at"] for one in _field(template, "sources") if one["engine"] == "Rego"} == {"rego", "code"}
    ]
    for name in twice:
        yield Fail("it has the field rego, and Rego under code, which is not read", subject=f"template {name}")
    if not twice:
        yield Pass(f"{len(templates)} templates")


GK_017 = CATALOGUE.rule(
    "ZT-GK-017",
    "high",
    stages=("policy", "enforcement"),
    title="What a policy looks up is synced",
    why="A policy that compares with other objects sees only kinds that a SyncSet or Config replicates. Of all others it sees "
    "none: it finds no conflict, or no permission, whatever there is.",
    remediation="Apply a SyncSet with the kinds that the template's annotation metadata.gatekeeper.sh/requires-sync-data lists.",
    source=_SYNC,
)


@GK_017.check(moments=WRITTEN)
def _looked_up(evidence: Evidence) -> Iterator[Pass | Fail]:
    needing = {
        name: template
        for name, template in gatekeeper_facts.templates(evidence).items()
        if template["needs_sync"] and evidence.api.view("gatekeeper").view("constraints").get(template["kind"])
    }
    if not needing:
        yield Pass("no policy in use looks anything up")
        return
    there = gatekeeper_facts.synced(evidence)
    for name, template in needing.items():
        required = _field(template, "requires_sync")
        if required is None:
            yield Fail("its annotation requires-sync-data cannot be read", subject=f"template {name}")
            continue
        lacking = [
            clauses
            for clauses in required
            if not any(
                (group, version, kind) in there
                for clause in clauses
                for group in clause.get("groups") or []
                for version in clause.get("versions") or []
                for kind in clause.get("kinds") or []
            )
        ]
        kinds = sorted({str(kind) for clauses in lacking for clause in clauses for kind in clause.get("kinds") or []})
        if lacking:
            yield Fail(f"not synced: {listed(kinds)}", subject=f"template {name}")
        else:
            yield Pass("what it looks up is synced", subject=f"template {name}")


# --- Constraints ---

GK_014 = CATALOGUE.rule(
    "ZT-GK-014",
    "medium",
    stages=("policy", "enforcement"),
    title="Scoped actions are asked for where they are read",
    why="scopedEnforcementActions counts only with enforcementAction: scoped. With another action it is ignored, and that "
    "action is taken at every enforcement point.",
    remediation="Set enforcementAction: scoped, or delete scopedEnforcementActions.",
    source=_POINTS,
)
GK_015 = CATALOGUE.rule(
    "ZT-GK-015",
    "medium",
    stages=("policy", "enforcement"),
    title="Every scoped policy is audited",
    why="A scoped policy acts only where it says so. Without audit.gatekeeper.sh what is there already is never looked at, and "
    "what came in while the webhook did not answer stays unseen.",
    remediation="Add to scopedEnforcementActions: {action: dryrun, enforcementPoints: [{name: audit.gatekeeper.sh}]}",
    source=_POINTS,
)
GK_016 = CATALOGUE.rule(
    "ZT-GK-016",
    "medium",
    stages=("policy", "enforcement"),
    title="Every policy's action is one that Gatekeeper knows",
    why="An action or enforcement point that it does not know is refused, or, where that check is switched off, does nothing: "
    "the policy reports, and refuses nobody.",
    remediation="Write deny, warn, dryrun or scoped; points are validation.gatekeeper.sh, audit.gatekeeper.sh, "
    "gator.gatekeeper.sh, vap.k8s.io and *.",
    source="https://github.com/open-policy-agent/gatekeeper/blob/v3.23.0/pkg/util/enforcement_action.go",
)
_ACTIONS = ("deny", "warn", "dryrun")
_KNOWN_POINTS = {"validation.gatekeeper.sh", "audit.gatekeeper.sh", "gator.gatekeeper.sh", "vap.k8s.io", "*"}


@GK_014.check()
def _ignored(evidence: Evidence) -> Iterator[Pass | Fail]:
    wrong, count = False, 0
    for name, one in gatekeeper_facts.constraints(evidence):
        count += 1
        if _field(one, "scoped") and one["action"] != "scoped":
            wrong = True
            yield Fail(f"enforcementAction is {one['action']}, so scopedEnforcementActions is ignored", subject=name)
    if not wrong:
        yield Pass(f"{count} constraints")


@GK_015.check()
def _unaudited(evidence: Evidence) -> Iterator[Pass | Fail]:
    wrong, count = False, 0
    for name, one in gatekeeper_facts.constraints(evidence):
        if one["action"] != "scoped":
            continue
        count += 1
        if not any({"audit.gatekeeper.sh", "*"} & set(entry["points"]) for entry in _field(one, "scoped") or []):
            wrong = True
            yield Fail("no entry names audit.gatekeeper.sh", subject=name)
    if not wrong:
        yield Pass(f"{count} scoped constraints")


@GK_016.check()
def _known(evidence: Evidence) -> Iterator[Pass | Fail]:
    wrong, count = False, 0
    for name, one in gatekeeper_facts.constraints(evidence):
        count += 1
        scoped = (_field(one, "scoped") or []) if one["action"] == "scoped" else []
        strange = [] if one["action"] in (*_ACTIONS, "scoped") else [one["action"]]
        strange += [entry["action"] or "no action" for entry in scoped if entry["action"] not in _ACTIONS]
        strange += [point or "no point" for entry in scoped for point in entry["points"] or [""] if point not in _KNOWN_POINTS]
        if strange:
            wrong = True
            yield Fail(f"not known: {listed(strange)}", subject=name)
        elif one["action"] == "scoped" and not scoped:
            wrong = True
            yield Fail("enforcementAction is scoped, and there is no scopedEnforcementActions", subject=name)
    if not wrong:
        yield Pass(f"{count} constraints")


GK_027 = CATALOGUE.rule(
    "ZT-GK-027",
    "medium",
    stages=("policy", "enforcement"),
    title="Nothing that runs violates a policy that denies",
    why="What is there when a policy begins to deny goes on until it is made anew: at the next rollout, drain or crash of its "
    "node it is refused, and is gone.",
    remediation="Set enforcementAction: warn until kubectl get <kind> <name> -o yaml counts no violation, then deny.",
    source="https://open-policy-agent.github.io/gatekeeper/website/docs/violations/",
)


@GK_027.check(moments=VERIFY)
def _violated(evidence: Evidence) -> Iterator[Pass | Fail]:
    wrong, count = False, 0
    for name, one in gatekeeper_facts.constraints(evidence):
        if not gatekeeper_facts.denies(one):
            continue
        count += 1
        if one["violations"]:
            wrong = True
            yield Fail(f"it denies, and the last audit found {one['violations']} violations", subject=name)
    if not wrong:
        yield Pass(f"{count} constraints deny")
