# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads one cluster: what docs/evidence_cluster.md lists under `api`."""

from __future__ import annotations

import base64
import binascii
import gzip
import itertools
import json
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ..evidence import (
    acceptance,
    called_services,
    certificate,
    certificate_chain,
    chart,
    disruption_budget,
    event,
    network_policy,
    objects,
)
from .api import Api, Unreadable
from .namespaces import MESH, NETWORK, POLICY

_WORKERS = 8

_WEBHOOK_SERVER = "gatekeeper-webhook-server-cert"
_DATAPLANE = objects.DATAPLANE_LABEL
_WITH_WAYPOINT = (
    ("Service", "/api/v1/services"),
    ("Pod", "/api/v1/pods"),
    ("ServiceEntry", "/apis/networking.istio.io/v1/serviceentries"),
)
_BUILD = re.compile(r'^istio_build\{[^}]*\btag="([^"]*)"', re.M)

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


class _Noticing:
    """The API, with an eye on what the objects that pass by accept of themselves."""

    def __init__(self, api: Api, acceptances: dict[tuple[str, ...], dict[str, str]]) -> None:
        self._api = api
        self._acceptances = acceptances
        self.host = api.host
        self.version = api.version
        self.text = api.text

    def get(self, path: str) -> dict[str, Any] | None:
        found = self._api.get(path)
        if found is not None:
            self._notice(found)
        return found

    def items(
        self, path: str, query: Mapping[str, Any] | None = None, metadata_only: bool = False
    ) -> Iterator[dict[str, Any]] | None:
        found = self._api.items(path, query, metadata_only)
        return found if found is None or metadata_only else self._noticed(found)

    def _noticed(self, items: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        for item in items:
            self._notice(item)
            yield item

    def _notice(self, item: Mapping[str, Any]) -> None:
        entry = acceptance.annotated(item)
        if entry is not None:
            self._acceptances[entry["kind"], entry["namespace"], entry["name"]] = entry


class Collector:
    """Reads everything at once and notes what could not be read."""

    def __init__(self, api: Api, namespaces: Mapping[str, str]) -> None:
        self.acceptances: dict[tuple[str, ...], dict[str, str]] = {}
        self.api = _Noticing(api, self.acceptances)
        self.network = namespaces.get("cilium") or NETWORK
        self.mesh = namespaces.get("istiod") or MESH
        self.mesh_cni = namespaces.get("cni") or self.mesh
        self.ztunnel = namespaces.get("ztunnel") or self.mesh
        self.policy = namespaces.get("gatekeeper") or POLICY
        self.platform = list(dict.fromkeys((self.network, self.mesh, self.mesh_cni, self.ztunnel, self.policy)))
        self.found: dict[str, Any] = {}
        # CRDs that may name a webhook for conversions.
        self.converting: list[dict[str, Any]] = []
        self.missing: list[dict[str, str]] = []

    def run(self) -> tuple[dict[str, Any], list[dict[str, str]]]:
        version = self.api.version()
        self.found = {
            "host": self.api.host,
            "version": str(version.get("gitVersion", "")),
            "namespaces_of": {
                "cilium": self.network,
                "istiod": self.mesh,
                "cni": self.mesh_cni,
                "ztunnel": self.ztunnel,
                "gatekeeper": self.policy,
            },
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

    def _all(self, pool: ThreadPoolExecutor, reads: Iterable[tuple[str, Callable[[], Any]]]) -> None:
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

    def _first(self) -> list[tuple[str, Callable[[], Any]]]:
        core = "/api/v1"
        reads: list[tuple[str, Callable[[], Any]]] = [
            ("nodes", lambda: self._by_name(f"{core}/nodes", objects.node)),
            ("namespaces", lambda: self._by_name(f"{core}/namespaces", objects.namespace)),
            ("crds", self._crds),
            ("webhooks", self._webhooks),
            ("api_services", self._api_services),
            ("budgets", lambda: self._all_of("/apis/policy/v1/poddisruptionbudgets", disruption_budget.describe) or []),
            ("workloads", self._workloads),
            (
                "autoscalers",
                lambda: self._all_of("/apis/autoscaling/v2/horizontalpodautoscalers", objects.autoscaler),
            ),
            ("services", lambda: self._all_of(f"{core}/services", objects.exposed, {"fieldSelector": "spec.type!=ClusterIP"})),
            ("gateways", lambda: self._all_of("/apis/gateway.networking.k8s.io/v1/gateways", objects.gateway)),
            ("use_waypoint", self._use_waypoint),
            ("events", self._events),
            ("pending_pods", self._pending_pods),
            ("cilium/config", lambda: self._data(self.network, "cilium-config")),
            ("cilium/nodes", lambda: self._by_name("/apis/cilium.io/v2/ciliumnodes", _cilium_node)),
            ("cilium/agent", lambda: self._workload(self.network, "daemonsets", "cilium")),
            ("cilium/operator", lambda: self._workload(self.network, "deployments", "cilium-operator")),
            ("kube_proxy/daemonset", lambda: self._workload("kube-system", "daemonsets", "kube-proxy")),
            ("kube_proxy/config_map", lambda: self.api.get(f"{core}/namespaces/kube-system/configmaps/kube-proxy") is not None),
            ("istio/istiod", lambda: self._workload(self.mesh, "deployments", "istiod")),
            ("istio/autoscaler", self._autoscaler),
            ("istio/mesh_config", self._mesh_config),
            ("istio/cni_config", lambda: self._data(self.mesh_cni, "istio-cni-config")),
            ("istio/cni_config_changed", self._cni_config_changed),
            ("istio/cni", lambda: self._workload(self.mesh_cni, "daemonsets", "istio-cni-node")),
            ("istio/ztunnel", lambda: self._workload(self.ztunnel, "daemonsets", "ztunnel")),
            ("istio/root_certificates", self._istio_root),
            ("cilium/hubble_server", lambda: self._secret(self.network, "hubble-server-certs", "tls.crt", "ca.crt")),
            ("cilium/hubble_relay", lambda: self._secret(self.network, "hubble-relay-client-certs", "tls.crt", "ca.crt")),
            ("istio/issuer", self._issuer),
            ("gatekeeper/webhook_server", lambda: self._secret(self.policy, _WEBHOOK_SERVER, "tls.crt", "ca.crt")),
            ("gatekeeper/controller", lambda: self._workload(self.policy, "deployments", "gatekeeper-controller-manager")),
            ("gatekeeper/audit", lambda: self._workload(self.policy, "deployments", "gatekeeper-audit")),
            (
                "gatekeeper/templates",
                lambda: self._by_name("/apis/templates.gatekeeper.sh/v1/constrainttemplates", objects.constraint_template),
            ),
            ("gatekeeper/config", self._gatekeeper_config),
            ("gatekeeper/other_configs", self._other_configs),
            ("gatekeeper/admission_policies", self._admission_policies),
            ("gatekeeper/sync_sets", lambda: self._by_name("/apis/syncset.gatekeeper.sh/v1alpha1/syncsets", _spec)),
        ]
        reads += [(f"releases/{namespace}", self._releases(namespace)) for namespace in self.platform]
        reads += [(f"pods/{namespace}", self._pods(namespace)) for namespace in self.platform]
        reads += [(f"policies/{name}", self._policies(path)) for name, path in _GROUPS.items()]
        reads += [(f"monitoring/{kind}", self._monitoring(kind)) for kind in ("prometheuses", "servicemonitors", "podmonitors")]
        return reads

    def _second(self) -> list[tuple[str, Callable[[], Any]]]:
        """Read what only the first answers name."""
        reads: list[tuple[str, Callable[[], Any]]] = []
        for template in (self.found.get("gatekeeper") or {}).get("templates") or {}:
            kind = self.found["gatekeeper"]["templates"][template]["kind"]
            reads.append((f"gatekeeper/constraints/{kind}", self._constraints(kind)))
        services = {hook["service"] for hook in self.found.get("webhooks") or [] if hook["service"]}
        services.add(f"{self.mesh}/istiod")
        reads += [(f"endpoints/{service.replace('/', '.', 1)}", self._endpoints(service)) for service in sorted(services)]
        namespaces = self.found.get("namespaces") or {}
        enrolled = [
            name for name, one in namespaces.items() if one["labels"].get(_DATAPLANE) == "ambient" and name not in self.platform
        ]
        reads += [(f"pods/{namespace}", self._pods(namespace)) for namespace in enrolled]
        reads.append(("enrolled_pods", self._enrolled_pods))
        reads.append(("conversions", self._conversions))
        reads.append(("istio/ztunnel_build", self._ztunnel_build))
        return reads

    # --- how it is read ---

    def _by_name(self, path: str, reduce: Callable[[Mapping[str, Any]], Any]) -> dict[str, Any] | None:
        items = self.api.items(path)
        return None if items is None else {objects.name_of(item): reduce(item) for item in items}

    def _data(self, namespace: str, name: str) -> dict[str, str] | None:
        found = self.api.get(f"/api/v1/namespaces/{namespace}/configmaps/{name}")
        return None if found is None else objects.redact(found.get("data") or {})

    def _workload(self, namespace: str, kind: str, name: str) -> dict[str, Any] | None:
        found = self.api.get(f"/apis/apps/v1/namespaces/{namespace}/{kind}/{name}")
        return None if found is None else objects.workload(found)

    def _autoscaler(self) -> dict[str, Any] | None:
        found = self.api.get(f"/apis/autoscaling/v2/namespaces/{self.mesh}/horizontalpodautoscalers/istiod")
        return None if found is None else objects.autoscaler(found)

    def _crds(self) -> dict[str, Any]:
        found = list(self.api.items(_CRDS) or ())
        self.converting = [one for one in map(called_services.of_definition, found) if one["service"]]
        return {objects.name_of(item): objects.resource_definition(item) for item in found}

    def _conversions(self) -> list[dict[str, Any]]:
        if "crds" not in self.found:
            raise Unreadable("the CRDs could not be read, so none could be asked who converts its objects")
        return self.converting

    def _api_services(self) -> list[dict[str, Any]]:
        found = self._all_of("/apis/apiregistration.k8s.io/v1/apiservices", called_services.of_api_service)
        return [one for one in found or [] if one["service"]]

    def _webhooks(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for kind in ("validatingwebhookconfigurations", "mutatingwebhookconfigurations"):
            for item in self.api.items(f"/apis/admissionregistration.k8s.io/v1/{kind}") or ():
                found.extend(objects.webhooks(item))
        return found

    def _all_of(
        self, path: str, reduce: Callable[[Mapping[str, Any]], Any], query: Mapping[str, Any] | None = None
    ) -> list[Any] | None:
        items = self.api.items(path, query)
        return None if items is None else [reduce(item) for item in items]

    def _workloads(self) -> list[dict[str, Any]]:
        return [
            one
            for kind in ("deployments", "statefulsets")
            for one in self._all_of(f"/apis/apps/v1/{kind}", objects.pods_of) or []
        ]

    def _use_waypoint(self) -> list[dict[str, Any]]:
        """Read what names a waypoint by a label of its own; namespaces are in evidence with all of theirs."""
        return [
            {**objects.names_waypoint(item), "kind": kind}
            for kind, path in _WITH_WAYPOINT
            for item in self.api.items(path, {"labelSelector": objects.WAYPOINT_LABEL}, metadata_only=True) or ()
        ]

    def _events(self) -> list[dict[str, Any]]:
        found = [self.api.items("/api/v1/events", {"fieldSelector": f"reason={reason}"}) or () for reason in event.REASONS]
        kept, self.found["events_cut"] = event.cut(event.newest(itertools.chain(*found)))
        return kept

    def _pending_pods(self) -> list[dict[str, Any]]:
        found = self.api.items("/api/v1/pods", {"fieldSelector": "status.phase=Pending"}) or ()
        return [{**_place(item), "node": (item.get("spec") or {}).get("nodeName") or ""} for item in found]

    def _monitoring(self, kind: str) -> Callable[[], Any]:
        path = f"/apis/monitoring.coreos.com/v1/{kind}"
        return lambda: self._all_of(path, _place if kind == "prometheuses" else objects.monitor)

    def _cni_config_changed(self) -> str | None:
        """Return when the settings of istio-cni were last changed, as those who manage them in its ConfigMap say."""
        found = self.api.get(f"/api/v1/namespaces/{self.mesh_cni}/configmaps/istio-cni-config")
        if found is None:
            return None
        fields = found["metadata"].get("managedFields") or []
        # A new label restarts nothing and need not.
        times = [str(one["time"]) for one in fields if one.get("time") and "f:data" in (one.get("fieldsV1") or {})]
        return max(times, default=found["metadata"].get("creationTimestamp"))

    def _mesh_config(self) -> dict[str, Any] | None:
        data = self._data(self.mesh, "istio")
        if data is None:
            return None
        try:
            found = chart.load_yaml(data.get("mesh", ""))
        except ValueError as error:
            raise Unreadable(f"the key mesh of ConfigMap {self.mesh}/istio: {error}") from None
        return found if isinstance(found, dict) else {}

    def _istio_root(self) -> list[dict[str, Any]] | None:
        data = self._data(self.mesh, "istio-ca-root-cert")
        if data is None:
            return None
        return _certificates(lambda: certificate.describe(data.get("root-cert.pem", "")))

    def _secret(self, namespace: str, name: str, *fields: str, trusted: str | None = None) -> dict[str, Any] | None:
        """Describe the certificates of a Secret, and whether the first field's leads to the last's, or to those that are trusted.

        Secrets cannot be read in part; nothing but these public fields leaves this function.
        """
        found = self.api.get(f"/api/v1/namespaces/{namespace}/secrets/{name}")
        if found is None:
            return None
        data = found.get("data") or {}
        if fields[0] not in data and "tls.crt" in data:
            # As cert-manager names them.
            fields = ("tls.crt", "ca.crt")
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        try:
            texts = [certificate.decoded(str(data.get(field) or "")) for field in fields]
            return {
                "secret": f"{namespace}/{name}",
                "certificates": certificate.describe(texts[0]),
                # What istiod made itself has none beside it.
                "authorities": certificate.describe(texts[-1]) if texts[-1] else [],
                "distrusted": certificate_chain.distrust("\n".join(texts), texts[-1] if trusted is None else trusted, now),
            }
        except certificate.CertificateError as error:
            raise Unreadable(f"Secret {namespace}/{name}: {error}") from None

    def _issuer(self) -> dict[str, Any] | None:
        """Describe what istiod signs with: given to it, or made by itself."""
        root = (self._data(self.mesh, "istio-ca-root-cert") or {}).get("root-cert.pem", "")
        for name in ("cacerts", "istio-ca-secret"):
            found = self._secret(self.mesh, name, "ca-cert.pem", "cert-chain.pem", "root-cert.pem", trusted=root)
            if found is not None:
                return found
        return None

    def _gatekeeper_config(self) -> dict[str, Any] | None:
        found = self.api.get(f"/apis/config.gatekeeper.sh/v1alpha1/namespaces/{self.policy}/configs/config")
        return None if found is None else _spec(found)

    def _other_configs(self) -> list[str] | None:
        """Return where Configs are that nobody reads."""
        found = self.api.items("/apis/config.gatekeeper.sh/v1alpha1/configs", metadata_only=True)
        ours = {"namespace": self.policy, "name": "config"}
        return None if found is None else sorted("/".join(one.values()) for one in map(_place, found) if one != ours)

    def _admission_policies(self) -> list[dict[str, Any]] | None:
        found = self._all_of("/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies", objects.admission_policy)
        return None if found is None else [one for one in found if one["param_group"] == "constraints.gatekeeper.sh"]

    def _constraints(self, kind: str) -> Callable[[], Any]:
        path = f"/apis/constraints.gatekeeper.sh/v1beta1/{kind.lower()}"
        return lambda: self._by_name(path, objects.constraint)

    def _endpoints(self, service: str) -> Callable[[], Any]:
        namespace, name = service.split("/", 1)
        path = f"/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices"
        return lambda: objects.ready_addresses(
            self.api.items(path, {"labelSelector": f"kubernetes.io/service-name={name}"}) or ()
        )

    def _pods(self, namespace: str) -> Callable[[], Any]:
        return lambda: [_pod(item) for item in self.api.items(f"/api/v1/namespaces/{namespace}/pods") or ()]

    def _enrolled_pods(self) -> list[dict[str, Any]]:
        """Read pods that carry the mesh's label themselves, wherever they are."""
        found = self.api.items("/api/v1/pods", {"labelSelector": _DATAPLANE}) or ()
        return [{**_pod(item), "namespace": objects.namespace_of(item)} for item in found]

    def _policies(self, path: str) -> Callable[[], Any]:
        def read() -> list[dict[str, Any]] | None:
            items = self.api.items(path)
            if items is None:
                return None
            return [entry for item in items for entry in network_policy.entries(item)]

        return read

    def _releases(self, namespace: str) -> Callable[[], Any]:
        def read() -> dict[str, Any]:
            selector = {"labelSelector": "owner=helm,status!=superseded", "fieldSelector": "type=helm.sh/release.v1"}
            found: dict[str, Any] = {}
            for item in self.api.items(f"/api/v1/namespaces/{namespace}/secrets", selector) or ():
                one = release(item)
                name = one.pop("name")
                if name not in found or found[name]["revision"] < one["revision"]:
                    found[name] = one
            return found

        return read

    def _ztunnel_build(self) -> str | None:
        """Ask one running ztunnel which build it is. The API server passes the question on to its metrics port."""
        if self.ztunnel not in (self.found.get("pods") or {}):
            raise Unreadable("the pods of ztunnel could not be read, so none could be asked for its build")
        pods = [
            one
            for one in (self.found.get("pods") or {}).get(self.ztunnel) or []
            if one["labels"].get("app") == "ztunnel" and one["ready"]
        ]
        if not pods:
            return None
        try:
            text = self.api.text(f"/api/v1/namespaces/{self.ztunnel}/pods/{pods[0]['name']}:15020/proxy/metrics", timeout=3)
        except Unreadable as reason:
            raise Unreadable(f"{pods[0]['name']} was asked for its build by way of the API server: {reason}") from None
        match = _BUILD.search(text or "")
        if not match:
            raise Unreadable(f"the metrics of {pods[0]['name']} do not say which build it is")
        return match.group(1)


def _attempt(read: Callable[[], Any]) -> tuple[Any, str | None]:
    """Return what was read, or why it could not be."""
    try:
        return read(), None
    except Unreadable as reason:
        return None, str(reason)


def release(item: Mapping[str, Any]) -> dict[str, Any]:
    """Reduce Helm's record of a release. What it rendered stays out: Secrets are in it."""
    labels = item["metadata"].get("labels") or {}
    reduced: dict[str, Any] = {
        "name": labels.get("name", ""),
        "status": labels.get("status", ""),
        "revision": int(labels.get("version") or 0),
        "created": item["metadata"].get("creationTimestamp", ""),
    }
    try:
        record = json.loads(gzip.decompress(base64.b64decode(base64.b64decode(item["data"]["release"]))))
        meta = record["chart"]["metadata"]
    except (KeyError, TypeError, ValueError, OSError, binascii.Error):
        reduced["unreadable"] = "Helm's record of this release is damaged"
        return reduced
    return {
        **reduced,
        "chart": meta.get("name", ""),
        "version": meta.get("version", ""),
        "app_version": meta.get("appVersion", ""),
        "updated": (record.get("info") or {}).get("last_deployed", ""),
        "values": objects.redact(record.get("config") or {}),
    }


def _certificates(read: Callable[[], list[dict[str, Any]]]) -> list[dict[str, Any]]:
    try:
        return read()
    except certificate.CertificateError as error:
        raise Unreadable(str(error)) from None


def _cilium_node(item: Mapping[str, Any]) -> dict[str, Any]:
    spec = item.get("spec") or {}
    return {
        "public_key": (item["metadata"].get("annotations") or {}).get("network.cilium.io/wg-pub-key"),
        "addresses": [one.get("ip", "") for one in spec.get("addresses") or [] if one.get("type") == "InternalIP"],
        "pod_cidrs": (spec.get("ipam") or {}).get("podCIDRs") or [],
    }


def _place(item: Mapping[str, Any]) -> dict[str, str]:
    return {"namespace": objects.namespace_of(item), "name": objects.name_of(item)}


def _spec(item: Mapping[str, Any]) -> dict[str, Any]:
    return item.get("spec") or {}


def _pod(item: Mapping[str, Any]) -> dict[str, Any]:
    reduced = objects.pod(item)
    reduced["labels"] = {key: value for key, value in reduced["labels"].items() if key in objects.POD_LABELS}
    return reduced
