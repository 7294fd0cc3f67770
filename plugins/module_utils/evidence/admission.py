# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is asked before the API server takes an object: webhooks, and policies of its own."""

from __future__ import annotations

from typing import Any

from . import called_services, certificate
from .objects import Object, name_of


def webhooks(item: Object) -> list[dict[str, Any]]:
    """Return the webhooks of a configuration object."""
    kind = "mutating" if str(item.get("kind", "")).startswith("Mutating") else "validating"
    found = []
    for one in item.get("webhooks") or []:
        client = one.get("clientConfig") or {}
        entry: dict[str, Any] = {
            "kind": kind,
            "configuration": name_of(item),
            "name": one.get("name", ""),
            "failure_policy": one.get("failurePolicy") or "Fail",
            "timeout": 10 if one.get("timeoutSeconds") is None else one["timeoutSeconds"],
            "rules": [
                {
                    "groups": rule.get("apiGroups") or [],
                    "resources": rule.get("resources") or [],
                    "operations": rule.get("operations") or [],
                }
                for rule in one.get("rules") or []
            ],
            "namespace_selector": one.get("namespaceSelector") or {},
            "object_selector": one.get("objectSelector") or {},
            "match_conditions": [condition.get("expression", "") for condition in one.get("matchConditions") or []],
            "service": called_services.named(client.get("service")),
            "ca_bundle": None,
        }
        if client.get("caBundle"):
            try:
                entry["ca_bundle"] = certificate.describe_base64(client["caBundle"])
            except certificate.CertificateError as error:
                entry["ca_bundle_error"] = str(error)
        found.append(entry)
    return found


def policy(item: Object) -> dict[str, Any]:
    """Reduce a ValidatingAdmissionPolicy to what it covers, by which parameters, and what it does without an answer."""
    spec = item.get("spec") or {}
    param, match = spec.get("paramKind") or {}, spec.get("matchConstraints") or {}

    def rules(key: str) -> list[dict[str, Any]]:
        return [{"groups": one.get("apiGroups") or [], "resources": one.get("resources") or []} for one in match.get(key) or []]

    return {
        "name": name_of(item),
        "failure_policy": spec.get("failurePolicy") or "Fail",
        "param_group": str(param.get("apiVersion") or "").partition("/")[0],
        "param_kind": str(param.get("kind") or ""),
        "rules": rules("resourceRules"),
        "excluded": rules("excludeResourceRules"),
        "namespace_selector": match.get("namespaceSelector") or {},
        "object_selector": match.get("objectSelector") or {},
        "match_conditions": [one.get("expression", "") for one in spec.get("matchConditions") or []],
    }
