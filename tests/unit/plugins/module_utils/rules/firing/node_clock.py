# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from .case import case


@case("ZT-NODE-023", "n1", "clock")
def node_023(b):
    b["nodes"]["n1"]["clock"]["synchronized"] = False
