# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from .case import case, hook


@case("ZT-PKI-001", "Istio root", "ended on 2026-11-21")
def pki_001(b):
    b["api"]["istio"]["root_certificates"][0]["not_after"] = "2026-11-21T00:00:00Z"


@case("ZT-PKI-002", "webhook validation.istio.io", "ends in 9 days")
def pki_002(b):
    hook(b, "validation.istio.io")["ca_bundle"][0].update(not_before="2025-12-02T00:00:00Z", not_after="2026-12-02T00:00:00Z")
