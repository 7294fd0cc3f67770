# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from .case import case, enrolled_alone, policy

_PEER = "peer_authentications"
_STRICT = {"mode": "STRICT"}
_SELECTOR = {"matchLabels": {"app": "web"}}


@case("ZT-IST-010", "namespace gatekeeper-system", "called by the API server for validation.gatekeeper.sh")
def ist_010(b):
    b["api"]["namespaces"]["gatekeeper-system"]["labels"]["istio.io/dataplane-mode"] = "ambient"
    policy(b, _PEER, "istio-system", mtls=_STRICT)


@case("ZT-IST-010", "namespace shop", "called by the API server for APIService v1beta1.metrics.k8s.io")
def ist_010_api_service(b):
    policy(b, _PEER, "istio-system", mtls=_STRICT)
    b["api"]["api_services"][0]["service"] = "shop/metrics-server"


@case("ZT-IST-010", "namespace shop", "called by the API server for the conversion of certificates.cert-manager.io")
def ist_010_conversion(b):
    policy(b, _PEER, "istio-system", mtls=_STRICT)
    b["api"]["conversions"].append({"name": "certificates.cert-manager.io", "service": "shop/webhook"})


@case("ZT-IST-011", "PeerAuthentication shop/one", "its mode is DISABLE")
def ist_011(b):
    policy(b, _PEER, "shop", mtls={"mode": "DISABLE"})


@case("ZT-IST-013", "PeerAuthentication shop/one", "its mode is PERMISSIVE")
def ist_013(b):
    policy(b, _PEER, "istio-system", mtls=_STRICT)
    policy(b, _PEER, "shop", mtls={"mode": "PERMISSIVE"})


@case("ZT-IST-013", "PeerAuthentication shop/one", "open ports: 8080")
def ist_013_2(b):
    policy(b, _PEER, "istio-system", mtls=_STRICT)
    policy(b, _PEER, "shop", selector=_SELECTOR, portLevelMtls={"8080": {"mode": "PERMISSIVE"}})


@case("ZT-IST-019", "namespace shop", "with a sidecar: web")
def ist_019(b):
    b["api"]["pods"]["shop"][0]["sidecar"] = True


@case("ZT-IST-020", "namespace shop", "on the node's network: web")
def ist_020(b):
    b["api"]["pods"]["shop"][0]["host_network"] = True


@case("ZT-IST-012", "PeerAuthentication istio-system/one", "it is about istio-system only: the mesh's root is istio-config")
def ist_012(b):
    b["api"]["istio"]["mesh_config"]["rootNamespace"] = "istio-config"
    policy(b, _PEER, "istio-system", mtls=_STRICT)


@case("ZT-IST-011", "PeerAuthentication desk/one", "its mode is DISABLE")
def ist_011_single(b):
    enrolled_alone(b)
    policy(b, _PEER, "desk", selector=_SELECTOR, mtls={"mode": "DISABLE"})


@case("ZT-IST-013", "PeerAuthentication desk/one", "its mode is PERMISSIVE")
def ist_013_single(b):
    enrolled_alone(b)
    policy(b, _PEER, "istio-system", mtls=_STRICT)
    policy(b, _PEER, "desk", mtls={"mode": "PERMISSIVE"})


@case("ZT-IST-045", "namespace shop", "with a hostPort: web")
def ist_045(b):
    b["api"]["pods"]["shop"][0]["host_ports"] = [8443]


@case("ZT-IST-019", "namespace desk", "with a sidecar: web")
def ist_019_single(b):
    enrolled_alone(b)
    b["api"]["enrolled_pods"][-1]["sidecar"] = True


@case("ZT-IST-020", "namespace desk", "on the node's network: web")
def ist_020_single(b):
    enrolled_alone(b)
    b["api"]["enrolled_pods"][-1]["host_network"] = True


@case("ZT-IST-045", "namespace desk", "with a hostPort: web")
def ist_045_single(b):
    enrolled_alone(b)
    b["api"]["enrolled_pods"][-1]["host_ports"] = [8443]
