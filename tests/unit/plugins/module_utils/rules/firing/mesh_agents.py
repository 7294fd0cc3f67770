# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy

from .case import case, values

_CNI = "DaemonSet istio-cni-node"


@case("ZT-AMB-024", _CNI, "changed at 2026-11-22T18:50:00Z, after istio-cni started on node1, node2")
def amb_024(b):
    b["api"]["istio"]["cni_config_changed"] = "2026-11-22T18:50:00Z"


@case("ZT-AMB-026", "chart cni", "neither istioOwnedCNIConfig nor taint.enabled", "preflight")
def amb_026(b):
    values(b, "cni", istioOwnedCNIConfig=False)


@case("ZT-AMB-026", _CNI, "neither ISTIO_OWNED_CNI_CONFIG")
def amb_026_2(b):
    b["api"]["istio"]["cni_config"]["ISTIO_OWNED_CNI_CONFIG"] = "false"


def own_file(b, host):
    """As istio-cni leaves the folder with a file of its own."""
    files = b["nodes"][host]["cni"]["files"]
    own = copy.deepcopy(files[0])
    own["name"] = "02-istio-cni.conflist"
    files[0]["plugins"].pop()
    files.insert(0, own)
    b["nodes"][host]["cni"].update(runtime_reads=own["name"], istio_reads=own["name"])


@case("ZT-AMB-032", "n1", "02-istio-cni.conflist holds another copy of what is in 05-cilium.conflist")
def amb_032(b):
    own_file(b, "n1")
    b["nodes"]["n1"]["cni"]["files"][1]["plugins"][0]["enable-debug"] = True


@case("ZT-IST-034", "chart cni", "useAppArmorAnnotation is true", "preflight")
def ist_034(b):
    values(b, "cni", useAppArmorAnnotation=True)


@case("ZT-IST-034", _CNI, "container.apparmor.security.beta.kubernetes.io/install-cni")
def ist_034_2(b):
    b["api"]["istio"]["cni"]["annotations"] = {"container.apparmor.security.beta.kubernetes.io/install-cni": "unconfined"}


@case("ZT-IST-037", "charts istiod and ztunnel", "istiod is of revision default, ztunnel asks 1-31", "preflight")
def ist_037(b):
    values(b, "ztunnel", revision="1-31")


@case("ZT-IST-037", "DaemonSet ztunnel", "the istiod that is there answers as istiod.istio-system.svc")
def ist_037_2(b):
    env = b["api"]["istio"]["ztunnel"]["containers"]["istio-proxy"]["env"]
    env["XDS_ADDRESS"] = "istiod-1-31.istio-system.svc:15012"
