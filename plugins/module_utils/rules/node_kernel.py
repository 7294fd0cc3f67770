# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about the kernels of nodes: what runs, with which options and modules."""

from __future__ import annotations

from collections.abc import Sequence

from ..evidence import versions
from ..evidence.bundle import Evidence, View
from . import facts
from .facts import listed
from .rule import Answer, Catalogue, Fail, Pass

CATALOGUE = Catalogue("node")

_REQUIREMENTS = "https://docs.cilium.io/en/stable/operations/system_requirements/"
_WIREGUARD = "https://docs.cilium.io/en/stable/security/network/encryption-wireguard/"
_ISTIO = "https://istio.io/latest/docs/ops/deployment/platform-requirements/"

# Distributions whose 4.18 kernel carries what Cilium needs, from this release on.
_BACKPORTS = {"rhel": (8, 10), "rocky": (8, 10), "almalinux": (8, 10), "ol": (8, 10), "centos": (8, 10)}


def _kernel(node: View) -> tuple[tuple[int, ...], str]:
    kernel = node.view("kernel")
    return tuple(kernel.view("version").raw), str(kernel["release"])


def _below(version: Sequence[int], floor: str) -> bool:
    needed = versions.numbers(floor) or (0,)
    return tuple(version)[:2] < needed[:2]


def _backported(node: View) -> bool:
    os_info = node.view("os")
    floor = _BACKPORTS.get(str(os_info.get("id", "")))
    have = versions.numbers(str(os_info.get("version_id", "")))
    return floor is not None and have is not None and have[0] == floor[0] and have[:2] >= floor


def _available(module: View) -> bool:
    return bool(module["loaded"] or module["builtin"] or module["loadable"])


NODE_001 = CATALOGUE.rule(
    "ZT-NODE-001",
    "blocker",
    stages=("node", "network"),
    title="The kernel is new enough for Cilium",
    why="The agent of Cilium 1.18 and newer does not start on kernels older than 5.10 (or RHEL 8.10's 4.18 and its like).",
    remediation="Boot a kernel of 5.10 or newer on this node, or take it out of the inventory.",
    source=_REQUIREMENTS,
    versions="Cilium >= 1.18",
)


@NODE_001.check(each=facts.answering_nodes)
def _kernel_floor(evidence: Evidence, host: str) -> Answer:
    floor, who = versions.KERNEL["cilium"]
    node = evidence.node(host)
    have, release = _kernel(node)
    if not _below(have, floor):
        return Pass(f"kernel {release}")
    if have[:2] == (4, 18) and _backported(node):
        return Pass(f"kernel {release} of {node.view('os')['pretty_name']}, which carries what is needed")
    return Fail(f"kernel {release} is older than {floor}, which {who} needs")


NODE_002 = CATALOGUE.rule(
    "ZT-NODE-002",
    "blocker",
    stages=("node", "network"),
    title="The kernel has WireGuard",
    why="Cilium encrypts between nodes by the kernel's WireGuard; the user-space fallback was removed in 1.17.",
    remediation="Install the kernel's module package (wireguard is in kernel 5.6 and newer) and let it be loaded.",
    source=_WIREGUARD,
    versions="Cilium >= 1.17",
)


@NODE_002.check(each=facts.answering_nodes)
def _wireguard_module(evidence: Evidence, host: str) -> Answer:
    if not facts.feature(evidence, "wireguard"):
        return None
    node = evidence.node(host)
    module = node.view("modules").view("wireguard")
    if module["loaded"] or module["builtin"]:
        return Pass("wireguard is built in" if module["builtin"] else "wireguard is loaded")
    release = node.view("kernel")["release"]
    if module["denied_by"]:
        return Fail(
            f"wireguard is not loaded, and {module['denied_by']} forbids it",
            f"Remove the wireguard line from {module['denied_by']}, then: modprobe wireguard",
        )
    if not module["loadable"]:
        return Fail(f"kernel {release} has no wireguard module that could be loaded")
    if evidence.moment == "verify":
        return Fail(
            "wireguard is not loaded",
            "modprobe wireguard, and name it in a file under /etc/modules-load.d (the node role does both)",
        )
    return Pass("wireguard can be loaded")


NODE_003 = CATALOGUE.rule(
    "ZT-NODE-003",
    "high",
    stages=("node", "network"),
    title="The kernel can bypass socket load balancing in pods",
    why="socketLB.hostNamespaceOnly needs kernel 5.7. Without it connections are translated to a pod address before ztunnel "
    "sees the Service.",
    remediation="Boot a kernel of 5.7 or newer.",
    source=_REQUIREMENTS,
)


