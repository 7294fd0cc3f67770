# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manifests: Kubernetes objects as `helm template`, `kustomize build` or people write them, put in the places of `api`.

docs/evidence_cluster.md has the shapes. What such a file does not have, only a cluster could add: nothing here has a status.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from . import acceptance, disruption_budget, form_check, objects, schema_manifests
from .bundle import short
from .schema_forms import Form
from .strict_yaml import Document

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


class Source(NamedTuple):
    """An object, where it stands, and the line of each of its keys where that is known."""

    file: str
    line: int
    item: Any
    lines: Mapping[str, int]

    @property
    def where(self) -> str:
        return f"{self.file}:{self.line}"


def unfold(file: str, document: Document) -> Iterator[Source]:
    """Yield the object of a document, or what is in it when it is a List, as `kubectl get -o yaml` writes it."""
    items = document.value.get("items")
    if not (document.value["kind"].endswith("List") and isinstance(items, list)):
        yield Source(file, document.line, document.value, document.lines)
        return
    # In one pass: of thousands of items, each would look through the lines of all.
    lines: list[dict[str, int]] = [{} for _item in items]
    for path, line in document.lines.items():
        above, _dot, rest = path.partition(".")
        index, _dot, key = rest.partition(".")
        if above == "items" and key:
            lines[int(index)][key] = line
    for number, item in enumerate(items):
        yield Source(file, document.lines.get(f"items.{number}", document.line), item, lines[number])


def place(found: Iterable[Source]) -> tuple[dict[str, Any], Counter[str], Counter[str]]:
    """Put objects into evidence.

    Returns what goes into `api` (only the keys something was found for), how many of each kind went there, and how many of each
    kind did not, as the evidence has no place for them.
    """
    api: dict[str, Any] = {}
    placed: Counter[str] = Counter()
    left: Counter[str] = Counter()
    for source in found:
        where, item = source.where, source.item
        if not is_object(item):
            raise ManifestError(f"{where}: an object has no apiVersion and kind")
        kind = str(item["kind"])
        known = _place_of(item["apiVersion"].partition("/")[0], kind)
        if known is None or _unnamed(item):
            left[kind] += 1
            continue
        try:
            wrong = _checked(known.form).first_wrong(item)
        except form_check.LibraryMissing as absent:
            raise ManifestError(f"{where}: manifests are checked by {absent}") from None
        if wrong:
            raise ManifestError(f"{where}: {kind}{_called(item)}: {wrong}")
        known.put(api, item)
        placed[kind] += 1
        api.setdefault("origins", []).append(_origin(source))
        accepted = acceptance.annotated(item)
        if accepted is not None:
            api.setdefault("acceptances", []).append(accepted)
    return api, placed, left


def _origin(source: Source) -> dict[str, Any]:
    """Return where an object stands, for findings about it; its keys but for those that nobody writes by hand."""
    item = source.item
    return {
        "kind": str(item["kind"]),
        "namespace": objects.namespace_of(item),
        "name": objects.name_of(item),
        "file": source.file,
        "line": source.line,
        "lines": {path: line for path, line in source.lines.items() if not path.startswith(("status", "metadata.managedFields"))},
    }


def _unnamed(item: Mapping[str, Any]) -> bool:
    """Return whether the API server is to make its name: that is none to find it by."""
    meta = item.get("metadata")
    return isinstance(meta, Mapping) and "generateName" in meta and meta.get("name") is None


def _called(item: Mapping[str, Any]) -> str:
    """Return namespace and name, as far as they are there."""
    meta = item.get("metadata")
    names = [meta.get("namespace"), meta.get("name")] if isinstance(meta, Mapping) else []
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
    api.setdefault("webhooks", []).extend(objects.webhooks(item))


def _put_policy(key: str, api: dict[str, Any], item: Mapping[str, Any]) -> None:
    one = {"namespace": objects.namespace_of(item), "name": objects.name_of(item), "spec": item.get("spec") or {}}
    api.setdefault("policies", {}).setdefault(key, []).append(one)


def _put_template(api: dict[str, Any], item: Mapping[str, Any]) -> None:
    templates = api.setdefault("gatekeeper", {}).setdefault("templates", {})
    templates[objects.name_of(item)] = objects.constraint_template(item)


def _put_constraint(api: dict[str, Any], item: Mapping[str, Any]) -> None:
    constraints = api.setdefault("gatekeeper", {}).setdefault("constraints", {})
    constraints.setdefault(item["kind"], {})[objects.name_of(item)] = objects.constraint(item)


_FORMS: dict[str, Form] = {
    "namespace": schema_manifests.NAMESPACE,
    "budget": schema_manifests.BUDGET,
    "makes pods": schema_manifests.MAKES_PODS,
    "autoscaler": schema_manifests.AUTOSCALER,
    "webhooks": schema_manifests.WEBHOOKS,
    "template": schema_manifests.TEMPLATE,
    "constraint": schema_manifests.CONSTRAINT,
    **schema_manifests.POLICIES,
}
_PLACES = {
    ("v1", "Namespace"): _Place("namespace", _put_namespace),
    ("policy", "PodDisruptionBudget"): _Place("budget", _into("budgets", disruption_budget.describe)),
    **{("apps", kind): _Place("makes pods", _into("workloads", objects.pods_of)) for kind in _MAKE_PODS},
    ("autoscaling", "HorizontalPodAutoscaler"): _Place("autoscaler", _into("autoscalers", objects.autoscaler)),
    **{("admissionregistration.k8s.io", kind): _Place("webhooks", _put_webhooks) for kind in _WEBHOOKS},
    **{at: _Place(key, functools.partial(_put_policy, key)) for at, key in _POLICIES.items()},
    ("templates.gatekeeper.sh", "ConstraintTemplate"): _Place("template", _put_template),
}


def _place_of(group: str, kind: str) -> _Place | None:
    return _Place("constraint", _put_constraint) if group == _CONSTRAINTS else _PLACES.get((group, kind))
