# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes evidence of a folder: the shape a cluster's has, with the reason for everything that only a cluster could say."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..evidence import manifests, objects, versions
from ..evidence.values_file import ValuesFile
from .folder import Folder, listed
from .namespaces import MESH, NETWORK, POLICY

# What docs/evidence_cluster.md lists under `api`, but for `namespaces_of`, which is known without a cluster.
_API = (
    "host",
    "version",
    "nodes",
    "namespaces",
    "crds",
    "webhooks",
    "api_services",
    "conversions",
    "budgets",
    "workloads",
    "autoscalers",
    "services",
    "gateways",
    "use_waypoint",
    "monitoring",
    "endpoints",
    "pods",
    "enrolled_pods",
    "releases",
    "cilium",
    "kube_proxy",
    "istio",
    "gatekeeper",
    "policies",
)
_GATEKEEPER = ("controller", "audit", "templates", "constraints", "config", "sync_sets")
_DESIRED = ("nodes", "pod_cidrs", "service_cidrs", "api", "namespaces")
_FEATURES = ("wireguard", "kube_proxy_replacement", "routing", "tunnel_protocol", "ambient")

# Chart -> release and namespace, as the roles install it.
_RELEASES = {
    "cilium": ("cilium", NETWORK),
    "gatekeeper": ("gatekeeper", POLICY),
    "base": ("istio-base", MESH),
    "istiod": ("istiod", MESH),
    "cni": ("istio-cni", MESH),
    "ztunnel": ("ztunnel", MESH),
}
_STAGE_OF_PROJECT = {"cilium": "network", "gatekeeper": "policy", "istio": "mesh"}
# What manifests hold -> the stages whose rules it is about.
_STAGES_OF_KEY = {
    "namespaces": ("enforcement",),
    "webhooks": ("policy",),
    "gatekeeper": ("policy", "enforcement"),
    "budgets": ("enforcement",),
    "workloads": ("enforcement",),
    "policies": ("enforcement",),
    "services": ("enforcement",),
    "gateways": ("enforcement",),
}
_STAGES = ("node", "network", "policy", "mesh", "enforcement")
# Kinds that rules ask for as they are written. Those below they ask for where a mesh is wanted.
_JUDGED = (
    "Namespace",
    "ValidatingWebhookConfiguration",
    "MutatingWebhookConfiguration",
    "ConstraintTemplate",
    "PodDisruptionBudget",
    "HorizontalPodAutoscaler",
    "Deployment",
    "StatefulSet",
    "DaemonSet",
)
_JUDGED_IN_MESH = (*(kind for kind in manifests.POLICY_KINDS if kind != "Sidecar"), "Service", "ServiceEntry", "Gateway")
_UNSAID = "nothing here asks for: -e zerotrust_ambient=true does, or a Namespace with istio.io/dataplane-mode: ambient"
_AMBIENT = "cni.values.yaml, which says whether the mesh is ambient; -e zerotrust_ambient=true says it too"


@dataclass
class Offline:
    """What `analyze` is called with."""

    cluster: str
    moment: str
    stages: list[str]
    desired: dict[str, Any]
    nodes: dict[str, Any]
    # `collected_at` (of a bundle), `api`, `charts`, `missing`, `notes`.
    evidence: dict[str, Any]