@NODE_003.check(each=facts.answering_nodes)
def _host_namespace_only(evidence: Evidence, host: str) -> Answer:
    if not facts.feature(evidence, "ambient"):
        return None
    floor, who = versions.KERNEL["host_namespace_only"]
    have, release = _kernel(evidence.node(host))
    return (
        Fail(f"kernel {release} is older than {floor}, which {who} needs") if _below(have, floor) else Pass(f"kernel {release}")
    )


NODE_004 = CATALOGUE.rule(
    "ZT-NODE-004",
    "blocker",
    stages=("node", "network"),
    title="The kernel was built with what Cilium's programs need",
    why="With one of these options off the agent cannot load its programs.",
    remediation="Boot a kernel that was built with these options; those of the distributions are.",
    source=_REQUIREMENTS,
)

_BASE_OPTIONS = (
    "CONFIG_BPF",
    "CONFIG_BPF_SYSCALL",
    "CONFIG_NET_CLS_BPF",
    "CONFIG_BPF_JIT",
    "CONFIG_NET_CLS_ACT",
    "CONFIG_NET_SCH_INGRESS",
    "CONFIG_CRYPTO_SHA1",
    "CONFIG_CRYPTO_USER_API_HASH",
    "CONFIG_CGROUPS",
    "CONFIG_CGROUP_BPF",
    "CONFIG_PERF_EVENTS",
    "CONFIG_SCHEDSTATS",
)
_TUNNEL_OPTIONS = {"vxlan": "CONFIG_VXLAN", "geneve": "CONFIG_GENEVE"}


@NODE_004.check(each=facts.answering_nodes)
def _kernel_config(evidence: Evidence, host: str) -> Answer:
    config = evidence.node(host).view("kernel").view("config")
    wanted = [*_BASE_OPTIONS, "CONFIG_FIB_RULES"]
    if facts.feature(evidence, "routing") == "tunnel":
        wanted.append(_TUNNEL_OPTIONS[str(facts.feature(evidence, "tunnel_protocol"))])
    off = [option for option in wanted if config[option] == "n"]
    return Fail(f"off in this kernel: {listed(off)}") if off else Pass(f"all {len(wanted)} options are on")


NODE_006 = CATALOGUE.rule(
    "ZT-NODE-006",
    "blocker",
    stages=("node", "mesh"),
    title="The kernel has the netfilter modules of Istio ambient",
    why="istio-cni redirects pods, and lets kubelet's probes through, by iptables and ipset; what is missing makes it fail for "
    "every pod.",
    remediation="Install the kernel's module package; on RHEL 10 and its like set global.nativeNftables: true in the Istio "
    "charts.",
    source=_ISTIO,
)

_IPTABLES = (
    "iptable_mangle",
    "iptable_nat",
    "iptable_raw",
    "xt_REDIRECT",
    "xt_connmark",
    "xt_conntrack",
    "xt_mark",
    "xt_owner",
    "ip_set",
    "ip_set_hash_ip",
)
_NFTABLES = ("nf_tables", "nft_ct", "nft_nat", "nft_socket", "nft_tproxy", "nft_redir")


@NODE_006.check(each=facts.answering_nodes)
def _istio_modules(evidence: Evidence, host: str) -> Answer:
    if not facts.feature(evidence, "ambient"):
        return None
    native = False
    if "cni" in evidence.charts:
        native = facts.is_true(facts.effective(evidence, "chart cni").find("global.nativeNftables"))
    node = evidence.node(host)
    if native and _below(_kernel(node)[0], versions.KERNEL["native_nftables"][0]):
        return Fail(
            f"kernel {_kernel(node)[1]} is older than {versions.KERNEL['native_nftables'][0]}, which global.nativeNftables needs"
        )
    modules = node.view("modules")
    wanted = _NFTABLES if native else _IPTABLES
    # iptables over nftables (every current distribution) needs the compatibility module and not the iptable_* ones.
    translated = not native and _available(modules.view("nft_compat"))
    absent = [name for name in wanted if not _available(modules.view(name)) and not (translated and name.startswith("iptable_"))]
    return Fail(f"neither built in nor loadable: {listed(absent)}") if absent else Pass(f"all {len(wanted)} modules are there")


NODE_022 = CATALOGUE.rule(
    "ZT-NODE-022",
    "high",
    stages=("node", "network"),
    title="A kernel in FIPS mode does not carry WireGuard",
    why="WireGuard's ciphers are not FIPS-approved; such a kernel refuses them, or an audit does.",
    remediation="Set encryption.type: ipsec, or take FIPS mode off these nodes.",
    source=_WIREGUARD,
)


@NODE_022.check(each=facts.answering_nodes)
def _fips(evidence: Evidence, host: str) -> Answer:
    if not facts.feature(evidence, "wireguard"):
        return None
    return (
        Fail("the kernel is in FIPS mode and encryption.type is wireguard")
        if evidence.node(host).view("kernel")["fips"]
        else Pass("FIPS mode is off")
    )
