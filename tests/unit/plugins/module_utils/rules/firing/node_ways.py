# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from .case import case


def _port(bundle, host, port):
    return next(one for one in bundle["nodes"][host]["ways"]["ports"] if one["port"] == port)


@case("ZT-NODE-011", "n2", "51871/udp is silent from n1: it gets out of n2 and not in, so n2", "preflight")
def node_011(b):
    _port(b, "n1", 51871)["outcome"] = "silent"


@case("ZT-NODE-011", "n1", "8472/udp is silent from n2: it gets neither in nor out", "preflight")
def node_011_2(b):
    _port(b, "n1", 8472)["outcome"] = _port(b, "n2", 8472)["outcome"] = "silent"


@case("ZT-NODE-011", "n2", "4240/tcp is refused from n1: a packet filter of n2", "preflight")
def node_011_3(b):
    _port(b, "n1", 4240)["outcome"] = "refused"


@case("ZT-NODE-050", "n1", "at most 1400 to n2 (the link carries 1500)", "preflight")
def node_050(b):
    b["nodes"]["n1"]["ways"]["paths"][0]["path_mtu"] = 1400
