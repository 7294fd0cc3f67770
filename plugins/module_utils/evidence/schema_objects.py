# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The schema of reduced Kubernetes objects, live under `api` or rendered under `charts`; `objects` makes them."""

from __future__ import annotations

from .schema_forms import MAPPING, SCALAR, SWITCH, TEXT, TEXTS, TIME, WHOLE, keyed, listed, mapping, one_of, or_null

CERTIFICATES = listed(
    mapping(
        {"subject": TEXT, "issuer": TEXT, "not_before": TIME, "not_after": TIME, "ca": SWITCH, "sha256": TEXT},
        ["not_before", "not_after"],
    )
)
_CONTAINERS = keyed(mapping({"image": TEXT, "args": TEXTS, "env": keyed(TEXT)}))
WORKLOAD = mapping(
    {
        "kind": TEXT,
        "name": TEXT,
        "namespace": TEXT,
        "containers": _CONTAINERS,
        "init_containers": _CONTAINERS,
        "host_network": SWITCH,
        "service_account": TEXT,
        "annotations": keyed(SCALAR),
        "replicas": or_null(WHOLE),
        "status": mapping({"wanted": WHOLE, "ready": WHOLE, "updated": WHOLE, "seen_generation": WHOLE, "generation": WHOLE}),
    },
    ["name"],
)
EVENT = mapping(
    {
        "reason": TEXT,
        "kind": TEXT,
        "namespace": TEXT,
        "name": TEXT,
        "message": TEXT,
        "count": WHOLE,
        "last": TIME,
    },
    ["reason", "kind", "namespace", "name", "message", "last"],
)
AUTOSCALER = mapping(
    {
        "name": TEXT,
        "namespace": TEXT,
        "target_kind": TEXT,
        "target": TEXT,
        "min": or_null(WHOLE),
        "max": or_null(WHOLE),
        "current": or_null(WHOLE),
        "wanted": or_null(WHOLE),
    },
    ["name"],
)
_COUNT_OR_SHARE = {"type": ["integer", "string", "null"]}
BUDGET = mapping(
    {
        "name": TEXT,
        "namespace": TEXT,
        "min_available": _COUNT_OR_SHARE,
        "max_unavailable": _COUNT_OR_SHARE,
        "selector": keyed(SCALAR),
        "expressions": listed(MAPPING),
        "selects": SWITCH,
        "api_version": TEXT,
        "status": mapping({"allowed": WHOLE, "expected_pods": WHOLE, "healthy": WHOLE, "needed": WHOLE}),
    },
    ["name", "namespace"],
)
WEBHOOK = mapping(
    {
        "kind": one_of("validating", "mutating"),
        "configuration": TEXT,
        "name": TEXT,
        "failure_policy": TEXT,
        "timeout": WHOLE,
        "rules": listed(mapping({"groups": TEXTS, "resources": TEXTS, "operations": TEXTS})),
        "namespace_selector": MAPPING,
        "object_selector": MAPPING,
        "match_conditions": TEXTS,
        "service": or_null(TEXT),
        "ca_bundle": or_null(CERTIFICATES),
        "ca_bundle_error": TEXT,
    },
    ["kind", "configuration", "name"],
)
POD_FORMS = {
    "name": TEXT,
    "node": TEXT,
    "phase": TEXT,
    "ready": SWITCH,
    "ready_since": or_null(TEXT),
    "deleting": SWITCH,
    "host_network": SWITCH,
    "labels": keyed(TEXT),
    "owner": TEXT,
    "redirection": or_null(TEXT),
    "sidecar": SWITCH,
    "dataplane_annotation": or_null(TEXT),
    "created": or_null(TEXT),
    "started": or_null(TEXT),
}
PODS_OF = mapping(
    {
        "kind": TEXT,
        "namespace": TEXT,
        "name": TEXT,
        "labels": keyed(SCALAR),
        "dataplane_annotations": keyed(TEXT),
        "container_fields": TEXTS,
        "replicas": WHOLE,
    },
    ["kind", "namespace", "name"],
)
SERVICE = mapping(
    {
        "namespace": TEXT,
        "name": TEXT,
        "type": TEXT,
        "selector": keyed(SCALAR),
        "ports": listed({"type": ["integer", "string", "null"]}),
    },
    ["namespace", "name"],
)
GATEWAY = mapping({"namespace": TEXT, "name": TEXT, "class": TEXT, "programmed": SWITCH}, ["namespace", "name"])
MONITOR = mapping(
    {"kind": TEXT, "namespace": TEXT, "name": TEXT, "any": SWITCH, "namespaces": TEXTS, "selector": MAPPING},
    ["namespace", "name"],
)
RENDERED = mapping(
    {
        "workloads": keyed(WORKLOAD),
        "autoscalers": keyed(AUTOSCALER),
        "budgets": keyed(BUDGET),
        "webhooks": listed(WEBHOOK),
        "config_maps": keyed(MAPPING),
        "secrets": TEXTS,
    }
)
