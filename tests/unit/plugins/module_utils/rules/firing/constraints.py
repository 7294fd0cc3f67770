# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from .case import case


def template(b):
    return b["api"]["gatekeeper"]["templates"]["k8sprivileged"]


def constraint(b, **more):
    b["api"]["gatekeeper"]["constraints"]["K8sPrivileged"]["no-privileged"].update(more)


_SUBJECT = "K8sPrivileged no-privileged"
_TEMPLATE = "template k8sprivileged"


@case("ZT-GK-011", _TEMPLATE, "rego is written in Rego v1, and read as v0", "preflight")
def gk_011(b):
    template(b)["sources"] = [{"at": "rego", "engine": "Rego", "version": "", "syntax": "v1"}]


@case("ZT-GK-011", _TEMPLATE, "code is written in Rego v0, and read as v1")
def gk_011_2(b):
    template(b)["sources"][0]["syntax"] = "v0"


@case("ZT-GK-011", _TEMPLATE, "code has import rego.v1, which Gatekeeper does not let in")
def gk_011_import(b):
    template(b)["sources"][0]["syntax"] = "import rego.v1"


@case("ZT-GK-013", _TEMPLATE, "the field rego, and Rego under code")
def gk_013(b):
    template(b)["sources"].append({"at": "rego", "engine": "Rego", "version": "", "syntax": "v0"})


@case("ZT-GK-014", _SUBJECT, "enforcementAction is deny, so scopedEnforcementActions is ignored")
def gk_014(b):
    constraint(b, scoped=[{"action": "warn", "points": ["validation.gatekeeper.sh"]}])


@case("ZT-GK-015", _SUBJECT, "no entry names audit.gatekeeper.sh")
def gk_015(b):
    constraint(b, action="scoped", scoped=[{"action": "deny", "points": ["validation.gatekeeper.sh"]}])


@case("ZT-GK-016", _SUBJECT, "not known: denny", "preflight")
def gk_016(b):
    constraint(b, action="denny")


@case("ZT-GK-016", _SUBJECT, "not known: block, webhook")
def gk_016_2(b):
    constraint(b, action="scoped", scoped=[{"action": "block", "points": ["*", "webhook"]}])


@case("ZT-GK-016", _SUBJECT, "there is no scopedEnforcementActions")
def gk_016_3(b):
    constraint(b, action="scoped")


@case("ZT-GK-017", _TEMPLATE, "not synced: Ingress")
def gk_017(b):
    needs = [[{"groups": ["networking.k8s.io"], "versions": ["v1"], "kinds": ["Ingress"]}]]
    template(b).update(needs_sync=True, requires_sync=needs)


@case("ZT-GK-017", _TEMPLATE, "cannot be read")
def gk_017_2(b):
    template(b).update(needs_sync=True, requires_sync=None)


@case("ZT-GK-027", _SUBJECT, "the last audit found 3 violations")
def gk_027(b):
    constraint(b, violations=3)


@case("ZT-GK-027", _SUBJECT, "the last audit found 1 violations")
def gk_027_2(b):
    constraint(b, action="scoped", scoped=[{"action": "deny", "points": ["*"]}], violations=1)


@case("ZT-GK-019", _SUBJECT, "covers pods of kube-system")
def gk_019_groups_alone(b):
    constraint(b, match={"kinds": [{"apiGroups": ["apps"]}], "namespaces": ["kube-system"]})
    b["api"]["namespaces"]["kube-system"]["labels"].pop("admission.gatekeeper.sh/ignore")


@case("ZT-GK-019", _SUBJECT, "covers pods of kube-system")
def gk_019_scoped(b):
    constraint(b, action="scoped", scoped=[{"action": "deny", "points": ["*"]}], match={"namespaces": ["kube-system"]})
    b["api"]["namespaces"]["kube-system"]["labels"].pop("admission.gatekeeper.sh/ignore")
