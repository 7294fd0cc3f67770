# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Istio is, and what of it runs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..evidence import certificate, objects, strict_yaml, workload
from . import secrets
from .api import Unreadable
from .reading import Reader, Reads

_WITH_WAYPOINT = (
    ("Service", "/api/v1/services"),
    ("Pod", "/api/v1/pods"),
    ("ServiceEntry", "/apis/networking.istio.io/v1/serviceentries"),
)
_BUILD = re.compile(r'^istio_build\{[^}]*\btag="([^"]*)"', re.M)


class Mesh:
    """Reads it in the namespaces of its charts istiod, cni and ztunnel."""

    def __init__(self, reader: Reader, istiod: str, cni: str, ztunnel: str) -> None:
        self._reader = reader
        self._istiod, self._cni, self._ztunnel = istiod, cni, ztunnel

    def reads(self) -> Reads:
        reader = self._reader
        return [
            ("use_waypoint", self._use_waypoint),
            ("istio/istiod", lambda: reader.workload(self._istiod, "deployments", "istiod")),
            ("istio/autoscaler", self._autoscaler),
            ("istio/mesh_config", self._mesh_config),
            ("istio/cni_config", lambda: reader.data(self._cni, "istio-cni-config")),
            ("istio/cni_config_changed", self._cni_config_changed),
            ("istio/cni", lambda: reader.workload(self._cni, "daemonsets", "istio-cni-node")),
            ("istio/ztunnel", lambda: reader.workload(self._ztunnel, "daemonsets", "ztunnel")),
            ("istio/root_certificates", self._istio_root),
            ("istio/issuer", lambda: secrets.issuer(reader, self._istiod)),
        ]

    def _use_waypoint(self) -> list[dict[str, Any]]:
        """Read what names a waypoint by a label of its own; namespaces are in evidence with all of theirs."""
        return [
            {**objects.names_waypoint(item), "kind": kind}
            for kind, path in _WITH_WAYPOINT
            for item in self._reader.items(path, {"labelSelector": objects.WAYPOINT_LABEL}, metadata_only=True) or ()
        ]

    def _autoscaler(self) -> dict[str, Any] | None:
        found = self._reader.get(f"/apis/autoscaling/v2/namespaces/{self._istiod}/horizontalpodautoscalers/istiod")
        return None if found is None else workload.autoscaler(found)

    def _mesh_config(self) -> dict[str, Any] | None:
        data = self._reader.data(self._istiod, "istio")
        if data is None:
            return None
        try:
            documents = strict_yaml.documents(data.get("mesh", ""), f"the key mesh of ConfigMap {self._istiod}/istio")
        except ValueError as error:
            raise Unreadable(str(error)) from None
        return documents[0].value if documents and isinstance(documents[0].value, dict) else {}

    def _cni_config_changed(self) -> str | None:
        """Return when the settings of istio-cni were last changed, as those who manage them in its ConfigMap say."""
        found = self._reader.get(f"/api/v1/namespaces/{self._cni}/configmaps/istio-cni-config")
        if found is None:
            return None
        fields = found["metadata"].get("managedFields") or []
        # A new label restarts nothing and need not.
        times = [str(one["time"]) for one in fields if one.get("time") and "f:data" in (one.get("fieldsV1") or {})]
        return max(times, default=found["metadata"].get("creationTimestamp"))

    def _istio_root(self) -> list[dict[str, Any]] | None:
        data = self._reader.data(self._istiod, "istio-ca-root-cert")
        if data is None:
            return None
        try:
            return certificate.describe(data.get("root-cert.pem", ""))
        except certificate.CertificateError as error:
            raise Unreadable(str(error)) from None

    def ztunnel_build(self, pods: Mapping[str, Sequence[Mapping[str, Any]]]) -> str | None:
        """Ask one running ztunnel which build it is. The API server passes the question on to its metrics port.

        `pods`: those that were read, by namespace.
        """
        if self._ztunnel not in pods:
            raise Unreadable("the pods of ztunnel could not be read, so none could be asked for its build")
        running = [one for one in pods[self._ztunnel] if one["labels"].get("app") == "ztunnel" and one["ready"]]
        if not running:
            return None
        name = running[0]["name"]
        try:
            text = self._reader.text(f"/api/v1/namespaces/{self._ztunnel}/pods/{name}:15020/proxy/metrics", timeout=3)
        except Unreadable as reason:
            raise Unreadable(f"{name} was asked for its build by way of the API server: {reason}") from None
        match = _BUILD.search(text or "")
        if not match:
            raise Unreadable(f"the metrics of {name} do not say which build it is")
        return match.group(1)
