# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The forms of objects as they are written, by the names the API server knows, as far as evidence is made of them.

What comes from an API server has been through its own schemas. What somebody wrote has not. Null is as absent, as it is there.
"""

from __future__ import annotations

from .schema_forms import LABELS, MAPPING, SWITCH, TEXT, WHOLE, Form, listed, mapping, or_null
from .schema_policies import (
    AUTHORIZATION_POLICY,
    CILIUM_POLICY,
    DESTINATION_RULE,
    MATCH,
    NETWORK_POLICY,
    PEER_AUTHENTICATION,
    SELECTOR,
)

_COUNT: Form = or_null({"type": "integer", "minimum": 0, "maximum": 2**31 - 1})
_COUNT_OR_SHARE: Form = {
    "type": ["integer", "string", "null"],
    "minimum": 0,
    "maximum": 2**31 - 1,
    "pattern": r"^[0-9]{1,9}%$",
    "description": "a whole number, or a share such as 50%",
}
_PORT: Form = {"type": ["integer", "string", "null"], "description": "a port's number or name"}
_LABELS = or_null(LABELS)
_META = or_null(mapping({"labels": _LABELS, "annotations": _LABELS}))


def _object(**parts: Form) -> Form:
    meta = mapping(
        {
            "name": TEXT,
            "namespace": or_null(TEXT),
            "creationTimestamp": or_null(TEXT),
            "labels": _LABELS,
            "annotations": _LABELS,
        },
        ["name"],
    )
    return mapping({"metadata": meta, **{key: or_null(form) for key, form in parts.items()}}, ["metadata"])


NAMESPACE = _object(status=mapping({"phase": or_null(TEXT)}))
BUDGET = _object(
    spec=mapping({"minAvailable": _COUNT_OR_SHARE, "maxUnavailable": _COUNT_OR_SHARE, "selector": or_null(SELECTOR)}),
    status=mapping(dict.fromkeys(("disruptionsAllowed", "expectedPods", "currentHealthy", "desiredHealthy"), _COUNT)),
)
MAKES_PODS = _object(
    spec=mapping(
        {
            "replicas": _COUNT,
            "template": or_null(
                mapping({"metadata": _META, "spec": or_null(mapping({"securityContext": or_null(MAPPING)}))}),
            ),
        }
    )
)
SERVICE = _object(
    spec=mapping(
        {
            "type": or_null(TEXT),
            "selector": _LABELS,
            "ports": or_null(listed(mapping({"port": _COUNT, "targetPort": _PORT}))),
        }
    )
)
GATEWAY = _object(spec=mapping({"gatewayClassName": or_null(TEXT)}))
# Of which only the labels are read.
LABELLED = _object()
AUTOSCALER = _object(
    spec=mapping(
        {
            "scaleTargetRef": or_null(mapping({"kind": or_null(TEXT), "name": or_null(TEXT)})),
            "minReplicas": _COUNT,
            "maxReplicas": _COUNT,
        }
    ),
    status=mapping({"currentReplicas": _COUNT, "desiredReplicas": _COUNT}),
)
WEBHOOKS = _object(
    webhooks=listed(
        mapping(
            {
                "name": TEXT,
                "failurePolicy": or_null(TEXT),
                "timeoutSeconds": _COUNT,
                "clientConfig": or_null(
                    mapping({"service": or_null(mapping({"namespace": TEXT, "name": TEXT})), "caBundle": or_null(TEXT)})
                ),
                "rules": or_null(listed(mapping(dict.fromkeys(("apiGroups", "resources", "operations"), or_null(listed(TEXT)))))),
                "namespaceSelector": or_null(SELECTOR),
                "objectSelector": or_null(SELECTOR),
                "matchConditions": or_null(listed(mapping({"expression": TEXT}))),
            },
            ["name"],
        )
    )
)
_BY_POD = or_null(listed(mapping({"id": or_null(TEXT), "errors": or_null(listed(mapping({"message": or_null(TEXT)})))})))
TEMPLATE = _object(
    spec=mapping(
        {
            "crd": mapping({"spec": mapping({"names": mapping({"kind": TEXT}, ["kind"])}, ["names"])}, ["spec"]),
            "targets": or_null(
                listed(
                    mapping(
                        {
                            "rego": or_null(TEXT),
                            "code": or_null(
                                listed(
                                    mapping(
                                        {
                                            "engine": or_null(TEXT),
                                            "source": or_null(mapping({"version": or_null(TEXT)})),
                                        }
                                    )
                                )
                            ),
                        }
                    )
                )
            ),
        },
        ["crd"],
    ),
    status=mapping({"created": or_null(SWITCH), "byPod": _BY_POD}),
)
_POINTS = or_null(listed(mapping({"name": or_null(TEXT)})))
CONSTRAINT = _object(
    spec=mapping(
        {
            "enforcementAction": or_null(TEXT),
            "scopedEnforcementActions": or_null(listed(mapping({"action": or_null(TEXT), "enforcementPoints": _POINTS}))),
            "match": or_null(MATCH),
        }
    ),
    status=mapping({"auditTimestamp": or_null(TEXT), "totalViolations": or_null(WHOLE), "byPod": _BY_POD}),
)
# By the list of `api.policies` they belong to.
POLICIES: dict[str, Form] = {
    "peer_authentications": _object(spec=PEER_AUTHENTICATION),
    "authorization_policies": _object(spec=AUTHORIZATION_POLICY),
    "network_policies": _object(spec=NETWORK_POLICY),
    "cilium_network_policies": _object(spec=CILIUM_POLICY),
    "cilium_clusterwide_network_policies": _object(spec=CILIUM_POLICY),
    "destination_rules": _object(spec=DESTINATION_RULE),
    "sidecars": _object(spec=MAPPING),
}
