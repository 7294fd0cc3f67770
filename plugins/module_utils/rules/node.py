# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about nodes: kernel, modules, ports, settings, and that they are the nodes the inventory means."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..evidence import platform_ports, versions
from ..evidence.bundle import Evidence, Missing, View
from . import facts
from .facts import VERIFY, listed
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


NODE_009 = CATALOGUE.rule(
    "ZT-NODE-009",
    "blocker",
    stages=("node", "network"),
    title="A node has the address that the inventory and Kubernetes say",
    why="kube-proxy replacement and WireGuard use the node's InternalIP. Where that is another one, its traffic goes astray.",
    remediation="Set kubelet's --node-ip to the address nodes reach each other under, or correct zerotrust_node_ips of the host.",
    source="https://docs.cilium.io/en/stable/network/kubernetes/kubeproxy-free/",
)


@NODE_009.check(each=facts.nodes)
def _internal_ip(evidence: Evidence, host: str) -> Answer:
    known = evidence.api.view("nodes")
    name = facts.node_name(evidence, host)
    if name not in known:
        return None
    said = known.view(name).view("internal_ips").raw
    wanted = evidence.desired.view("nodes").view(host).view("ips").raw
    if not wanted:
        return None
    if not said:
        return Fail(f"Kubernetes knows no InternalIP of {name}", "Start kubelet with --node-ip, or check its network.")
    if not set(said) & set(wanted):
        return Fail(f"Kubernetes says {listed(said)}, the inventory says {listed(wanted)}")
    if facts.answered(evidence, host):
        links = evidence.node(host).view("links")
        own = {str(address).partition("/")[0] for link in links for address in link.get("addresses").raw}
        if not set(said) & own:
            return Fail(f"Kubernetes says {listed(said)}, which is on no link of the node")
    return Pass(f"{listed(said)}")


NODE_010 = CATALOGUE.rule(
    "ZT-NODE-010",
    "high",
    stages=("network",),
    title="Nothing of kube-proxy is left in the node's packet filter",
    why="kube-proxy does not clean up when it is removed. Its old translation of Services competes with Cilium's and leads to "
    "endpoints that are gone.",
    remediation="Run kube-proxy --cleanup on the node (the cilium role does it), or restart it; never flush all of iptables.",
    source="https://docs.cilium.io/en/stable/network/kubernetes/kubeproxy-free/",
)


@NODE_010.check(each=facts.answering_nodes, moments=VERIFY)
def _kube_proxy_chains(evidence: Evidence, host: str) -> Answer:
    if not facts.feature(evidence, "kube_proxy_replacement"):
        return None
    found = evidence.node(host).view("kube_proxy")
    read = found.view("chains")
    chains = {kind: int(count) for kind, count in read.items() if count}
    if found["process"]:
        return Fail("kube-proxy runs on this node", "Stop kube-proxy here: Cilium has taken its work over.")
    if chains:
        return Fail("chains of kube-proxy: " + ", ".join(f"{count} in {kind}" for kind, count in sorted(chains.items())))
    # kube-proxy writes with either: a place that could not be read may hold what the other does not.
    return Pass("no chain in " + " and ".join(kind for kind in ("iptables", "nftables") if read[kind] == 0))


NODE_016 = CATALOGUE.rule(
    "ZT-NODE-016",
    "blocker",
    stages=("node", "network", "policy", "mesh", "enforcement"),
    title="Every node of the inventory answers",
    why="What a node does not say cannot be judged: not its kernel, its peers nor its CNI file. No change begins on a guess.",
    remediation="Make the node reachable (ansible -m ping <node>), or take it out of the inventory.",
    source="docs/evidence.md",
)


@NODE_016.check(each=facts.nodes)
def _answers(evidence: Evidence, host: str) -> Answer:
    if facts.answered(evidence, host):
        return Pass("it answered")
    try:
        evidence.node(host)["hostname"]
    except Missing as missing:
        return Fail(missing.reason)
    return None


NODE_017 = CATALOGUE.rule(
    "ZT-NODE-017",
    "blocker",
    stages=("node", "network"),
    title="The ports the platform needs are free, or its own",
    why="A port that another process holds keeps the agent from starting, or WireGuard and the tunnel from coming up.",
    remediation="Stop the process, or give it another port.",
    source=_REQUIREMENTS + "#firewall-rules",
)

# Names of processes as the kernel keeps them: 15 letters.
_OWNERS = ("cilium", "hubble")


def _unwanted_ports(evidence: Evidence) -> set[tuple[str, str]]:
    """Those of the other tunnel, or of WireGuard when it is off, are anyone's."""
    features = {port.feature: facts.feature(evidence, port.feature) for port in platform_ports.PORTS if port.feature}
    features["routing"] = facts.feature(evidence, "routing")
    return {(port.port, port.protocol) for port in platform_ports.PORTS if not port.wanted(features)}


@NODE_017.check(each=facts.answering_nodes)
def _ports(evidence: Evidence, host: str) -> Answer:
    unwanted = _unwanted_ports(evidence)
    taken, asked = [], 0
    for port in evidence.node(host).view("ports"):
        number, protocol = int(port["port"]), str(port["protocol"])
        if (str(number), protocol) in unwanted:
            continue
        asked += 1
        if not port["listening"]:
            continue
        process = port["process"]
        if process and not str(process).startswith(_OWNERS):
            taken.append(f"{number}/{protocol} ({port['component']}) by {process}")
    return Fail(f"taken: {listed(taken)}") if taken else Pass(f"{asked} ports")


