# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from .case import case, enrolled_alone

_PROBE = (
    'Readiness probe failed: Get "http://10.244.0.7:8080/healthz": context deadline exceeded (Client.Timeout exceeded while '
    "awaiting headers)"
)


def _event(b, reason, message, last="2026-11-22T18:58:00Z"):
    about = {"kind": "Pod", "namespace": "shop", "name": "web"}
    b["api"]["events"].append({"reason": reason, **about, "message": message, "count": 7, "last": last})


@case("ZT-PSS-010", "pod shop/web", "container has runAsNonRoot and image will run as root")
def pss_010(b):
    _event(b, "Failed", 'Error: container has runAsNonRoot and image will run as root (pod: "web_shop(5c3a)", container: web)')


@case("ZT-IST-047", "namespace shop", "probes time out, and they are not ready: web")
def ist_047(b):
    _event(b, "Unhealthy", _PROBE)
    b["api"]["pods"]["shop"][0]["ready"] = False


@case("ZT-IST-047", "namespace desk", "probes time out, and they are not ready: web")
def ist_047_single(b):
    enrolled_alone(b)
    _event(b, "Unhealthy", _PROBE)
    b["api"]["events"][-1]["namespace"] = "desk"
    b["api"]["enrolled_pods"][-1]["ready"] = False
