# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from .case import case, values


@case("ZT-NODE-001", "n1", "kernel 5.4.0-200-generic is older than 5.10", "preflight")
def node_001(b):
    b["nodes"]["n1"]["kernel"].update(release="5.4.0-200-generic", version=[5, 4, 0])


@case("ZT-NODE-001", "n2", "kernel 4.18.0-305.el8 is older than 5.10", "preflight")
def node_001_2(b):
    b["nodes"]["n2"]["os"].update(id="rhel", version_id="8.4")
    b["nodes"]["n2"]["kernel"].update(release="4.18.0-305.el8", version=[4, 18, 0])


@case("ZT-NODE-002", "n1", "has no wireguard module", "preflight")
def node_002(b):
    b["nodes"]["n1"]["modules"]["wireguard"].update(loaded=False, loadable=False)


@case("ZT-NODE-002", "n1", "/etc/modprobe.d/hardening.conf forbids it", "preflight")
def node_002_2(b):
    b["nodes"]["n1"]["modules"]["wireguard"].update(loaded=False, denied_by="/etc/modprobe.d/hardening.conf")


@case("ZT-NODE-002", "n1", "wireguard is not loaded")
def node_002_3(b):
    b["nodes"]["n1"]["modules"]["wireguard"]["loaded"] = False


@case("ZT-NODE-003", "n1", "older than 5.7")
def node_003(b):
    b["nodes"]["n1"]["kernel"].update(release="5.6.19", version=[5, 6, 19])


@case("ZT-NODE-004", "n2", "CONFIG_BPF_JIT", "preflight")
def node_004(b):
    b["nodes"]["n2"]["kernel"]["config"]["CONFIG_BPF_JIT"] = "n"


@case("ZT-NODE-004", "n2", "CONFIG_GENEVE", "preflight")
def node_004_2(b):
    b["desired"]["features"]["tunnel_protocol"] = "geneve"
    b["nodes"]["n2"]["kernel"]["config"]["CONFIG_GENEVE"] = "n"


@case("ZT-NODE-006", "n1", "xt_owner", "preflight")
def node_006(b):
    b["nodes"]["n1"]["modules"]["xt_owner"]["loadable"] = False


@case("ZT-NODE-006", "n1", "nft_tproxy", "preflight")
def node_006_2(b):
    values(b, "cni", **{"global": {"nativeNftables": True}})
    b["nodes"]["n1"]["modules"]["nft_tproxy"]["loadable"] = False


@case("ZT-NODE-022", "n1", "FIPS mode", "preflight")
def node_022(b):
    b["nodes"]["n1"]["kernel"]["fips"] = True
