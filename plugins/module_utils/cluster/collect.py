# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads one cluster: what docs/evidence_cluster.md lists under `api`."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ..evidence import admission, called_services, disruption_budget, event, helm_release, network_policy, objects, workload
from . import reading, secrets
from .api import Api, Unreadable
from .gatekeeper import Gatekeeper
from .mesh import Mesh
from .namespaces import MESH, NETWORK, POLICY
from .reading import Reader, Reads

_WORKERS = 8

_DATAPLANE = objects.DATAPLANE_LABEL
_CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"

# Lists of a whole kind that are kept as they are, but for what is said here.
_GROUPS = {
    "peer_authentications": "/apis/security.istio.io/v1/peerauthentications",
    "authorization_policies": "/apis/security.istio.io/v1/authorizationpolicies",
    "network_policies": "/apis/networking.k8s.io/v1/networkpolicies",
    "cilium_network_policies": "/apis/cilium.io/v2/ciliumnetworkpolicies",
    "cilium_clusterwide_network_policies": "/apis/cilium.io/v2/ciliumclusterwidenetworkpolicies",
    "destination_rules": "/apis/networking.istio.io/v1/destinationrules",
    "sidecars": "/apis/networking.istio.io/v1/sidecars",
}


class Collector:
    """Reads everything at once and notes what could not be read."""

    def __init__(self, api: Api, namespaces: Mapping[str, str]) -> None:
        self.acceptances: dict[tuple[str, ...], dict[str, str]] = {}
        self.reader = Reader(api, self.acceptances)
        mesh = namespaces.get("istiod") or MESH
        self.namespaces = {
            "cilium": namespaces.get("cilium") or NETWORK,
            "istiod": mesh,
            "cni": namespaces.get("cni") or mesh,
            "ztunnel": namespaces.get("ztunnel") or mesh,
            "gatekeeper": namespaces.get("gatekeeper") or POLICY,
        }
        self.platform = list(dict.fromkeys(self.namespaces.values()))
        self.network = self.namespaces["cilium"]
        self.mesh = Mesh(self.reader, mesh, self.namespaces["cni"], self.namespaces["ztunnel"])
        self.gatekeeper = Gatekeeper(self.reader, self.namespaces["gatekeeper"])
        self.found: dict[str, Any] = {}
        # CRDs that may name a webhook for conversions.
        self.converting: list[dict[str, Any]] = []
        self.missing: list[dict[str, str]] = []

    def run(self) -> tuple[dict[str, Any], list[dict[str, str]]]:
        version = self.reader.version()
        self.found = {
            "host": self.reader.host,
            "version": str(version.get("gitVersion", "")),
            "namespaces_of": self.namespaces,
        }
        with ThreadPoolExecutor(_WORKERS) as pool:
            self._all(pool, self._first())
            self._all(pool, self._second())
        if (self.found.get("cilium") or {}).get("hubble_server"):
            # Under the name of before, for who reads evidence by it.
            self.found["cilium"]["hubble_certificates"] = self.found["cilium"]["hubble_server"]["certificates"]
        self.found["acceptances"] = [self.acceptances[key] for key in sorted(self.acceptances)]
        self.missing.sort(key=lambda entry: entry["path"])
        return self.found, self.missing

    def _all(self, pool: ThreadPoolExecutor, reads: Reads) -> None:
        for path, future in [(path, pool.submit(_attempt, read)) for path, read in reads]:
            value, reason = future.result()
            *above, last = path.split("/")
            here = self.found
            for key in above:
                # Also where nothing of it could be read: then each part has its own reason.
                here = here.setdefault(key, {})
            if reason is None:
                here[last] = value
            else:
                self.missing.append({"path": "api." + path.replace("/", "."), "reason": reason})

    # --- what is read ---

    def _first(self) -> Reads:
        core, reader = "/api/v1", self.reader
        reads: Reads = [
            ("nodes", lambda: reader.by_name(f"{core}/nodes", objects.node)),
            ("namespaces", lambda: reader.by_name(f"{core}/namespaces", objects.namespace)),
            ("crds", self._crds),
            ("webhooks", self._webhooks),
            ("api_services", self._api_services),
            ("budgets", lambda: reader.all_of("/apis/policy/v1/poddisruptionbudgets", disruption_budget.describe) or []),
            ("workloads", self._workloads),
            ("autoscalers", lambda: reader.all_of("/apis/autoscaling/v2/horizontalpodautoscalers", workload.autoscaler)),
            ("services", lambda: reader.all_of(f"{core}/services", objects.exposed, {"fieldSelector": "spec.type!=ClusterIP"})),
            ("gateways", lambda: reader.all_of("/apis/gateway.networking.k8s.io/v1/gateways", objects.gateway)),
            ("events", self._events),
            ("pending_pods", self._pending_pods),
            ("cilium/config", lambda: reader.data(self.network, "cilium-config")),
            ("cilium/nodes", lambda: reader.by_name("/apis/cilium.io/v2/ciliumnodes", _cilium_node)),
            ("cilium/agent", lambda: reader.workload(self.network, "daemonsets", "cilium")),
            ("cilium/operator", lambda: reader.workload(self.network, "deployments", "cilium-operator")),
            ("kube_proxy/daemonset", lambda: reader.workload("kube-system", "daemonsets", "kube-proxy")),
            ("kube_proxy/config_map", lambda: reader.get(f"{core}/namespaces/kube-system/configmaps/kube-proxy") is not None),
            (
                "cilium/hubble_server",
                lambda: secrets.certificates(reader, self.network, "hubble-server-certs", "tls.crt", "ca.crt"),
            ),
            (
                "cilium/hubble_relay",
                lambda: secrets.certificates(reader, self.network, "hubble-relay-client-certs", "tls.crt", "ca.crt"),
            ),
            *self.mesh.reads(),
            *self.gatekeeper.reads(),
        ]
        reads += [(f"releases/{namespace}", self._releases(namespace)) for namespace in self.platform]
        reads += [(f"pods/{namespace}", self._pods(namespace)) for namespace in self.platform]
        reads += [(f"policies/{name}", self._policies(path)) for name, path in _GROUPS.items()]
        reads += [(f"monitoring/{kind}", self._monitoring(kind)) for kind in ("prometheuses", "servicemonitors", "podmonitors")]
        return reads

    def _second(self) -> Reads:
        """Read what only the first answers name."""
        reads = self.gatekeeper.constraints((self.found.get("gatekeeper") or {}).get("templates") or {})
        services = {hook["service"] for hook in self.found.get("webhooks") or [] if hook["service"]}
        services.add(f"{self.namespaces['istiod']}/istiod")
        reads += [(f"endpoints/{service.replace('/', '.', 1)}", self._endpoints(service)) for service in sorted(services)]
        namespaces = self.found.get("namespaces") or {}
        enrolled = [
            name for name, one in namespaces.items() if one["labels"].get(_DATAPLANE) == "ambient" and name not in self.platform
        ]
        reads += [(f"pods/{namespace}", self._pods(namespace)) for namespace in enrolled]
        reads.append(("enrolled_pods", self._enrolled_pods))
        reads.append(("conversions", self._conversions))
        reads.append(("istio/ztunnel_build", lambda: self.mesh.ztunnel_build(self.found.get("pods") or {})))
        return reads

    # --- how it is read ---

    def _crds(self) -> dict[str, Any]:
        found = list(self.reader.items(_CRDS) or ())
        self.converting = [one for one in map(called_services.of_definition, found) if one["service"]]
        return {objects.name_of(item): objects.resource_definition(item) for item in found}

    def _conversions(self) -> list[dict[str, Any]]:
        if "crds" not in self.found:
            raise Unreadable("the CRDs could not be read, so none could be asked who converts its objects")
        return self.converting

    def _api_services(self) -> list[dict[str, Any]]:
        found = self.reader.all_of("/apis/apiregistration.k8s.io/v1/apiservices", called_services.of_api_service)
        return [one for one in found or [] if one["service"]]

    def _webhooks(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for kind in ("validatingwebhookconfigurations", "mutatingwebhookconfigurations"):
            for item in self.reader.items(f"/apis/admissionregistration.k8s.io/v1/{kind}") or ():
                found.extend(admission.webhooks(item))
        return found

    def _workloads(self) -> list[dict[str, Any]]:
        return [
            one
            for kind in ("deployments", "statefulsets")
            for one in self.reader.all_of(f"/apis/apps/v1/{kind}", workload.pods_of) or []
        ]

    def _events(self) -> list[dict[str, Any]]:
        found = [self.reader.items("/api/v1/events", {"fieldSelector": f"reason={reason}"}) or () for reason in event.REASONS]
        kept, self.found["events_cut"] = event.cut(event.newest(itertools.chain(*found)))
        return kept

    def _pending_pods(self) -> list[dict[str, Any]]:
        found = self.reader.items("/api/v1/pods", {"fieldSelector": "status.phase=Pending"}) or ()
        return [{**reading.place(item), "node": (item.get("spec") or {}).get("nodeName") or ""} for item in found]

    def _monitoring(self, kind: str) -> Callable[[], Any]:
        path = f"/apis/monitoring.coreos.com/v1/{kind}"
        return lambda: self.reader.all_of(path, reading.place if kind == "prometheuses" else objects.monitor)

    def _endpoints(self, service: str) -> Callable[[], Any]:
        namespace, name = service.split("/", 1)
        path = f"/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices"
        return lambda: objects.ready_addresses(
            self.reader.items(path, {"labelSelector": f"kubernetes.io/service-name={name}"}) or ()
        )

    def _pods(self, namespace: str) -> Callable[[], Any]:
        return lambda: [_pod(item) for item in self.reader.items(f"/api/v1/namespaces/{namespace}/pods") or ()]

    def _enrolled_pods(self) -> list[dict[str, Any]]:
        """Read pods that carry the mesh's label themselves, wherever they are."""
        found = self.reader.items("/api/v1/pods", {"labelSelector": _DATAPLANE}) or ()
        return [{**_pod(item), "namespace": objects.namespace_of(item)} for item in found]

    def _policies(self, path: str) -> Callable[[], Any]:
        def read() -> list[dict[str, Any]] | None:
            items = self.reader.items(path)
            if items is None:
                return None
            return [entry for item in items for entry in network_policy.entries(item)]

        return read

    def _releases(self, namespace: str) -> Callable[[], Any]:
        def read() -> dict[str, Any]:
            selector = {"labelSelector": "owner=helm,status!=superseded", "fieldSelector": "type=helm.sh/release.v1"}
            found: dict[str, Any] = {}
            for item in self.reader.items(f"/api/v1/namespaces/{namespace}/secrets", selector) or ():
                one = helm_release.describe(item)
                name = one.pop("name")
                if name not in found or found[name]["revision"] < one["revision"]:
                    found[name] = one
            return found

        return read


def _attempt(read: Callable[[], Any]) -> tuple[Any, str | None]:
    """Return what was read, or why it could not be."""
    try:
        return read(), None
    except Unreadable as reason:
        return None, str(reason)


def _cilium_node(item: Mapping[str, Any]) -> dict[str, Any]:
    spec = item.get("spec") or {}
    return {
        "public_key": (item["metadata"].get("annotations") or {}).get("network.cilium.io/wg-pub-key"),
        "addresses": [one.get("ip", "") for one in spec.get("addresses") or [] if one.get("type") == "InternalIP"],
        "pod_cidrs": (spec.get("ipam") or {}).get("podCIDRs") or [],
    }


def _pod(item: Mapping[str, Any]) -> dict[str, Any]:
    reduced = workload.pod(item)
    reduced["labels"] = {key: value for key, value in reduced["labels"].items() if key in workload.POD_LABELS}
    return reduced
