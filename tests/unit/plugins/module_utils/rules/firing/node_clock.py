# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from .case import case


@case("ZT-NODE-023", "n1", "clock")
def node_023(b):
    b["nodes"]["n1"]["clock"]["synchronized"] = False


@case("ZT-NODE-023", "n1", "chronyd runs, and the kernel says")
def node_023_2(b):
    b["nodes"]["n1"]["clock"].update(synchronized=False, kept_by=["chronyd"])


@case("ZT-NODE-028", "n1", "40.0 s behind the controller, give or take 0.4 s", "preflight")
def node_028(b):
    b["nodes"]["n1"]["clock"].update(offset_s=-40.0, offset_uncertainty_s=0.4)


@case("ZT-NODE-028", "n2", "look at the controller's clock first")
def node_028_2(b):
    b["nodes"]["n1"]["clock"]["offset_s"] = 61.0
    b["nodes"]["n2"]["clock"]["offset_s"] = 60.0
