# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The schema of `api`; docs/evidence_cluster.md says what the keys mean.

Null is «not there»: the API server does not know the object or the kind.
"""

from __future__ import annotations

from .schema_forms import (
    ADDRESS,
    ADDRESSES,
    ANYTHING,
    LABEL,
    LABELS,
    MAPPING,
    NAME,
    NAMES,
    PATH,
    PUBLIC_KEY,
    SAID,
    SCALAR,
    SWITCH,
    VALUE,
    VALUES,
    WHOLE,
    WORD,
    WORDS,
    Form,
    keyed,
    listed,
    mapping,
    or_null,
    text,
)
from .schema_objects import (
    ADMISSION_POLICY,
    AUTOSCALER,
    BUDGET,
    CERTIFICATES,
    EVENT,
    GATEWAY,
    ISSUED,
    MONITOR,
    POD_FORMS,
    PODS_OF,
    SERVICE,
    WEBHOOK,
    WORKLOAD,
)
from .schema_policies import (
    AUTHORIZATION_POLICY,
    CILIUM_POLICY,
    CONFIG,
    DESTINATION_RULE,
    MATCH,
    NETWORK_POLICY,
    PEER_AUTHENTICATION,
    SYNC_SET,
)

_NODE = mapping(
    {
        "ready": SWITCH,
        "reason": SAID,
        "internal_ips": ADDRESSES,
        "pod_cidrs": ADDRESSES,
        "control_plane": SWITCH,
        "taints": listed(LABEL),
        "unschedulable": SWITCH,
        "zone": NAME,
        "kubelet": WORD,
        "kernel": WORD,
        "os": WORD,
    }
)
_NAMESPACE = mapping({"labels": LABELS, "dataplane_annotation": or_null(SCALAR), "redirection": or_null(SCALAR), "phase": WORD})
_RELEASE = mapping(
    {
        "status": WORD,
        "revision": WHOLE,
        "created": WORD,
        "chart": VALUE,
        "version": WORD,
        # Of whatever chart somebody made.
        "app_version": VALUE,
        "updated": WORD,
        "values": MAPPING,
        "unreadable": SAID,
    }
)
_TEMPLATE = mapping(
    {
        "kind": NAME,
        "created": SWITCH,
        "errors": VALUES,
        "needs_sync": SWITCH,
        "requires_sync": or_null(listed(ANYTHING)),
        "sources": listed(mapping({"at": WORD, "engine": WORD, "version": WORD, "syntax": or_null(WORD)})),
    }
)
_CONSTRAINT = mapping(
    {
        "created": WORD,
        "action": VALUE,
        "scoped": or_null(listed(mapping({"action": VALUE, "points": VALUES}))),
        "match": MATCH,
        "audited": or_null(WORD),
        "violations": or_null(WHOLE),
        "errors": VALUES,
    }
)
_CILIUM_NODE = mapping({"public_key": or_null(PUBLIC_KEY), "addresses": ADDRESSES, "pod_cidrs": ADDRESSES})
_CRD = {
    **mapping({"bundle-version": VALUE, "channel": VALUE, "served": WORDS, "stored": WORDS}),
    # Other annotations of the Gateway API.
    "additionalProperties": VALUE,
}
_PODS = listed(mapping(POD_FORMS, ["name"]))
_CALLED = mapping({"name": LABEL, "service": NAME}, ["name", "service"])


def _policies(spec: Form) -> Form:
    return or_null(listed(mapping({"namespace": NAME, "name": NAME, "spec": spec}, ["namespace", "name", "spec"])))


API = mapping(
    {
        "host": ADDRESS,
        "version": WORD,
        "namespaces_of": keyed(WORD, NAME),
        "nodes": or_null(keyed(NAME, _NODE)),
        "namespaces": or_null(keyed(NAME, _NAMESPACE)),
        "crds": or_null(keyed(LABEL, _CRD)),
        "webhooks": or_null(listed(WEBHOOK)),
        "api_services": listed(_CALLED),
        "conversions": listed(_CALLED),
        "budgets": or_null(listed(BUDGET)),
        "workloads": or_null(listed(PODS_OF)),
        "autoscalers": or_null(listed(AUTOSCALER)),
        "services": or_null(listed(SERVICE)),
        "gateways": or_null(listed(GATEWAY)),
        "use_waypoint": or_null(
            listed(mapping({"kind": WORD, "namespace": NAME, "name": NAME, "labels": LABELS}, ["kind", "name"]))
        ),
        "events": listed(EVENT),
        "events_cut": WORDS,
        "pending_pods": listed(mapping({"namespace": NAME, "name": NAME, "node": NAME}, ["namespace", "name", "node"])),
        "monitoring": mapping(
            {
                "prometheuses": or_null(listed(mapping({"namespace": NAME, "name": NAME}))),
                "servicemonitors": or_null(listed(MONITOR)),
                "podmonitors": or_null(listed(MONITOR)),
            }
        ),
        "endpoints": keyed(NAME, WHOLE),
        "pods": keyed(NAME, _PODS),
        "enrolled_pods": listed(mapping({**POD_FORMS, "namespace": NAME}, ["name"])),
        "acceptances": listed(
            mapping(
                {"kind": NAME, "namespace": NAME, "name": NAME, "text": text("acceptance")}, ["kind", "namespace", "name", "text"]
            )
        ),
        "origins": listed(
            mapping(
                {"kind": NAME, "namespace": NAME, "name": NAME, "file": VALUE, "line": WHOLE, "lines": keyed(PATH, WHOLE)},
                ["kind", "namespace", "name", "file", "line", "lines"],
            )
        ),
        "releases": keyed(NAME, keyed(NAME, _RELEASE)),
        "cilium": mapping(
            {
                "config": or_null(keyed(WORD, SCALAR)),
                "agent": or_null(WORKLOAD),
                "operator": or_null(WORKLOAD),
                "nodes": or_null(keyed(NAME, _CILIUM_NODE)),
                "hubble_certificates": or_null(CERTIFICATES),
                "hubble_server": or_null(ISSUED),
                "hubble_relay": or_null(ISSUED),
            }
        ),
        "kube_proxy": mapping({"daemonset": or_null(WORKLOAD), "config_map": SWITCH}),
        "istio": mapping(
            {
                "istiod": or_null(WORKLOAD),
                "autoscaler": or_null(AUTOSCALER),
                "mesh_config": or_null(MAPPING),
                "cni": or_null(WORKLOAD),
                "cni_config": or_null(keyed(WORD, SCALAR)),
                "cni_config_changed": or_null(WORD),
                "ztunnel": or_null(WORKLOAD),
                "ztunnel_build": or_null(WORD),
                "root_certificates": or_null(CERTIFICATES),
                "issuer": or_null(ISSUED),
            }
        ),
        "gatekeeper": mapping(
            {
                "controller": or_null(WORKLOAD),
                "audit": or_null(WORKLOAD),
                "templates": or_null(keyed(NAME, _TEMPLATE)),
                "constraints": keyed(NAME, or_null(keyed(NAME, _CONSTRAINT))),
                "config": or_null(CONFIG),
                "webhook_server": or_null(ISSUED),
                "other_configs": or_null(NAMES),
                "admission_policies": or_null(listed(ADMISSION_POLICY)),
                "sync_sets": or_null(keyed(NAME, SYNC_SET)),
            }
        ),
        "policies": mapping(
            {
                "peer_authentications": _policies(PEER_AUTHENTICATION),
                "authorization_policies": _policies(AUTHORIZATION_POLICY),
                "network_policies": _policies(NETWORK_POLICY),
                "cilium_network_policies": _policies(CILIUM_POLICY),
                "cilium_clusterwide_network_policies": _policies(CILIUM_POLICY),
                "destination_rules": _policies(DESTINATION_RULE),
                "sidecars": _policies(MAPPING),
            }
        ),
    }
)
