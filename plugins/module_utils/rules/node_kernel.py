# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about the kernels of nodes: what runs, with which options and modules."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..evidence import versions
from ..evidence.bundle import Evidence, Missing, View
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


NODE_005 = CATALOGUE.rule(
    "ZT-NODE-005",
    "high",
    stages=("node", "network"),
    title="The kernel can redirect to Cilium's proxy",
    why="Cilium hands connections under L7 and DNS policies to its proxy by TPROXY and socket matches. Without them such "
    "policies drop what they should let through.",
    remediation="Boot a kernel that was built with these options, or set l7Proxy: false in cilium_values.",
    source=_REQUIREMENTS + "#requirements-for-l7-and-fqdn-policies",
)

_PROXY_OPTIONS = (
    "CONFIG_NETFILTER_XT_TARGET_TPROXY",
    "CONFIG_NETFILTER_XT_TARGET_MARK",
    "CONFIG_NETFILTER_XT_TARGET_CT",
    "CONFIG_NETFILTER_XT_MATCH_MARK",
    "CONFIG_NETFILTER_XT_MATCH_SOCKET",
)


@NODE_005.check(each=facts.answering_nodes)
def _proxy_options(evidence: Evidence, host: str) -> Answer:
    if "cilium" not in evidence.charts:
        return None
    if facts.is_false(facts.effective(evidence, "chart cilium").find("l7Proxy", True)):
        return Pass("Cilium's proxy is off (l7Proxy)")
    config = evidence.node(host).view("kernel").view("config")
    off = [option for option in _PROXY_OPTIONS if config[option] == "n"]
    return Fail(f"off in this kernel: {listed(off)}") if off else Pass(f"all {len(_PROXY_OPTIONS)} options are on")


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


def _native_nftables(evidence: Evidence) -> bool:
    return "cni" in evidence.charts and facts.is_true(facts.effective(evidence, "chart cni").find("global.nativeNftables"))


@NODE_006.check(each=facts.answering_nodes)
def _istio_modules(evidence: Evidence, host: str) -> Answer:
    if not facts.feature(evidence, "ambient"):
        return None
    native = _native_nftables(evidence)
    node = evidence.node(host)
    if native and _below(_kernel(node)[0], versions.KERNEL["native_nftables"][0]):
        return Fail(
            f"kernel {_kernel(node)[1]} is older than {versions.KERNEL['native_nftables'][0]}, which global.nativeNftables needs"
        )
    modules = node.view("modules")
    absent = _absent(native, lambda name: _available(modules.view(name)))
    return Fail(f"neither built in nor loadable: {listed(absent)}") if absent else Pass("every module is there")


def _absent(native: bool, available: Callable[[str], bool]) -> list[str]:
    """What Istio's backend needs and this kernel cannot have."""
    # iptables over nftables (every current distribution) needs the compatibility module and not the iptable_* ones.
    translated = not native and available("nft_compat")
    wanted = _NFTABLES if native else _IPTABLES
    return [name for name in wanted if not available(name) and not (translated and name.startswith("iptable_"))]


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


NODE_024 = CATALOGUE.rule(
    "ZT-NODE-024",
    "high",
    stages=("node", "network"),
    title="The kernel describes its types (BTF)",
    why="Cilium's programs ask the running kernel's type information what it can do; without it the loader cannot fit them to "
    "the kernel.",
    remediation="Boot a kernel that was built with CONFIG_DEBUG_INFO_BTF=y; those of the distributions are.",
    source=_REQUIREMENTS,
    versions="Cilium >= 1.19",
)


@NODE_024.check(each=facts.answering_nodes)
def _btf(evidence: Evidence, host: str) -> Answer:
    if evidence.node(host).view("kernel")["btf"]:
        return Pass("/sys/kernel/btf/vmlinux is there")
    return Fail("there is no /sys/kernel/btf/vmlinux")


