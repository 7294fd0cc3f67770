# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manifests: Kubernetes objects as `helm template`, `kustomize build` or people write them, put in the places of `api`.

docs/evidence_cluster.md has the shapes. What such a file does not have, only a cluster could add: nothing here has a status.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from . import (
    acceptance,
    admission,
    disruption_budget,
    form_check,
    gatekeeper_objects,
    network_policy,
    objects,
    schema_manifests,
    workload,
)
from .bundle import short
from .document import Document, branches
from .schema_forms import Form

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
POLICY_KINDS = tuple(kind for _group, kind in _POLICIES)
_CONSTRAINTS = "constraints.gatekeeper.sh"


class ManifestError(ValueError):
    """An object is not of its kind's form; the message begins with where it stands."""


class Unchecked(ManifestError):
    """What checks forms is not installed: no other object could be checked either."""


def is_object(document: Any) -> bool:
    """Return whether it is a Kubernetes object, whatever its form otherwise."""
    return isinstance(document, dict) and isinstance(document.get("apiVersion"), str) and isinstance(document.get("kind"), str)


# Where the keys are that findings name.
_BRANCHES = branches(
    (
        ("metadata", "labels"),
        ("metadata", "annotations"),
        ("spec", "mtls"),
        ("spec", "portLevelMtls"),
        ("spec", "template", "metadata", "labels"),
        ("spec", "template", "metadata", "annotations"),
    )
)


def is_application(item: Mapping[str, Any]) -> bool:
    """Return whether an object is an Application of Argo CD, or an ApplicationSet, which makes some."""
    return item["kind"] in ("Application", "ApplicationSet") and item["apiVersion"].startswith("argoproj.io/")


def unfold(file: str, document: Document) -> Iterator[Document]:
    """Yield the object of a document, or those in it when it is a List, as `kubectl get -o yaml` writes it.

    Raises ManifestError at what is in a List and is no object.
    """
    if not (document.value["kind"].endswith("List") and isinstance(document.value.get("items"), list)):
        yield document
        return
    for one in document.entries("items"):
        if not is_object(one.value):
            raise ManifestError(f"{file}:{one.line}: an object has no apiVersion and kind")
        yield one


class Placed:
    """What the objects of manifests come to as evidence. The objects themselves are not kept.

    `api`: what goes into `api` of the evidence, only the keys something was found for. `placed`: how many of each kind went
    there; `left`: how many did not, as the evidence has no place for them. `names`: kind, namespace and name of each object.
    """

    def __init__(self) -> None:
        self.api: dict[str, Any] = {}
        self.placed: Counter[str] = Counter()
        self.left: Counter[str] = Counter()
        self.names: list[tuple[str, str, str]] = []

    def __len__(self) -> int:
        return len(self.names)

    def add(self, file: str, document: Document) -> None:
        """Put the object of a document of this file into evidence. Raises ManifestError."""
        item = document.value
        kind, meta = item["kind"], _meta(item)
        name = (kind, str(meta.get("namespace") or ""), str(meta.get("name", "")))
        known = _place_of(item["apiVersion"], kind)
        # Whose name the API server is to make, that has none to be found by.
        if known is None or ("generateName" in meta and meta.get("name") is None):
            self.left[kind] += 1
            self.names.append(name)
            return
        try:
            wrong = _checked(known.form).first_wrong(item)
        except form_check.LibraryMissing as absent:
            raise Unchecked(f"{file}:{document.line}: manifests are checked by {absent}") from None
        if wrong:
            raise ManifestError(f"{file}:{document.line}: {kind}{_called(meta)}: {wrong}")
        known.put(self.api, item)
        self.placed[kind] += 1
        self.names.append(name)
        self.api.setdefault("origins", []).append(_origin(name, file, document))
        accepted = acceptance.annotated(item)
        if accepted is not None:
            self.api.setdefault("acceptances", []).append(accepted)


def _meta(item: Mapping[str, Any]) -> Mapping[str, Any]:
    meta = item.get("metadata")
    return meta if isinstance(meta, dict) else {}


def _origin(name: tuple[str, str, str], file: str, document: Document) -> dict[str, Any]:
    """Return where an object stands, for findings about it."""
    return {
        "kind": name[0],
        "namespace": name[1],
        "name": name[2],
        "file": file,
        "line": document.line,
        "lines": document.lines_below(_BRANCHES),
    }


