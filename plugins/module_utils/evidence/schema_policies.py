# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The schema of what is kept of policies as it was written: the API server's names and forms, as far as rules read them."""

from __future__ import annotations

from .schema_forms import (
    ADDRESS,
    ADDRESSES,
    ANYTHING,
    LABEL,
    LABELS,
    MAPPING,
    NAME,
    SCALAR,
    SWITCH,
    VALUE,
    VALUES,
    WHOLE,
    WORD,
    WORDS,
    Form,
    excerpt,
    keyed,
    listed,
    or_null,
)

EXPRESSION = excerpt({"key": LABEL, "operator": WORD, "values": or_null(listed(SCALAR))}, ["key", "operator"])
SELECTOR = excerpt({"matchLabels": or_null(LABELS), "matchExpressions": or_null(listed(EXPRESSION))})
_LABELS = or_null(LABELS)


def _texts(*keys: str) -> dict[str, Form]:
    return dict.fromkeys(keys, or_null(VALUES))


# --- Istio ---

_MODE = excerpt({"mode": or_null(WORD)})
_OF_WORKLOADS = or_null(excerpt({"matchLabels": _LABELS}))
_SOURCE = excerpt(
    _texts(
        "principals",
        "notPrincipals",
        "requestPrincipals",
        "notRequestPrincipals",
        "namespaces",
        "notNamespaces",
        "serviceAccounts",
        "notServiceAccounts",
        "ipBlocks",
        "notIpBlocks",
        "remoteIpBlocks",
        "notRemoteIpBlocks",
    )
)
_OPERATION = excerpt(_texts("hosts", "notHosts", "ports", "notPorts", "methods", "notMethods", "paths", "notPaths"))
_TRAFFIC = excerpt({"tls": or_null(_MODE), "portLevelSettings": or_null(listed(excerpt({"tls": or_null(_MODE)})))})

PEER_AUTHENTICATION = excerpt(
    {"selector": _OF_WORKLOADS, "mtls": or_null(_MODE), "portLevelMtls": or_null(keyed(WORD, _MODE))},
)
AUTHORIZATION_POLICY = excerpt(
    {
        "selector": _OF_WORKLOADS,
        "targetRef": or_null(MAPPING),
        "targetRefs": or_null(listed(MAPPING)),
        "action": or_null(WORD),
        "rules": or_null(
            listed(
                excerpt(
                    {
                        "from": or_null(listed(excerpt({"source": or_null(_SOURCE)}))),
                        "to": or_null(listed(excerpt({"operation": or_null(_OPERATION)}))),
                        "when": or_null(listed(excerpt({"key": VALUE, **_texts("values", "notValues")}))),
                    }
                )
            )
        ),
    }
)
DESTINATION_RULE = excerpt(
    {
        "host": VALUE,
        "trafficPolicy": or_null(_TRAFFIC),
        "subsets": or_null(listed(excerpt({"name": NAME, "labels": _LABELS, "trafficPolicy": or_null(_TRAFFIC)}))),
    }
)

# --- Kubernetes and Cilium ---

_NUMBER_OR_NAME: Form = {"type": ["integer", "string", "null"], "x-holds": "value"}
_PORTS = or_null(listed(excerpt({"port": _NUMBER_OR_NAME, "protocol": or_null(WORD), "endPort": or_null(WHOLE)})))
_PEERS = or_null(
    listed(
        excerpt(
            {
                "podSelector": or_null(SELECTOR),
                "namespaceSelector": or_null(SELECTOR),
                "ipBlock": or_null(excerpt({"cidr": ADDRESS, "except": or_null(ADDRESSES)})),
            }
        )
    )
)
NETWORK_POLICY = excerpt(
    {
        "podSelector": or_null(SELECTOR),
        "policyTypes": or_null(WORDS),
        "ingress": or_null(listed(excerpt({"from": _PEERS, "ports": _PORTS}))),
        "egress": or_null(listed(excerpt({"to": _PEERS, "ports": _PORTS}))),
    }
)
_LOOKING = ("http", "kafka", "dns", "l7", "l7proto")
_TO_PORTS = or_null(listed(excerpt({"ports": _PORTS, "rules": or_null(excerpt(dict.fromkeys(_LOOKING, ANYTHING)))})))
_ICMPS = or_null(listed(MAPPING))


def _cilium_rule(peers: str) -> Form:
    block = excerpt({"cidr": ADDRESS, "except": or_null(ADDRESSES)})
    found = {
        f"{peers}Endpoints": or_null(listed(SELECTOR)),
        f"{peers}CIDR": or_null(ADDRESSES),
        f"{peers}CIDRSet": or_null(listed(block)),
        f"{peers}Entities": or_null(WORDS),
        "toPorts": _TO_PORTS,
        "icmps": _ICMPS,
    }
    return excerpt({**found, "toServices": or_null(listed(MAPPING))} if peers == "to" else found)


CILIUM_POLICY = excerpt(
    {
        "endpointSelector": or_null(SELECTOR),
        "nodeSelector": or_null(SELECTOR),
        "enableDefaultDeny": or_null(excerpt({"ingress": or_null(SWITCH), "egress": or_null(SWITCH)})),
        "ingress": or_null(listed(_cilium_rule("from"))),
        "ingressDeny": or_null(listed(MAPPING)),
        "egress": or_null(listed(_cilium_rule("to"))),
        "egressDeny": or_null(listed(MAPPING)),
    }
)

# --- Gatekeeper ---

_KINDS = or_null(listed(excerpt(_texts("apiGroups", "kinds"))))
MATCH = excerpt(
    {
        "kinds": _KINDS,
        **_texts("namespaces", "excludedNamespaces"),
        "labelSelector": or_null(SELECTOR),
        "namespaceSelector": or_null(SELECTOR),
        "scope": or_null(WORD),
        "name": or_null(VALUE),
        "source": or_null(WORD),
    }
)
_SYNCED = or_null(listed(excerpt(dict.fromkeys(("group", "version", "kind"), or_null(VALUE)))))
SYNC_SET = excerpt({"gvks": _SYNCED})
CONFIG = excerpt({"sync": or_null(excerpt({"syncOnly": _SYNCED}))})
