# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from .case import case


@case("ZT-VER-001", "chart istiod", "supports 1.32 to 1.37", "preflight")
def ver_001(b):
    b["api"]["version"] = "v1.31.4"


@case("ZT-VER-002", "chart istiod", "1.28.10; known are", "preflight")
def ver_002(b):
    b["charts"]["istiod"]["version"] = "1.28.10"


@case("ZT-VER-011", "cilium_values: cni.chained", "chart cilium 1.20.2 does not know this key", "preflight")
def ver_011(b):
    b["charts"]["cilium"]["problems"] = [{"path": "cni.chained", "suggestion": "", "why": "it is a value of the istio-cni chart"}]


@case("ZT-VER-011", "gatekeeper_values: audit.auditInterval", "(group_vars/all.yml:7)", "preflight")
def ver_011_2(b):
    b["charts"]["gatekeeper"]["problems"] = [{"path": "audit.auditInterval", "suggestion": "auditInterval", "why": ""}]
    b["charts"]["gatekeeper"]["origins"] = {"audit.auditInterval": "group_vars/all.yml:7"}


@case("ZT-VER-015", "chart cilium", "got string, want object", "preflight")
def ver_015(b):
    b["charts"]["cilium"]["render_error"] = (
        "values don't meet the specifications of the schema: at '/hubble/metrics': got string, want object"
    )


@case("ZT-VER-016", "chart istiod", "is pending-upgrade")
def ver_016(b):
    b["api"]["releases"]["istio-system"]["istiod"]["status"] = "pending-upgrade"


@case("ZT-VER-016", "chart ztunnel", "there is no release istio-system/ztunnel")
def ver_016_2(b):
    del b["api"]["releases"]["istio-system"]["ztunnel"]
