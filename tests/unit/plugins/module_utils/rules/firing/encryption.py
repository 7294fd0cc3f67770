# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from .case import CONFIG, case, cilium_config, values


@case("ZT-CIL-050", "address 192.0.2.12", "it is that of node2, node2-before")
def cil_050(b):
    nodes = b["api"]["cilium"]["nodes"]
    nodes["node2-before"] = {**nodes["node2"], "public_key": "key-from-before="}


def _link(b, host, name):
    return next(link for link in b["nodes"][host]["links"] if link["name"] == name)


@case("ZT-CIL-051", "n1", "the MTU of cilium_wg0 is 1450; eth0 carries 1500, which leaves 1440 over IPv4")
def cil_051(b):
    _link(b, "n1", "cilium_wg0")["mtu"] = 1450


@case("ZT-CIL-051", "n2", "eth0 carries 1450, which leaves 1390 over IPv4")
def cil_051_2(b):
    _link(b, "n2", "eth0")["mtu"] = 1450


@case("ZT-CIL-051", "n1", "the MTU of cilium_wg0 is 1430; eth0 carries 1500, which leaves 1420 over IPv6")
def cil_051_3(b):
    b["desired"]["nodes"]["n1"]["ips"] = ["2001:db8::0:11"]
    _link(b, "n1", "eth0")["addresses"] = ["2001:db8::11/64"]
    _link(b, "n1", "cilium_wg0")["mtu"] = 1430


@case("ZT-CIL-052", "chart cilium", "node-encryption-opt-out-labels is empty", "preflight")
def cil_052(b):
    values(b, "cilium", extraConfig={"node-encryption-opt-out-labels": ""})
    b["charts"]["cilium"]["effective"]["encryption"]["nodeEncryption"] = True


@case("ZT-CIL-052", CONFIG, "node-encryption-opt-out-labels is empty")
def cil_052_2(b):
    cilium_config(b, encrypt_node="true", node_encryption_opt_out_labels="")


@case("ZT-CIL-053", "chart cilium", "policyEnforcementMode is always, and Cilium 1.20.2 then keeps")
def cil_053(b):
    values(b, "cilium", policyEnforcementMode="always")
