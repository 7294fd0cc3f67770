# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from healthy import forwards

from .case import case, values
from .node_firewall import firewalld


@case("ZT-NODE-057", "n1", "from pods and to pods by iptables ip filter FORWARD (policy drop)")
def node_057(b):
    b["nodes"]["n1"]["forwarding"] = forwards("iptables", "ip", "filter", "FORWARD", "refused", "policy drop")


@case("ZT-NODE-057", "n2", "by nftables inet firewalld filter_FORWARD (reject)", "preflight")
def node_057_2(b):
    b["nodes"]["n2"]["forwarding"] += forwards("nftables", "inet", "firewalld", "filter_FORWARD", "refused", "reject")


@case("ZT-NODE-057", "n1", "by iptables ip filter FORWARD (policy drop)", "preflight")
def node_057_3(b):
    b["nodes"]["n1"]["forwarding"] = forwards("iptables", "ip", "filter", "FORWARD", "refused", "policy drop")
    values(b, "cilium", installIptablesRules=False)


@case("ZT-NODE-058", "n1", "firewalld 1.3.4")
def node_058(b):
    firewalld(b, "n1", version="1.3.4")
