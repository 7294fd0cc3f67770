# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from .case import case


@case("ZT-VER-020", "chart istiod", "1.29 ended on 2026-10-12", "preflight")
def ver_020(b):
    b["charts"]["istiod"]["version"] = "1.29.8"


@case("ZT-VER-020", "Kubernetes", "1.34 ended on 2026-10-27")
def ver_020_2(b):
    b["api"]["version"] = "v1.34.9"


@case("ZT-VER-020", "chart cilium", "1.15 ended before 1.17 did", "preflight")
def ver_020_3(b):
    b["charts"]["cilium"]["version"] = "1.15.1"
