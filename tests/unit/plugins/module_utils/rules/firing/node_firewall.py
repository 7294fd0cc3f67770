# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from .case import case


@case("ZT-NODE-051", "n1", "firewalld and ufw are both on", "preflight")
def node_051(b):
    b["nodes"]["n1"]["firewall"]["managers"] = ["firewalld", "ufw"]


@case("ZT-NODE-052", "n2", "/etc/nftables.conf: flush ruleset", "preflight")
def node_052(b):
    b["nodes"]["n2"]["firewall"]["flushes"] = ["/etc/nftables.conf: flush ruleset"]


@case("ZT-NODE-053", "n1", "a change waits")
def node_053(b):
    b["nodes"]["n1"]["firewall"]["waiting"] = True