def _called(meta: Mapping[str, Any]) -> str:
    """Return namespace and name, as far as they are there."""
    names = (meta.get("namespace"), meta.get("name"))
    found = "/".join(short(one) for one in names if isinstance(one, str) and one)
    return f" {found}" if found else ""


@functools.cache
def _checked(form: str) -> form_check.Checked:
    return form_check.Checked(_FORMS[form])


# --- Places ---


class _Place(NamedTuple):
    """Where objects of a kind go, and the name of the form they have to have."""

    form: str
    put: Callable[[dict[str, Any], Mapping[str, Any]], None]


def _put_namespace(api: dict[str, Any], item: Mapping[str, Any]) -> None:
    name = objects.name_of(item)
    described = objects.namespace(item)
    # The API server gives this label to every namespace.
    described["labels"] = {**described["labels"], "kubernetes.io/metadata.name": name}
    api.setdefault("namespaces", {})[name] = described


def _into(key: str, reduce: Callable[[Mapping[str, Any]], Any]) -> Callable[[dict[str, Any], Mapping[str, Any]], None]:
    return lambda api, item: api.setdefault(key, []).append(reduce(item))


def _put_webhooks(api: dict[str, Any], item: Mapping[str, Any]) -> None:
    api.setdefault("webhooks", []).extend(admission.webhooks(item))


def _put_policy(key: str, api: dict[str, Any], item: Mapping[str, Any]) -> None:
    api.setdefault("policies", {}).setdefault(key, []).extend(network_policy.entries(item))


def _put_template(api: dict[str, Any], item: Mapping[str, Any]) -> None:
    templates = api.setdefault("gatekeeper", {}).setdefault("templates", {})
    templates[objects.name_of(item)] = gatekeeper_objects.constraint_template(item)


def _put_constraint(api: dict[str, Any], item: Mapping[str, Any]) -> None:
    constraints = api.setdefault("gatekeeper", {}).setdefault("constraints", {})
    constraints.setdefault(item["kind"], {})[objects.name_of(item)] = gatekeeper_objects.constraint(item)


def _put_service(api: dict[str, Any], item: Mapping[str, Any]) -> None:
    _put_labelled(api, item)
    api.setdefault("services", [])
    if (item.get("spec") or {}).get("type") not in (None, "ClusterIP"):
        api["services"].append(objects.exposed(item))


def _put_labelled(api: dict[str, Any], item: Mapping[str, Any]) -> None:
    named = objects.names_waypoint(item)
    api.setdefault("use_waypoint", []).extend([named] if named["labels"] else [])


_FORMS: dict[str, Form] = {
    "namespace": schema_manifests.NAMESPACE,
    "budget": schema_manifests.BUDGET,
    "makes pods": schema_manifests.MAKES_PODS,
    "autoscaler": schema_manifests.AUTOSCALER,
    "webhooks": schema_manifests.WEBHOOKS,
    "service": schema_manifests.SERVICE,
    "gateway": schema_manifests.GATEWAY,
    "labelled": schema_manifests.LABELLED,
    "template": schema_manifests.TEMPLATE,
    "constraint": schema_manifests.CONSTRAINT,
    **schema_manifests.POLICIES,
}
_PLACES = {
    ("v1", "Namespace"): _Place("namespace", _put_namespace),
    ("v1", "Service"): _Place("service", _put_service),
    ("networking.istio.io", "ServiceEntry"): _Place("labelled", _put_labelled),
    ("gateway.networking.k8s.io", "Gateway"): _Place("gateway", _into("gateways", objects.gateway)),
    ("policy", "PodDisruptionBudget"): _Place("budget", _into("budgets", disruption_budget.describe)),
    **{("apps", kind): _Place("makes pods", _into("workloads", workload.pods_of)) for kind in _MAKE_PODS},
    ("autoscaling", "HorizontalPodAutoscaler"): _Place("autoscaler", _into("autoscalers", workload.autoscaler)),
    **{("admissionregistration.k8s.io", kind): _Place("webhooks", _put_webhooks) for kind in _WEBHOOKS},
    **{at: _Place(key, functools.partial(_put_policy, key)) for at, key in _POLICIES.items()},
    ("templates.gatekeeper.sh", "ConstraintTemplate"): _Place("template", _put_template),
}


@functools.lru_cache(1024)
def _place_of(version: str, kind: str) -> _Place | None:
    group = version.partition("/")[0]
    return _Place("constraint", _put_constraint) if group == _CONSTRAINTS else _PLACES.get((group, kind))
