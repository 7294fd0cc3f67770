# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about namespaces that Gatekeeper shall leave alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..evidence import label_selector, workload
from ..evidence.bundle import Evidence, Missing, View
from . import facts, gatekeeper_facts
from .facts import PREFLIGHT, VERIFY, holds, listed
from .rule import Catalogue, Fail, Pass

CATALOGUE = Catalogue("policy")

_EXEMPT = "https://open-policy-agent.github.io/gatekeeper/website/docs/exempt-namespaces/"
_GATEKEEPER = "validation.gatekeeper.sh"

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
    manager = gatekeeper_facts.controller(evidence).view("containers").view("manager").raw
    names = set(workload.arguments(manager, "exempt-namespace"))
    prefixes = tuple(workload.arguments(manager, "exempt-namespace-prefix"))
    suffixes = tuple(workload.arguments(manager, "exempt-namespace-suffix"))
    hook = next((one for one in evidence.api.view("webhooks").raw if one["name"] == _GATEKEEPER), None)
    wrong = exempt = 0
    for name, one in evidence.api.view("namespaces").raw.items():
        labelled = gatekeeper_facts.EXEMPT_LABEL in one["labels"]
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


@GK_006.check(each=facts.planned("gatekeeper"), moments=PREFLIGHT)
def _exempt_planned(evidence: Evidence, subject: str) -> Iterator[Pass | Fail]:
    values = facts.effective(evidence, subject)
    named = values.find("controllerManager.exemptNamespaces")
    names = [str(one) for one in named.raw] if isinstance(named, View) and named.is_list else []
    made = values.find("postInstall.labelNamespace.extraNamespaces")
    labels = holds(values.find("postInstall.labelNamespace.enabled")) and isinstance(made, View)
    given = [str(one) for one in made.raw] if labels and isinstance(made, View) else []
    hook: Mapping[str, Any] = {}
    if set(names) - set(given):
        rendered = facts.chart(evidence, subject).view("rendered").view("webhooks").raw
        hook = next((one for one in rendered if one["name"] == _GATEKEEPER), {})
    try:
        namespaces = evidence.api.view("namespaces").raw
    except Missing:
        namespaces = {}
    unsaid, wrong = [], 0
    for name in names:
        # What the webhook's own selector leaves out needs no label.
        plain = {"kubernetes.io/metadata.name": name}
        if name in given or not hook or not label_selector.selects(hook["namespace_selector"], plain):
            continue
        known = namespaces.get(name)
        if known is None:
            unsaid.append(name)
        elif gatekeeper_facts.EXEMPT_LABEL not in known["labels"]:
            wrong += 1
            yield Fail("it is named as exempt, and judged all the same: it has no label", subject=f"namespace {name}")
    if unsaid:
        raise Missing(
            "api.namespaces",
            f"controllerManager.exemptNamespaces exempts nothing by itself, it allows the label {gatekeeper_facts.EXEMPT_LABEL}; "
            f"whether it is on {listed(unsaid)} is not known. Label them, or write postInstall.labelNamespace.extraNamespaces; "
            "the audit judges them all the same",
        )
    if not wrong:
        yield Pass(f"{len(names)} namespaces are named as exempt, and labelled or left out by the webhook")