NODE_025 = CATALOGUE.rule(
    "ZT-NODE-025",
    "high",
    stages=("node", "network"),
    title="Neither kernel of the node is one that breaks Cilium",
    why="On these builds the kernel's verifier refuses Cilium's programs: the agent does not start, and the node has no "
    "network for pods.",
    remediation="Boot and keep a kernel before or after it, and hold the package (apt-mark hold, dnf versionlock) until then.",
    source="https://github.com/cilium/cilium/issues/48016",
)


@NODE_025.check(each=facts.answering_nodes)
def _broken_kernel(evidence: Evidence, host: str) -> Answer:
    if "cilium" not in evidence.charts:
        return None
    cilium = str(evidence.charts.view("cilium")["version"])
    kernel = evidence.node(host).view("kernel")
    for when, one in (("running", kernel), ("after the next boot", kernel.view("next"))):
        report = versions.broken_kernel(tuple(one.view("version").raw), cilium)
        if report and not versions.known("cilium", cilium):
            raise Missing(
                "charts.cilium.version",
                f"whether Cilium {cilium} runs on kernel {one['release']} ({when}) is not known yet: {report}",
            )
        if report:
            return Fail(f"kernel {one['release']} ({when}) and Cilium {cilium} do not go together: {report}")
    return Pass("no report about these kernels")


NODE_026 = CATALOGUE.rule(
    "ZT-NODE-026",
    "high",
    stages=("node", "network", "mesh"),
    title="The kernel of the next boot carries the platform too",
    why="An upgrade installs a kernel that nobody has tried. What it lacks shows at the next reboot, when the node comes back "
    "without network or without encryption.",
    remediation="Install that kernel's package of extra modules, or remove the kernel, before the node is rebooted.",
    source=_REQUIREMENTS,
)


@NODE_026.check(each=facts.answering_nodes)
def _next_kernel(evidence: Evidence, host: str) -> Answer:
    node = evidence.node(host)
    coming = node.view("kernel").view("next")
    release, chosen = str(coming["release"]), str(coming["chosen_by"])
    if release == _kernel(node)[1]:
        return Pass(f"it is the running one, {release} ({chosen})")
    floor, who = versions.KERNEL["cilium"]
    have = tuple(coming.view("version").raw)
    if _below(have, floor) and not (have[:2] == (4, 18) and _backported(node)):
        return Fail(f"the next boot starts kernel {release} ({chosen}), older than {floor}, which {who} needs")
    modules = coming.view("modules")
    absent = ["wireguard"] if facts.feature(evidence, "wireguard") and not modules["wireguard"] else []
    if facts.feature(evidence, "ambient"):
        absent += _absent(_native_nftables(evidence), lambda name: bool(modules[name]))
    if absent:
        return Fail(f"the next boot starts kernel {release} ({chosen}), which has no {listed(absent)}")
    return Pass(f"{release} ({chosen}) has every module")


NODE_027 = CATALOGUE.rule(
    "ZT-NODE-027",
    "high",
    stages=("node", "network"),
    title="Lockdown does not keep WireGuard out",
    why="Under Secure Boot or kernel lockdown only modules with a signature that the kernel trusts are loaded. One that was "
    "built on the node or came from elsewhere often has none.",
    remediation="Use the wireguard module of the kernel's own package, or enrol the key it is signed with (mokutil --import).",
    source="https://man7.org/linux/man-pages/man7/kernel_lockdown.7.html",
)


@NODE_027.check(each=facts.answering_nodes)
def _locked_out(evidence: Evidence, host: str) -> Answer:
    if not facts.feature(evidence, "wireguard"):
        return None
    node = evidence.node(host)
    kernel = node.view("kernel")
    locked = str(kernel["lockdown"] or "none")
    if locked == "none" and not kernel["secure_boot"]:
        return Pass("neither Secure Boot nor lockdown")
    module = node.view("modules").view("wireguard")
    if module["loaded"] or module["builtin"]:
        return Pass("wireguard is there already")
    if module.get("in_tree", True):
        return Pass("wireguard is the kernel's own")
    return Fail(f"wireguard is not the kernel's own module and not loaded, and lockdown is {locked} (Secure Boot or set by hand)")
