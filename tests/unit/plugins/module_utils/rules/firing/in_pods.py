# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from .case import case

_WEB = "5c3a2a52-6b1e-4a52-9f3c-0c5f1f7d2b11"


@case("ZT-IST-046", "n1", "ztunnel does not listen in shop/web")
def ist_046(b):
    b["nodes"]["n1"]["pod_networks"] = {"redirected": [], "plain": [_WEB], "partly": []}


@case("ZT-NODE-070", "n1", "somebody listens on some of them in shop/web (15006)")
def node_070(b):
    waypoint = {"pod": "0b7a6f52-6b1e-4a52-9f3c-0c5f1f7d2b11", "ports": [15008]}
    partly = [{"pod": _WEB, "ports": [15006]}, waypoint]
    b["nodes"]["n1"]["pod_networks"] = {"redirected": [], "plain": [], "partly": partly}
