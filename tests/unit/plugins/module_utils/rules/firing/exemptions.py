# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from .case import case


@case("ZT-GK-006", "namespace shop", "its next change is refused")
def gk_006(b):
    b["api"]["namespaces"]["shop"]["labels"]["admission.gatekeeper.sh/ignore"] = "please"


@case("ZT-GK-006", "namespace shop", "judged all the same")
def gk_006_2(b):
    b["api"]["gatekeeper"]["controller"]["containers"]["manager"]["args"].append("--exempt-namespace=shop")


@case("ZT-GK-006", "namespace shop", "judged all the same", "preflight")
def gk_006_3(b):
    b["charts"]["gatekeeper"]["effective"]["controllerManager"]["exemptNamespaces"] = ["shop"]
