# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from .case import case


@case("ZT-CIL-035", "n1", "no peer for node2 (0 of 1 peers)")
def cil_035(b):
    b["nodes"]["n1"]["wireguard"]["interfaces"][0]["peers"] = []


@case("ZT-CIL-035", "n1", "1 peers whose key no CiliumNode publishes")
def cil_035_2(b):
    b["nodes"]["n1"]["wireguard"]["interfaces"][0]["peers"][0]["public_key"] = "key-from-before="


@case("ZT-CIL-035", "n2", "no interface cilium_wg0")
def cil_035_3(b):
    b["nodes"]["n2"]["wireguard"]["interfaces"] = []


@case("ZT-CIL-035", "n1", "no address is allowed of node2")
def cil_035_shut(b):
    b["nodes"]["n1"]["wireguard"]["interfaces"][0]["peers"][0]["allowed_ips"] = []


@case("ZT-CIL-035", "n1", "no address is allowed of node2")
def cil_035_elsewhere(b):
    b["nodes"]["n1"]["wireguard"]["interfaces"][0]["peers"][0]["allowed_ips"] = ["192.0.2.99/32", "10.244.1.7/32"]


@case("ZT-CIL-035", "n1", "no pod's address is allowed of node2")
def cil_035_native(b):
    b["api"]["cilium"]["config"]["routing-mode"] = "native"


@case("ZT-CIL-036", "n1", "no handshake ever with node2")
def cil_036(b):
    b["nodes"]["n1"]["wireguard"]["interfaces"][0]["peers"][0]["latest_handshake"] = None


@case("ZT-CIL-036", "n1", "last handshake with node2 (2 h ago)")
def cil_036_2(b):
    b["nodes"]["n1"]["wireguard"]["interfaces"][0]["peers"][0]["latest_handshake"] = 1795374000 - 7200