NODE_018 = CATALOGUE.rule(
    "ZT-NODE-018",
    "high",
    stages=("network",),
    title="Reverse path filtering is off where pods are connected",
    why="The kernel uses the greater of the settings of 'all' and of the link. With 1 or 2 on a pod's link, packets from the "
    "node to its own pods "
    "are dropped while pods on other nodes are reached: probes fail.",
    remediation="Set net.ipv4.conf.all.rp_filter, and that of lxc* and cilium_* links, to 0 in a file that sorts last (the node "
    "role does), "
    "and restart the Cilium agent on the node.",
    source=_REQUIREMENTS,
)


@NODE_018.check(each=facts.answering_nodes, moments=VERIFY)
def _rp_filter(evidence: Evidence, host: str) -> Answer:
    node = evidence.node(host)
    everywhere = int(node.view("sysctls").view("net.ipv4.conf.all.rp_filter")["value"])
    wrong, links = [], 0
    for link in node.view("links"):
        name = str(link["name"])
        if not name.startswith(("lxc", "cilium_")):
            continue
        links += 1
        effective = max(everywhere, int(link["rp_filter"]))
        if effective:
            wrong.append(f"{name} ({effective})")
    if wrong:
        return Fail(f"on for {listed(wrong, 4)}; all = {everywhere}")
    if not links:
        return Fail("there is no link of Cilium on this node", "The Cilium agent has not run here: see its pod on this node.")
    return Pass(f"off on {links} links")


NODE_019 = CATALOGUE.rule(
    "ZT-NODE-019",
    "blocker",
    stages=("network", "policy", "mesh", "enforcement"),
    title="The node is Ready",
    why="A node that is not Ready runs no new pods; a layer that is not everywhere protects nowhere.",
    remediation="kubectl describe node <node>; while no CNI runs, kubelet says 'cni plugin not initialized'.",
    source="https://kubernetes.io/docs/concepts/architecture/nodes/#condition",
)


@NODE_019.check(each=facts.nodes, moments=VERIFY)
def _ready(evidence: Evidence, host: str) -> Answer:
    known = evidence.api.view("nodes")
    name = facts.node_name(evidence, host)
    if name not in known:
        return None
    one = known.view(name)
    return Pass("Ready") if one["ready"] else Fail(f"not Ready: {one['reason']}")


NODE_020 = CATALOGUE.rule(
    "ZT-NODE-020",
    "blocker",
    stages=("node", "network"),
    title="Inventory and cluster name the same nodes",
    why="A node only in the cluster is neither prepared nor judged, and its traffic may be plain. A node only in the inventory "
    "is somewhere else.",
    remediation="Add the node to the inventory with this zerotrust_cluster, or set zerotrust_node_name to its name in "
    "Kubernetes.",
    source="docs/evidence_cluster.md",
)


@NODE_020.check()
def _same_nodes(evidence: Evidence) -> Iterator[Pass | Fail]:
    known = set(evidence.api.view("nodes").raw)
    wanted = facts.hosts_by_node_name(evidence)
    for name in sorted(set(wanted) - known):
        yield Fail(f"the cluster has no node {name!r}; it has {listed(sorted(known))}", subject=wanted[name])
    for name in sorted(known - set(wanted)):
        yield Fail("it is a node of the cluster, and not in the inventory", subject=name)
    if known == set(wanted):
        yield Pass(f"{len(known)} nodes")


NODE_021 = CATALOGUE.rule(
    "ZT-NODE-021",
    "high",
    stages=("node",),
    title="No two nodes are copies of one disk",
    why="Nodes with the same machine id get the same addresses from DHCP and the same identity in logs; WireGuard keys may be "
    "copies as well.",
    remediation="rm /etc/machine-id && systemd-machine-id-setup on the copy, then restart it.",
    source="https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/install-kubeadm/#verify-mac-address",
)


@NODE_021.check()
def _machine_ids(evidence: Evidence) -> Iterator[Pass | Fail]:
    by_id: dict[str, list[str]] = {}
    for host in facts.answering_nodes(evidence):
        by_id.setdefault(str(evidence.node(host)["machine_id"]), []).append(host)
    shared = [hosts for hosts in by_id.values() if len(hosts) > 1]
    for hosts in shared:
        yield Fail(f"the same /etc/machine-id as {listed(hosts[:1])}", subject=listed(hosts[1:]))
    if by_id and not shared:
        yield Pass(f"{len(by_id)} different ids")


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


NODE_023 = CATALOGUE.rule(
    "ZT-NODE-023",
    "medium",
    stages=("node", "mesh"),
    title="The node's clock is right",
    why="Certificates live for hours. A clock that is off makes valid ones invalid, and handshakes look old.",
    remediation="Start chrony or systemd-timesyncd on the node.",
    source="https://kubernetes.io/docs/setup/best-practices/certificates/",
)


@NODE_023.check(each=facts.answering_nodes)
def _clock(evidence: Evidence, host: str) -> Answer:
    clock = evidence.node(host).view("clock")
    synchronized = clock["synchronized"]
    if synchronized is None:
        raise clock.missing("synchronized")
    return Pass("synchronized") if synchronized else Fail("the kernel says that nothing keeps its clock right")
