# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime
import functools
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[4]))

from cryptography.hazmat.primitives.asymmetric import rsa
from made_certificates import Made

from .case import case, cilium_config, hook


@functools.cache
def _pem(days, **more):
    start = datetime.datetime(2026, 11, 22, tzinfo=datetime.timezone.utc) - datetime.timedelta(days=365 - days)
    return Made("system:node:node1", start=start, days=365, **more).pem


def on_node(b, host, pem, path="/var/lib/kubelet/pki/kubelet-client-current.pem"):
    next(one for one in b["nodes"][host]["certificates"] if one["path"] == path)["pem"] = pem


@case("ZT-PKI-001", "Istio root", "ended on 2026-11-21")
def pki_001(b):
    b["api"]["istio"]["root_certificates"][0]["not_after"] = "2026-11-21T00:00:00Z"


@case("ZT-PKI-002", "webhook validation.istio.io", "ends in 9 days")
def pki_002(b):
    hook(b, "validation.istio.io")["ca_bundle"][0].update(not_before="2025-12-02T00:00:00Z", not_after="2026-12-02T00:00:00Z")


@case("ZT-PKI-001", "n1", "/var/lib/kubelet/pki/kubelet-client-current.pem: ended on 2026-11-19")
def pki_001_2(b):
    on_node(b, "n1", _pem(-3))


@case("ZT-PKI-001", "Hubble Relay", "ended on 2026-11-21")
def pki_001_3(b):
    b["api"]["cilium"]["hubble_relay"]["certificates"][0]["not_after"] = "2026-11-21T00:00:00Z"


@case("ZT-PKI-002", "n2", "/var/lib/kubelet/pki/kubelet-client-current.pem: ends in 11 days", "preflight")
def pki_002_2(b):
    on_node(b, "n2", _pem(12))


@case("ZT-PKI-002", "n1", "ends in 59 days")
def pki_002_3(b):
    # Quiet with the 30 days of before.
    on_node(b, "n1", _pem(60))
    b["desired"]["certificates"]["days"] = 70


@case("ZT-PKI-003", "n1", "kubelet-client-current.pem: its key is RSA 1024")
def pki_003(b):
    on_node(b, "n1", _pem(200, key=rsa.generate_private_key(65537, 1024)))


@case("ZT-PKI-003", "Hubble server", "CN=kube-system/hubble-server-certs: it is signed over sha1")
def pki_003_2(b):
    b["api"]["cilium"]["hubble_server"]["certificates"][0]["signature"] = "sha1"
    # A root's own signature proves nothing.
    b["api"]["istio"]["root_certificates"][0]["signature"] = "sha1"


@case("ZT-PKI-004", "istiod's issuer", "istio-system/istio-ca-secret: CN=a was issued by CN=b")
def pki_004(b):
    b["api"]["istio"]["issuer"]["distrusted"] = "CN=a was issued by CN=b, which is neither trusted nor in the file"


@case("ZT-PKI-004", "Gatekeeper webhook", "its authority is not the one that is asked for on the other side")
def pki_004_2(b):
    b["api"]["gatekeeper"]["webhook_server"]["authorities"][0]["sha256"] = "02"


@case("ZT-PKI-004", "Hubble Relay", "its authority is not the one that is asked for on the other side")
def pki_004_3(b):
    b["api"]["cilium"]["hubble_relay"]["authorities"][0]["sha256"] = "02"


@case("ZT-PKI-005", "Hubble server", "and asked as *.berlin-1.hubble-grpc.cilium.io")
def pki_005(b):
    cilium_config(b, cluster_name="berlin.1")


@case("ZT-PKI-005", "Gatekeeper webhook", "is for no name, and asked as gatekeeper-webhook-service.gatekeeper-system.svc")
def pki_005_2(b):
    b["api"]["gatekeeper"]["webhook_server"]["certificates"][0]["names"] = []


@case("ZT-PKI-005", "n1", "apiserver.crt is for 192.0.2.10, kubernetes, and agents ask 192.0.2.9", "preflight")
def pki_005_3(b):
    b["desired"]["api"]["host"] = "192.0.2.9"


@case("ZT-PKI-006", "DaemonSet istio-system/ztunnel", "at least 6 h without istiod; 12 h are planned for")
def pki_006(b):
    b["api"]["istio"]["ztunnel"]["containers"]["istio-proxy"]["env"]["SECRET_TTL"] = "12h"


@case("ZT-PKI-006", "DaemonSet istio-system/ztunnel", "at least 12 h without istiod; 48 h are planned for")
def pki_006_2(b):
    b["desired"]["certificates"]["outage_hours"] = 48
