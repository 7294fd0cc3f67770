# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a chart renders, reduced to what rules need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from . import admission, disruption_budget, workload
from .objects import name_of
from .secret_values import redact


def describe(documents: Iterable[Any]) -> dict[str, Any]:
    """Reduce what a chart renders. Of its Secrets only the names are kept."""
    reduced: dict[str, Any] = {
        "workloads": {},
        "autoscalers": {},
        "budgets": {},
        "webhooks": [],
        "config_maps": {},
        "secrets": [],
    }
    for item in documents:
        if not isinstance(item, Mapping):
            continue
        kind, name = item.get("kind"), name_of(item)
        if kind in ("Deployment", "DaemonSet"):
            reduced["workloads"][name] = workload.describe(item)
        elif kind == "HorizontalPodAutoscaler":
            reduced["autoscalers"][name] = workload.autoscaler(item)
        elif kind == "PodDisruptionBudget":
            reduced["budgets"][name] = disruption_budget.describe(item)
        elif kind in ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"):
            reduced["webhooks"].extend(admission.webhooks(item))
        elif kind == "ConfigMap" and name in ("cilium-config", "istio", "istio-cni-config"):
            reduced["config_maps"][name] = redact(item.get("data") or {})
        elif kind == "Secret":
            reduced["secrets"].append(name)
    return reduced
