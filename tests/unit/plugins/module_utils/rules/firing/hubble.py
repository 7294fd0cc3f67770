# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from .case import case


@case("ZT-CIL-042", "chart cilium", "exports none of Hubble's metrics", "preflight")
def cil_042(b):
    one = b["charts"]["cilium"]
    one["user_values"] = {"hubble": {"metrics": "dns,drop"}, "prometheus": {"enabled": True}}
    one["effective"]["hubble"]["metrics"] = "dns,drop"
    one["effective"]["prometheus"]["enabled"] = True
