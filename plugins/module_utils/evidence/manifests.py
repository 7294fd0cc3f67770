# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manifests: Kubernetes objects as `helm template`, `kustomize build` or people write them, put in the places of `api`.

docs/evidence_cluster.md has the shapes. What such a file does not have, only a cluster could add: nothing here has a status.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from . import acceptance, disruption_budget, objects

_WEBHOOKS = ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration")
_MAKE_PODS = ("Deployment", "StatefulSet", "DaemonSet")
# (group, kind) -> the list of `api.policies` it belongs to.
_POLICIES = {
    ("security.istio.io", "PeerAuthentication"): "peer_authentications",
    ("security.istio.io", "AuthorizationPolicy"): "authorization_policies",
    ("networking.k8s.io", "NetworkPolicy"): "network_policies",
    ("cilium.io", "CiliumNetworkPolicy"): "cilium_network_policies",
    ("cilium.io", "CiliumClusterwideNetworkPolicy"): "cilium_clusterwide_network_policies",
    ("networking.istio.io", "DestinationRule"): "destination_rules",
    ("networking.istio.io", "Sidecar"): "sidecars",
}
POLICY_LISTS = tuple(_POLICIES.values())
_CONSTRAINTS = "constraints.gatekeeper.sh"


class ManifestError(ValueError):
    """An object is not of its kind's form; the message begins with where it stands."""


def is_object(document: Any) -> bool:
    """Return whether it is a Kubernetes object, whatever its form otherwise."""
    return isinstance(document, Mapping) and isinstance(document.get("apiVersion"), str) and isinstance(document.get("kind"), str)


def unfold(document: Mapping[str, Any]) -> Iterator[Any]:
    """Yield the object, or what is in it when it is a List, as `kubectl get -o yaml` writes it."""
    if document["kind"].endswith("List") and isinstance(document.get("items"), list):
        yield from document["items"]
    else:
        yield document


def place(found: Iterable[tuple[str, Any]]) -> tuple[dict[str, Any], Counter[str], Counter[str]]:
    """Put objects, each given with where it stands, into evidence.

    Returns what goes into `api` (only the keys something was found for), how many of each kind went there, and how many of each
    kind did not, as the evidence has no place for them.
    """
    api: dict[str, Any] = {}
    placed: Counter[str] = Counter()
    left: Counter[str] = Counter()
    for where, item in found:
        if not is_object(item):
            raise ManifestError(f"{where}: an object has no apiVersion and kind")
        kind = str(item["kind"])
        if not isinstance(item.get("metadata"), Mapping) or not isinstance(item["metadata"].get("name"), str):
            # A name that the API server makes is no name to find it by, and nothing of that kind has a place.
            left[kind] += 1
            continue
        try:
            known = _place(api, item["apiVersion"].partition("/")[0], kind, item)
            accepted = acceptance.annotated(item) if known else None
        except (AttributeError, TypeError, KeyError, ValueError):
            raise ManifestError(f"{where}: {kind} {objects.name_of(item)} is not of the form of its kind") from None
        (placed if known else left)[kind] += 1
        if accepted is not None:
            api.setdefault("acceptances", []).append(accepted)
    return api, placed, left


def _place(api: dict[str, Any], group: str, kind: str, item: Mapping[str, Any]) -> bool:
    name = objects.name_of(item)
    if (group, kind) == ("v1", "Namespace"):
        # The API server gives this label to every namespace.
        described = objects.namespace(item)
        described["labels"] = {**described["labels"], "kubernetes.io/metadata.name": name}
        api.setdefault("namespaces", {})[name] = described
    elif (group, kind) == ("policy", "PodDisruptionBudget"):
        api.setdefault("budgets", []).append(disruption_budget.describe(item))
    elif group == "apps" and kind in _MAKE_PODS:
        api.setdefault("workloads", []).append(objects.pods_of(item))
    elif (group, kind) == ("autoscaling", "HorizontalPodAutoscaler"):
        api.setdefault("autoscalers", []).append(objects.autoscaler(item))
    elif group == "admissionregistration.k8s.io" and kind in _WEBHOOKS:
        api.setdefault("webhooks", []).extend(objects.webhooks(item))
    elif (group, kind) in _POLICIES:
        one = {"namespace": objects.namespace_of(item), "name": name, "spec": item.get("spec") or {}}
        api.setdefault("policies", {}).setdefault(_POLICIES[group, kind], []).append(one)
    elif (group, kind) == ("templates.gatekeeper.sh", "ConstraintTemplate"):
        api.setdefault("gatekeeper", {}).setdefault("templates", {})[name] = objects.constraint_template(item)
    elif group == _CONSTRAINTS:
        constraints = api.setdefault("gatekeeper", {}).setdefault("constraints", {})
        constraints.setdefault(kind, {})[name] = objects.constraint(item)
    else:
        return False
    return True
