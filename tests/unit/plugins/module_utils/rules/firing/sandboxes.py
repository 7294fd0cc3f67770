# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from .case import case

MESSAGE = (
    "Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox : "
    'plugin type="istio-cni" name="istio-cni" failed (add): istio-cni cmdAdd failed to contact node Istio CNI agent: '
    "context deadline exceeded"
)


@case("ZT-CIL-039", "pod shop/web-6d4c-x", "on node1: istio-cni failed: istio-cni cmdAdd failed to contact node Istio CNI agent")
def cil_039(b):
    about = {"reason": "FailedCreatePodSandBox", "kind": "Pod", "namespace": "shop", "name": "web-6d4c-x"}
    b["api"]["events"].append({**about, "message": MESSAGE, "count": 3, "last": b["collected_at"]})
    b["api"]["pending_pods"].append({"namespace": "shop", "name": "web-6d4c-x", "node": "node1"})
