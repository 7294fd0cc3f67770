# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The schema of `api`; docs/evidence_cluster.md says what the keys mean.

Null is «not there»: the API server does not know the object or the kind.
"""

from __future__ import annotations

from .schema_forms import ANYTHING, MAPPING, SCALAR, SWITCH, TEXT, TEXTS, WHOLE, Form, keyed, listed, mapping, or_null
from .schema_objects import (
    AUTOSCALER,
    BUDGET,
    CERTIFICATES,
    EVENT,
    GATEWAY,
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
        "reason": TEXT,
        "internal_ips": TEXTS,
        "pod_cidrs": TEXTS,
        "control_plane": SWITCH,
        "taints": TEXTS,
        "unschedulable": SWITCH,
        "kubelet": TEXT,
        "kernel": TEXT,
        "os": TEXT,
    }
)
_NAMESPACE = mapping({"labels": keyed(SCALAR), "dataplane_annotation": or_null(SCALAR), "phase": TEXT})
_RELEASE = mapping(
    {
        "status": TEXT,
        "revision": WHOLE,
        "created": TEXT,
        "chart": TEXT,
        "version": TEXT,
        "app_version": TEXT,
        "updated": TEXT,
        "values": MAPPING,
        "unreadable": TEXT,
    }
)
_TEMPLATE = mapping(
    {
        "kind": TEXT,
        "created": SWITCH,
        "errors": TEXTS,
        "needs_sync": SWITCH,
        "requires_sync": or_null(listed(ANYTHING)),
        "sources": listed(mapping({"at": TEXT, "engine": TEXT, "version": TEXT, "syntax": or_null(TEXT)})),
    }
)
_CONSTRAINT = mapping(
    {
        "created": TEXT,
        "action": TEXT,
        "scoped": or_null(listed(mapping({"action": TEXT, "points": TEXTS}))),
        "match": MATCH,
        "audited": or_null(TEXT),
        "violations": or_null(WHOLE),
        "errors": TEXTS,
    }
)
_CILIUM_NODE = mapping({"public_key": or_null(TEXT), "addresses": TEXTS, "pod_cidrs": TEXTS})
_PODS = listed(mapping(POD_FORMS, ["name"]))


def _policies(spec: Form) -> Form:
    return or_null(listed(mapping({"namespace": TEXT, "name": TEXT, "spec": spec}, ["namespace", "name", "spec"])))


API = mapping(
    {
        "host": TEXT,
        "version": TEXT,
        "namespaces_of": keyed(TEXT),
        "nodes": or_null(keyed(_NODE)),
        "namespaces": or_null(keyed(_NAMESPACE)),
        "crds": or_null(keyed(keyed(TEXT))),
        "webhooks": or_null(listed(WEBHOOK)),
        "budgets": or_null(listed(BUDGET)),
        "workloads": or_null(listed(PODS_OF)),
        "autoscalers": or_null(listed(AUTOSCALER)),
        "services": or_null(listed(SERVICE)),
        "gateways": or_null(listed(GATEWAY)),
        "use_waypoint": or_null(
            listed(mapping({"kind": TEXT, "namespace": TEXT, "name": TEXT, "labels": keyed(SCALAR)}, ["kind", "name"]))
        ),
        "events": listed(EVENT),
        "pending_pods": listed(mapping({"namespace": TEXT, "name": TEXT, "node": TEXT}, ["namespace", "name", "node"])),
        "monitoring": mapping(
            {
                "prometheuses": or_null(listed(mapping({"namespace": TEXT, "name": TEXT}))),
                "servicemonitors": or_null(listed(MONITOR)),
                "podmonitors": or_null(listed(MONITOR)),
            }
        ),
        "endpoints": keyed(WHOLE),
        "pods": keyed(_PODS),
        "enrolled_pods": listed(mapping({**POD_FORMS, "namespace": TEXT}, ["name"])),
        "acceptances": listed(
            mapping({"kind": TEXT, "namespace": TEXT, "name": TEXT, "text": TEXT}, ["kind", "namespace", "name", "text"])
        ),
        "releases": keyed(keyed(_RELEASE)),
        "cilium": mapping(
            {
                "config": or_null(keyed(SCALAR)),
                "agent": or_null(WORKLOAD),
                "operator": or_null(WORKLOAD),
                "nodes": or_null(keyed(_CILIUM_NODE)),
                "hubble_certificates": or_null(CERTIFICATES),
            }
        ),
        "kube_proxy": mapping({"daemonset": or_null(WORKLOAD), "config_map": SWITCH}),
        "istio": mapping(
            {
                "istiod": or_null(WORKLOAD),
                "autoscaler": or_null(AUTOSCALER),
                "mesh_config": or_null(MAPPING),
                "cni": or_null(WORKLOAD),
                "cni_config": or_null(keyed(SCALAR)),
                "cni_config_changed": or_null(TEXT),
                "ztunnel": or_null(WORKLOAD),
                "ztunnel_build": or_null(TEXT),
                "root_certificates": or_null(CERTIFICATES),
            }
        ),
        "gatekeeper": mapping(
            {
                "controller": or_null(WORKLOAD),
                "audit": or_null(WORKLOAD),
                "templates": or_null(keyed(_TEMPLATE)),
                "constraints": keyed(or_null(keyed(_CONSTRAINT))),
                "config": or_null(CONFIG),
                "sync_sets": or_null(keyed(SYNC_SET)),
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
