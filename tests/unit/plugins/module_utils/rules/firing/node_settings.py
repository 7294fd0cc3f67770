# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from .case import case, values

HARDENING = "/etc/sysctl.d/99-zzzzz-hardening.conf"


def last(b, key, value, path=HARDENING, **more):
    b["nodes"]["n1"]["sysctls"][key]["files"].append({"path": path, "value": value, **more})


@case("ZT-NODE-042", "n1", f"{HARDENING} sets net.ipv4.ip_forward = 0 at the next boot", "preflight")
def node_042(b):
    last(b, "net.ipv4.ip_forward", "0")


@case("ZT-NODE-042", "n1", "/etc/ufw/sysctl.conf sets net.ipv4.conf.all.rp_filter = 1 at the next boot", "preflight")
def node_042_2(b):
    last(b, "net.ipv4.conf.all.rp_filter", "1", "/etc/ufw/sysctl.conf")


@case("ZT-NODE-042", "n1", f"{HARDENING} sets net.ipv4.conf.*.rp_filter = 1")
def node_042_3(b):
    last(b, "net.ipv4.conf.lxc*.rp_filter", "1", pattern="net.ipv4.conf.*.rp_filter")


@case("ZT-NODE-042", "n1", "/etc/sysctl.d/10-network.conf sets net.ipv4.ip_forward = 0")
def node_042_4(b):
    b["nodes"]["n1"]["sysctls"]["net.ipv4.ip_forward"]["files"] = [{"path": "/etc/sysctl.d/10-network.conf", "value": "0"}]


@case("ZT-NODE-042", "n2", "net.ipv4.ip_forward is 0 now")
def node_042_5(b):
    b["nodes"]["n2"]["sysctls"]["net.ipv4.ip_forward"]["value"] = "0"


@case("ZT-NODE-042", "n1", "net.ipv6.conf.all.disable_ipv6 = 1", "preflight")
def node_042_6(b):
    values(b, "cilium", ipv6={"enabled": True})
    last(b, "net.ipv6.conf.all.disable_ipv6", "1")


@case("ZT-NODE-042", "n1", "at the next boot (changed 2026-11-22 18:00 UTC, of package hardening)", "preflight")
def node_042_7(b):
    last(b, "net.ipv4.ip_forward", "0", mtime=1795370400.0, package="hardening")


@case("ZT-NODE-056", "n1", "zerotrust.conf says 1: no file says so, it was set by hand or by a program since boot")
def node_056(b):
    b["nodes"]["n1"]["sysctls"]["net.ipv4.ip_forward"]["value"] = "0"


@case(
    "ZT-NODE-056", "n1", f"all.rp_filter is 1, and /etc/sysctl.d/99-zzzz-zerotrust.conf says 0: {HARDENING} says so (changed 2026"
)
def node_056_2(b):
    b["nodes"]["n1"]["sysctls"]["net.ipv4.conf.all.rp_filter"]["value"] = "1"
    last(b, "net.ipv4.conf.all.rp_filter", "1", mtime=1795370400.0, package=None)


@case("ZT-NODE-043", "n1", "vm.overcommit_memory is 0 and not 1", "preflight")
def node_043(b):
    b["nodes"]["n1"]["kubelet"]["config"]["protectKernelDefaults"] = True
    b["nodes"]["n1"]["sysctls"]["vm.overcommit_memory"]["value"] = "0"


@case("ZT-NODE-043", "n2", "kernel.panic is 0 and not 10")
def node_043_2(b):
    b["nodes"]["n2"]["kubelet"]["args"].append("--protect-kernel-defaults=true")
    b["nodes"]["n2"]["sysctls"]["kernel.panic"]["value"] = "0"


@case("ZT-NODE-059", "n1", "nearly full: connections: 220000 of 262144", "preflight")
def node_059(b):
    b["nodes"]["n1"]["limits"]["connections"]["used"] = 220000


@case("ZT-NODE-059", "n2", "nearly full: neighbours: 1020 of 1024, threads: 30000 of 30892")
def node_059_2(b):
    limits = b["nodes"]["n2"]["limits"]
    limits["neighbours"]["used"], limits["threads"]["used"] = 1020, 30000