def planned(folder: Folder, charts_dir: str, repositories: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return what `charts.collect` reads: the chart of each values file, from a folder of archives or from its repository.

    `repositories`: project -> URL.
    """
    given = {}
    for name, file in folder.values.items():
        release, namespace = _release(file)
        archive = os.path.abspath(os.path.join(os.path.expanduser(charts_dir), f"{name}-{file.version}.tgz"))
        given[name] = {
            "ref": archive if charts_dir else name,
            "repo_url": "" if charts_dir else repositories.get(versions.PROJECT_OF_CHART[name], ""),
            "version": file.version,
            "release": release,
            "namespace": namespace,
            # Nothing is merged under what a user gives Helm himself.
            "values": file.values,
            "user_values": file.values,
            "user_values_name": file.name,
            "origins": file.origins,
            "unknown": file.unknown,
        }
    return given


def _release(file: ValuesFile) -> tuple[str, str]:
    """Return as what and where a chart is installed: as it is said, else as the roles do."""
    release, namespace = _RELEASES[file.chart]
    return file.release or release, file.namespace or namespace


def kubernetes(folder: Folder) -> str:
    """Return the version of the cluster whose bundle is there, or an empty string."""
    return str((folder.bundle or {}).get("api", {}).get("version") or "")


def evidence(folder: Folder, charts: Mapping[str, Any], gaps: list[dict[str, str]], ambient: bool | None = None) -> Offline:
    """Put together what the folder says. `charts` and `gaps` are what `charts.collect` returned.

    `ambient`: whether the mesh is wanted, where the user says it; else the values of chart cni do, or the label of a Namespace.
    """
    api = dict(folder.objects.api)
    if folder.objects:
        # Every object was looked at for it.
        api.setdefault("use_waypoint", [])
    features = _features(charts, api, ambient)
    notes = _notes(folder, api, features.get("ambient"))
    if folder.bundle is not None:
        return _over_bundle(folder, folder.bundle, api, charts, gaps, notes, features)
    reason = f"not in {folder.path}"
    api["namespaces_of"] = {
        name: _release(folder.values[name])[1] if name in folder.values else namespace
        for name, (_name, namespace) in _RELEASES.items()
        if name != "base"
    }
    absent = [f"desired.{key}" for key in _DESIRED]
    absent += [f"desired.features.{key}" for key in _FEATURES if key not in features and key != "ambient"]
    unsaid = [{"path": "desired.features.ambient", "reason": f"{reason}: {_AMBIENT}"}] if "ambient" not in features else []
    absent += [f"api.{key}" for key in _API if key not in api]
    absent += [f"api.gatekeeper.{key}" for key in _GATEKEEPER if "gatekeeper" in api and key not in api["gatekeeper"]]
    # Objects that no stage's rules ask about yet: the report is about the last, and says what it did not judge.
    stages = _stages(folder, api) or ["enforcement"]
    return Offline(
        cluster=os.path.basename(os.path.abspath(os.path.expanduser(folder.path))) or "folder",
        moment="plan",
        stages=stages,
        desired={"features": features, "stages": stages},
        nodes={},
        evidence={
            "api": api,
            "charts": dict(charts),
            "missing": gaps + unsaid + [{"path": path, "reason": reason} for path in absent],
            "notes": notes,
        },
    )


def _over_bundle(
    folder: Folder,
    bundle: Mapping[str, Any],
    api: dict[str, Any],
    charts: Mapping[str, Any],
    gaps: list[dict[str, str]],
    notes: list[str],
    features: Mapping[str, Any],
) -> Offline:
    """The cluster as it was, with the values and objects of the folder in the place of its own: what a change would meet."""
    desired = dict(bundle["desired"])
    desired["features"] = {**(desired.get("features") or {}), **features}
    stages = [stage for stage in _STAGES if stage in (desired.get("stages") or _STAGES) or stage in _stages(folder, api)]
    replaced = [f"charts.{name}" for name in charts]
    missing = [
        one
        for one in bundle["missing"]
        if not any(one["path"] == path or one["path"].startswith(f"{path}.") for path in replaced)
    ]
    alone = not folder.values and not folder.objects
    return Offline(
        cluster=bundle["cluster"],
        moment=bundle["moment"] if alone else "plan",
        stages=stages,
        desired=desired,
        nodes=bundle["nodes"],
        evidence={
            "collected_at": bundle["collected_at"],
            "api": _overlaid(_without_acceptances(bundle["api"], folder), api),
            "charts": {**bundle["charts"], **charts},
            "missing": missing + gaps,
            "notes": notes,
        },
    )


def _without_acceptances(api: Mapping[str, Any], folder: Folder) -> dict[str, Any]:
    """Leave out what the folder's objects accepted when they were in the cluster: their own annotations count."""
    if "acceptances" not in api:
        return dict(api)
    brought = set(folder.objects.names)
    kept = [one for one in api["acceptances"] if (one["kind"], one["namespace"], one["name"]) not in brought]
    return {**api, "acceptances": kept}


def _overlaid(below: Any, over: Any) -> Any:
    """Put objects over those of the same name: mappings by key, lists by what names their entries."""
    if isinstance(below, Mapping) and isinstance(over, Mapping):
        return {**below, **{key: _overlaid(below.get(key), value) for key, value in over.items()}}
    if isinstance(below, list) and isinstance(over, list):
        names = [_identity(one) for one in over]
        return [one for one in below if _identity(one) not in names] + over
    return over


def _identity(entry: Any) -> tuple[Any, ...]:
    # The webhooks of one configuration go together.
    keys = ("kind", "configuration") if "configuration" in entry else ("kind", "namespace", "name")
    return tuple(entry.get(key) for key in keys)


def _stages(folder: Folder, api: Mapping[str, Any]) -> list[str]:
    """Return the stages that something in the folder is about."""
    about = {_STAGE_OF_PROJECT[versions.PROJECT_OF_CHART[name]] for name in folder.values}
    for key, stages in _STAGES_OF_KEY.items():
        about.update(stages if key in api else ())
    return [stage for stage in _STAGES if stage in about]


def _features(charts: Mapping[str, Any], api: Mapping[str, Any], ambient: bool | None) -> dict[str, Any]:
    """Return what is wanted, as far as values and Namespaces say it; a run takes it from the inventory."""
    found: dict[str, Any] = {}
    # Without the chart its defaults are not known, and so neither is what its values come to.
    cilium = (charts.get("cilium") or {}).get("effective")
    if cilium is not None:
        found["wireguard"] = _at(cilium, "encryption.enabled") is True and _at(cilium, "encryption.type") == "wireguard"
        found["kube_proxy_replacement"] = str(_at(cilium, "kubeProxyReplacement")).lower() == "true"
        found["routing"] = _at(cilium, "routingMode")
        found["tunnel_protocol"] = _at(cilium, "tunnelProtocol")
    if ambient is not None:
        found["ambient"] = ambient
    elif "values" in charts.get("cni", {}):
        values = charts["cni"]["values"]
        found["ambient"] = (_at(values, "profile") or _at(values, "global.profile")) == "ambient"
    elif any(one["labels"].get(objects.DATAPLANE_LABEL) == "ambient" for one in api.get("namespaces", {}).values()):
        found["ambient"] = True
    return found


def _at(values: Any, path: str) -> Any:
    for key in path.split("."):
        values = values.get(key) if isinstance(values, Mapping) else None
    return values


def _notes(folder: Folder, api: Mapping[str, Any], ambient: bool | None) -> list[str]:
    """Say what was read, and what was not."""
    notes = []
    for name, file in folder.values.items():
        if file.unknown:
            notes.append(f"NOT judged: chart {name}, as its values are not known: {file.unknown}")
            continue
        release, namespace = _release(file)
        pinned = " (the pinned version: none is named)" if file.pinned else ""
        notes.append(f"{file.name}: chart {name} {file.version}{pinned} as release {release} in {namespace}")
    if folder.bundle is not None:
        notes.append(
            f"{folder.bundle_name}: cluster {folder.bundle['cluster']} at {folder.bundle['moment']}, "
            f"collected {folder.bundle['collected_at']}"
        )
    if folder.objects:
        asked = {*_JUDGED, *api.get("gatekeeper", {}).get("constraints", {}), *(_JUDGED_IN_MESH if ambient else ())}
        placed, left = folder.objects.placed, folder.objects.left
        judged = {kind: count for kind, count in placed.items() if kind in asked}
        notes.append(f"{listed(folder.manifests)}: {_objects(len(folder.objects))}; judged: {_counted(judged) or 'none'}")
        later = {kind: count for kind, count in placed.items() if kind not in judged}
        if later:
            wanted = "of a mesh, and no mesh is wanted" if ambient is False else f"of a mesh, which {_UNSAID}"
            notes.append(f"NOT judged, as the rules about them are {wanted}: {_counted(later)}")
        if left:
            notes.append(f"NOT judged, as no rule reads them: {_objects(sum(left.values()))} ({_counted(left)})")
    if folder.unread:
        notes.append(f"not read: {listed(folder.unread)}")
    return notes


def _objects(count: int) -> str:
    return "1 object" if count == 1 else f"{count} objects"


def _counted(kinds: Mapping[str, int]) -> str:
    return listed([f"{count} {kind}" for kind, count in sorted(kinds.items(), key=lambda entry: (-entry[1], entry[0]))])
