# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from .case import case

_PEERS = "peerauthentications.security.istio.io"


@case("ZT-VER-021", f"kind {_PEERS}", "it is served as v1beta1, and asked for as v1")
def ver_021(b):
    b["api"]["crds"][_PEERS] = {"served": ["v1beta1"], "stored": ["v1beta1"]}


@case("ZT-VER-021", f"kind {_PEERS}", "objects are stored as v1beta1, and it is served as v1")
def ver_021_2(b):
    b["api"]["crds"][_PEERS] = {"served": ["v1"], "stored": ["v1beta1", "v1"]}
