# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from .case import case, cilium_config


@case("ZT-CIL-040", "n1", "no rule fwmark 0x200/0xf00 lookup 2004 for ipv4")
def cil_040(b):
    cilium_config(b, enable_l7_proxy="true")
    b["nodes"]["n2"]["routing_rules"].append({"family": "ipv4", "priority": 9, "mark": 0x200, "mask": 0xF00, "table": 2004})
