# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from .case import case


@case("ZT-NODE-060", "n1", "it answers without a name (anonymous); it lets everybody do everything (authorization AlwaysAllow)")
def node_060(b):
    config = b["nodes"]["n1"]["kubelet"]["config"]
    config["authentication"], config["authorization"] = {"anonymous": {"enabled": True}}, {"mode": "AlwaysAllow"}


@case("ZT-NODE-060", "n2", "it answers without a name (anonymous); it lets everybody", "preflight")
def node_060_without_a_file(b):
    b["nodes"]["n2"]["kubelet"]["args"] = ["--node-ip=192.0.2.12"]


@case("ZT-NODE-060", "n1", "it answers without TLS on port 10255")
def node_060_port(b):
    b["nodes"]["n1"]["kubelet"]["args"].append("--read-only-port=10255")
