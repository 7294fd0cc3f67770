# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The schema of reduced Kubernetes objects, live under `api` or rendered under `charts`; `objects` makes them."""

from __future__ import annotations

from .schema_forms import (
    ADDRESSES,
    ARGUMENT,
    IDENTITY,
    IMAGE,
    LABEL,
    LABELS,
    NAME,
    NAMES,
    SAID,
    SETTING,
    SUBJECT,
    SWITCH,
    TIME,
    VALUE,
    VALUES,
    WHOLE,
    WORD,
    WORDS,
    keyed,
    listed,
    mapping,
    one_of,
    or_null,
)
from .schema_policies import EXPRESSION, SELECTOR

CERTIFICATES = listed(
    mapping(
        {
            "subject": SUBJECT,
            "issuer": SUBJECT,
            "not_before": TIME,
            "not_after": TIME,
            "ca": SWITCH,
            "sha256": IDENTITY,
            "key": WORD,
            "signature": WORD,
            "self_signed": SWITCH,
            "names": or_null(NAMES),
            "addresses": or_null(ADDRESSES),
        },
        ["not_before", "not_after"],
    )
)
# A certificate of a Secret, and those above it there. `distrusted`: why it does not lead to whom others trust.
ISSUED = mapping(
    {"secret": NAME, "certificates": CERTIFICATES, "authorities": CERTIFICATES, "distrusted": or_null(SAID)},
    ["secret", "certificates", "authorities", "distrusted"],
)
_CONTAINERS = keyed(NAME, mapping({"image": IMAGE, "args": listed(ARGUMENT), "env": keyed(SETTING, VALUE)}))
WORKLOAD = mapping(
    {
        "kind": WORD,
        "name": NAME,
        "namespace": NAME,
        "containers": _CONTAINERS,
        "init_containers": _CONTAINERS,
        "host_network": SWITCH,
        "service_account": NAME,
        "annotations": LABELS,
        "replicas": or_null(WHOLE),
        "status": mapping({"wanted": WHOLE, "ready": WHOLE, "updated": WHOLE, "seen_generation": WHOLE, "generation": WHOLE}),
    },
    ["name"],
)
EVENT = mapping(
    {
        "reason": WORD,
        "kind": WORD,
        "namespace": NAME,
        "name": NAME,
        "message": SAID,
        "count": WHOLE,
        "last": TIME,
    },
    ["reason", "kind", "namespace", "name", "message", "last"],
)
AUTOSCALER = mapping(
    {
        "name": NAME,
        "namespace": NAME,
        "target_kind": NAME,
        "target": NAME,
        "min": or_null(WHOLE),
        "max": or_null(WHOLE),
        "current": or_null(WHOLE),
        "wanted": or_null(WHOLE),
    },
    ["name"],
)
_COUNT_OR_SHARE = {"type": ["integer", "string", "null"], "x-holds": "value"}
BUDGET = mapping(
    {
        "name": NAME,
        "namespace": NAME,
        "min_available": _COUNT_OR_SHARE,
        "max_unavailable": _COUNT_OR_SHARE,
        "selector": LABELS,
        "expressions": listed(EXPRESSION),
        "selects": SWITCH,
        "api_version": WORD,
        "status": mapping({"allowed": WHOLE, "expected_pods": WHOLE, "healthy": WHOLE, "needed": WHOLE}),
    },
    ["name", "namespace"],
)
WEBHOOK = mapping(
    {
        "kind": one_of("validating", "mutating"),
        "configuration": NAME,
        "name": NAME,
        "failure_policy": WORD,
        "timeout": WHOLE,
        "rules": listed(mapping({"groups": listed(LABEL), "resources": VALUES, "operations": WORDS})),
        "namespace_selector": SELECTOR,
        "object_selector": SELECTOR,
        "match_conditions": VALUES,
        "service": or_null(NAME),
        "ca_bundle": or_null(CERTIFICATES),
        "ca_bundle_error": SAID,
    },
    ["kind", "configuration", "name"],
)
ADMISSION_POLICY = mapping(
    {
        "name": NAME,
        "failure_policy": WORD,
        "param_group": LABEL,
        "param_kind": NAME,
        **dict.fromkeys(("rules", "excluded"), listed(mapping({"groups": listed(LABEL), "resources": VALUES}))),
        "namespace_selector": SELECTOR,
        "object_selector": SELECTOR,
        "match_conditions": VALUES,
    },
    ["name"],
)
POD_FORMS = {
    "name": NAME,
    "uid": IDENTITY,
    "node": NAME,
    "phase": WORD,
    "ready": SWITCH,
    "ready_since": or_null(WORD),
    "deleting": SWITCH,
    "host_network": SWITCH,
    "host_ports": listed(WHOLE),
    "labels": keyed(LABEL, VALUE),
    "owner": NAME,
    "redirection": or_null(VALUE),
    "sidecar": SWITCH,
    "dataplane_annotation": or_null(VALUE),
    "created": or_null(WORD),
    "started": or_null(WORD),
}
PODS_OF = mapping(
    {
        "kind": WORD,
        "namespace": NAME,
        "name": NAME,
        "labels": LABELS,
        "dataplane_annotations": LABELS,
        "own": mapping({"labels": LABELS, "annotations": LABELS}),
        "container_fields": WORDS,
        "host_network": SWITCH,
        "replicas": WHOLE,
    },
    ["kind", "namespace", "name"],
)
SERVICE = mapping(
    {
        "namespace": NAME,
        "name": NAME,
        "type": WORD,
        "selector": LABELS,
        "ports": listed(_COUNT_OR_SHARE),
    },
    ["namespace", "name"],
)
GATEWAY = mapping({"namespace": NAME, "name": NAME, "class": NAME, "programmed": SWITCH}, ["namespace", "name"])
MONITOR = mapping(
    {"kind": WORD, "namespace": NAME, "name": NAME, "any": SWITCH, "namespaces": NAMES, "selector": SELECTOR},
    ["namespace", "name"],
)
RENDERED = mapping(
    {
        "workloads": keyed(NAME, WORKLOAD),
        "autoscalers": keyed(NAME, AUTOSCALER),
        "budgets": keyed(NAME, BUDGET),
        "webhooks": listed(WEBHOOK),
        "config_maps": keyed(WORD, keyed(WORD, VALUE)),
        "secrets": NAMES,
    }
)
