# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from .case import case, hook, values


@case("ZT-GK-021", "chart gatekeeper", "its ingress is empty", "preflight")
def gk_021(b):
    b["charts"]["gatekeeper"]["effective"]["controllerManager"]["networkPolicy"]["enabled"] = True


@case("ZT-GK-021", "chart gatekeeper", "which templates take for true", "preflight")
def gk_021_3(b):
    b["charts"]["gatekeeper"]["effective"]["controllerManager"]["networkPolicy"]["enabled"] = "false"


@case("ZT-GK-021", "NetworkPolicy gatekeeper-system/gatekeeper-controller-manager", "it lets in pods of the namespace only")
def gk_021_2(b):
    spec = {"podSelector": {}, "ingress": [{"from": [{"podSelector": {"matchLabels": {"app": "gatekeeper"}}}]}]}
    policy = {"namespace": "gatekeeper-system", "name": "gatekeeper-controller-manager", "spec": spec}
    b["api"]["policies"]["network_policies"].append(policy)


@case("ZT-IST-030", "webhook rev.validation.istio.io", "failurePolicy is Ignore, and istio-system/istiod is ready")
def ist_030(b):
    hook(b, "rev.validation.istio.io")["failure_policy"] = "Ignore"


@case("ZT-GK-004", "webhook validation.gatekeeper.sh", "CiliumIdentities, Leases, pods of kube-system")
def gk_004(b):
    hook(b, "validation.gatekeeper.sh")["match_conditions"] = []
    b["api"]["namespaces"]["kube-system"]["labels"].pop("admission.gatekeeper.sh/ignore")


@case("ZT-GK-004", "chart gatekeeper", "would fail closed", "preflight")
def gk_004_2(b):
    for one in b["charts"]["gatekeeper"]["rendered"]["webhooks"]:
        one["failure_policy"] = "Fail"


@case("ZT-GK-028", "webhook validation.gatekeeper.sh", "no ready pod")
def gk_028(b):
    b["api"]["endpoints"]["gatekeeper-system.gatekeeper-webhook-service"] = 0


@case("ZT-GK-028", "webhook validation.istio.io", "its caBundle is not set")
def gk_028_2(b):
    hook(b, "validation.istio.io")["ca_bundle"] = None


@case("ZT-GK-003", "webhook validation.gatekeeper.sh", "everything is let in")
def gk_003(b):
    hook(b, "validation.gatekeeper.sh")["failure_policy"] = "Ignore"


@case("ZT-GK-003", "chart gatekeeper", "validatingWebhookFailurePolicy is Ignore", "preflight")
def gk_003_planned(b):
    values(b, "gatekeeper", validatingWebhookFailurePolicy="Ignore")


def unregister(hooks, name):
    hooks[:] = [one for one in hooks if one["name"] != name]


@case("ZT-GK-030", "webhook validation.gatekeeper.sh", "no webhook validation.gatekeeper.sh, check-ignore-label.gatekeeper.sh")
def gk_030(b):
    for name in ("validation.gatekeeper.sh", "check-ignore-label.gatekeeper.sh"):
        unregister(b["api"]["webhooks"], name)


@case("ZT-GK-030", "webhook validation.gatekeeper.sh", "no webhook check-ignore-label.gatekeeper.sh is asked")
def gk_030_2(b):
    unregister(b["api"]["webhooks"], "check-ignore-label.gatekeeper.sh")


@case("ZT-GK-030", "webhook validation.gatekeeper.sh", "no webhook validation.gatekeeper.sh is asked")
def gk_030_3(b):
    hook(b, "validation.gatekeeper.sh")["rules"] = []


@case("ZT-GK-030", "chart gatekeeper", "no webhook validation.gatekeeper.sh", "preflight")
def gk_030_planned(b):
    unregister(b["charts"]["gatekeeper"]["rendered"]["webhooks"], "validation.gatekeeper.sh")
