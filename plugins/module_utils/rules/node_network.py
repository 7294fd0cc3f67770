# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about a node's own network: links, addresses, ports, and what else acts on them."""

from __future__ import annotations

import contextlib
import ipaddress

from ..evidence import networkd, platform_ports
from ..evidence.bundle import Evidence, Missing, View
from . import facts
from .facts import VERIFY, listed
from .rule import Answer, Catalogue, Fail, Pass

CATALOGUE = Catalogue("node")

_REQUIREMENTS = "https://docs.cilium.io/en/stable/operations/system_requirements/"

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
    if any(link["name"] == "kube-ipvs0" for link in evidence.node(host).view("links")):
        return Fail("the link kube-ipvs0 of kube-proxy is still there", "ip link delete kube-ipvs0, and ipvsadm --clear")
    if chains:
        return Fail("chains of kube-proxy: " + ", ".join(f"{count} in {kind}" for kind, count in sorted(chains.items())))
    # kube-proxy writes with either: a place that could not be read may hold what the other does not.
    return Pass("no chain in " + " and ".join(kind for kind in ("iptables", "nftables") if read[kind] == 0))


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


NODE_040 = CATALOGUE.rule(
    "ZT-NODE-040",
    "medium",
    stages=("node", "network"),
    title="systemd-networkd leaves Cilium's routes, rules and links alone",
    why="By default it deletes routes and routing rules that are not its own when it restarts or a link changes: the node "
    "loses its pods, and with some settings itself.",
    remediation="The node role writes a drop-in for it. Take the line out of the file named, or give it [Link] Unmanaged=yes for "
    "cilium_* and lxc*.",
    source="https://github.com/cilium/cilium/issues/18706",
)


@NODE_040.check(each=facts.answering_nodes)
def _networkd(evidence: Evidence, host: str) -> Answer:
    found = evidence.node(host).view("networkd")
    if not found["running"]:
        return Pass("systemd-networkd does not run")
    wrong = [f"{path} takes {link}" for link, path in found.view("takes").items()]
    if evidence.moment == "verify":
        kept = {networkd.ROUTES: found["manage_foreign_routes"], networkd.RULES: found["manage_foreign_rules"]}
        wrong += [f"{key} is on" for key, on in kept.items() if on]
    else:
        # Before the node role has run, only what will win over its drop-in counts.
        wrong += [
            f"{file['path']} says {key}={value}"
            for file in found.view("files")
            if networkd.after_ours(str(file["path"]))
            for key, value in file.view("settings").items()
            if networkd.boolean(str(value))
        ]
    return Fail("; ".join(wrong)) if wrong else Pass("it leaves them alone")


NODE_041 = CATALOGUE.rule(
    "ZT-NODE-041",
    "medium",
    stages=("node", "network"),
    title="NetworkManager leaves Cilium's links alone",
    why="It asks for addresses on links it takes for its own, and takes the routes off them that Cilium has put there.",
    remediation="The node role writes /etc/NetworkManager/conf.d/60-zerotrust.conf: [keyfile] "
    "unmanaged-devices+=interface-name:cilium_*;interface-name:lxc*, then: systemctl reload NetworkManager",
    source="https://docs.rke2.io/known_issues#networkmanager",
)


@NODE_041.check(each=facts.answering_nodes, moments=VERIFY)
def _network_manager(evidence: Evidence, host: str) -> Answer:
    found = evidence.node(host).view("network_manager")
    if not found["running"]:
        return Pass("NetworkManager does not run")
    taken = [str(link) for link in found.view("managed")]
    return Fail(f"it would take {listed(taken)}") if taken else Pass("it leaves them alone")


NODE_012 = CATALOGUE.rule(
    "ZT-NODE-012",
    "medium",
    stages=("node", "network"),
    title="What one node sends fits through the link of every other",
    why="Cilium takes a pod's MTU from its node's link, less what the tunnel and WireGuard put around a packet. Where another "
    "node's link carries less, large packets vanish while small ones pass.",
    remediation="Give the links that carry the cluster one MTU, or set MTU in cilium_values to the smallest.",
    source="https://github.com/cilium/cilium/blob/v1.20.2/pkg/mtu/mtu.go",
)

# What Cilium takes off a link's MTU for pods, as its source has it.
_WIREGUARD_BYTES, _TUNNEL_BYTES, _IPV6_LEAST = 95, 50, 1280


@NODE_012.check(each=facts.answering_nodes)
def _mtu(evidence: Evidence, host: str) -> Answer:
    link = _carrier(evidence, host)
    name, mtu = str(link["name"]), int(link["mtu"])
    by_hand = 0
    if "cilium" in evidence.charts:
        by_hand = int(facts.effective(evidence, "chart cilium").find("MTU", 0) or 0)
    if by_hand > mtu:
        return Fail(f"MTU is set to {by_hand} in Cilium's values, and {name} carries {mtu}")
    around = (_WIREGUARD_BYTES if facts.feature(evidence, "wireguard") else 0) + (
        _TUNNEL_BYTES if facts.feature(evidence, "routing") == "tunnel" else 0
    )
    left = (by_hand or mtu) - around
    if facts.family(evidence, "ipv6") and left < _IPV6_LEAST:
        return Fail(f"{name} carries {mtu}, less {around} for tunnel and WireGuard leaves {left}: IPv6 needs {_IPV6_LEAST}")
    largest = _largest_mtu(evidence)
    if not by_hand and largest > mtu:
        return Fail(f"{name} carries {mtu}, and links of other nodes {largest}")
    return Pass(f"{name} carries {mtu}, pods get {left}")


def _largest_mtu(evidence: Evidence) -> int:
    """Of the nodes whose link is known; one whose link is not is UNKNOWN itself."""
    if "largest MTU" not in evidence.memo:
        known = [0]
        for host in facts.answering_nodes(evidence):
            with contextlib.suppress(Missing):
                known.append(int(_carrier(evidence, host)["mtu"]))
        evidence.memo["largest MTU"] = max(known)
    return int(evidence.memo["largest MTU"])


def _carrier(evidence: Evidence, host: str) -> View:
    """The link that carries the cluster: the one with the node's own address, else that of the default route."""
    node = evidence.node(host)
    wanted = set(facts.addresses(evidence, host))
    links: list[View] = list(node.view("links"))
    for link in links:
        if wanted & {str(address).partition("/")[0] for address in link.view("addresses").raw}:
            return link
    indexes = {index for route in node.view("default_routes") for index in route.view("links").raw}
    for link in links:
        if link["index"] in indexes:
            return link
    raise Missing(f"nodes.{host}.links", "no link has the node's address, and there is no default route")


NODE_036 = CATALOGUE.rule(
    "ZT-NODE-036",
    "high",
    stages=("node", "network"),
    title="No other pod network is on the node",
    why="Its links hold addresses and ports that Cilium needs (Flannel's VXLAN is on 8472 as well), its rules drop or "
    "translate what is Cilium's by now, and pods that start on its CNI file are outside every policy.",
    remediation="Uninstall the other network as its own documentation says, then restart the node; or delete its links (ip "
    "link delete), its chains and its CNI file.",
    source="https://docs.cilium.io/en/stable/installation/k8s-install-migration/",
)

_OTHER_LINKS = {
    "flannel": "Flannel",
    "cni0": "Flannel or the bridge plugin",
    "cali": "Calico",
    "vxlan.calico": "Calico",
    "vxlan-v6.calico": "Calico",
    "weave": "Weave",
    "vethwe-": "Weave",
    "kube-bridge": "kube-router",
    "antrea-": "Antrea",
    "ovn-k8s-": "OVN-Kubernetes",
}
_OTHER_PREFIXES = tuple(_OTHER_LINKS)
# What a CNI file calls their plugins. Plain `bridge` is nobody's in particular: podman and CRI-O come with such files.
_OTHER_PLUGINS = {
    "flannel": "Flannel",
    "calico": "Calico",
    "weave-net": "Weave",
    "antrea": "Antrea",
    "ovn-k8s-cni-overlay": "OVN-Kubernetes",
}


@NODE_036.check(each=facts.answering_nodes)
def _other_networks(evidence: Evidence, host: str) -> Answer:
    node = evidence.node(host)
    names = [name for name in (str(link["name"]) for link in node.view("links")) if name.startswith(_OTHER_PREFIXES)]
    found = [f"link {name} ({network})" for name in names for prefix, network in _OTHER_LINKS.items() if name.startswith(prefix)]
    found += [f"{count} chains of {network}" for network, count in node.view("other_networks").items()]
    found += [
        f"{file['name']} ({_OTHER_PLUGINS[str(plugin['type'])]})"
        for file in node.view("cni").view("files")
        for plugin in file.view("plugins")
        if str(plugin["type"]) in _OTHER_PLUGINS
    ]
    return Fail(listed(found, 6)) if found else Pass("neither links, chains nor CNI files of another network")


NODE_038 = CATALOGUE.rule(
    "ZT-NODE-038",
    "low",
    stages=("node", "network"),
    title="Which links carry the cluster is decided, not found",
    why="Without devices Cilium takes every link with a default route. On a node with two, services and masquerading are then "
    "on both, and which one pods leave by may change with an upgrade.",
    remediation="Name the links in cilium_values, for example devices: [eth0].",
    source="https://docs.cilium.io/en/stable/network/kubernetes/kubeproxy-free/#devices-and-node-addresses",
)


@NODE_038.check(each=facts.answering_nodes)
def _devices(evidence: Evidence, host: str) -> Answer:
    node = evidence.node(host)
    names = {link["index"]: str(link["name"]) for link in node.view("links")}
    found = sorted({names.get(index, str(index)) for route in node.view("default_routes") for index in route.view("links").raw})
    if len(found) < 2:
        return Pass(f"the default route is over {listed(found)}" if found else "there is no default route")
    if "cilium" in evidence.charts and facts.effective(evidence, "chart cilium").find("devices", ""):
        return Pass(f"default routes over {listed(found)}; devices is set")
    return Fail(f"default routes over {listed(found)}, and devices is not set in Cilium's values")


NODE_039 = CATALOGUE.rule(
    "ZT-NODE-039",
    "high",
    stages=("node", "network"),
    title="The node has an address of each family Cilium is to serve",
    why="The agent does not start for a family the node has no address of, or which its kernel has switched off.",
    remediation="Give the node an address of that family and the kubelet both by --node-ip, or set ipv4.enabled and "
    "ipv6.enabled in cilium_values to what the nodes have.",
    source="https://docs.cilium.io/en/stable/network/concepts/routing/#requirements-on-the-network",
)


@NODE_039.check(each=facts.answering_nodes)
def _families(evidence: Evidence, host: str) -> Answer:
    node = evidence.node(host)
    own = {
        f"ipv{address.version}"
        for link in node.view("links")
        if not str(link["name"]).startswith(("cilium_", "lxc"))
        for address in (ipaddress.ip_interface(str(one)) for one in link.view("addresses").raw)
        if not address.is_link_local and not address.is_loopback
    }
    wrong = []
    for family in ("ipv4", "ipv6"):
        if not facts.family(evidence, family):
            continue
        if family not in own:
            wrong.append(f"{family}.enabled, and no link has such an address")
        if family == "ipv6" and str(node.view("sysctls").view("net.ipv6.conf.all.disable_ipv6")["value"]) == "1":
            wrong.append("ipv6.enabled, and net.ipv6.conf.all.disable_ipv6 is 1")
    return Fail("; ".join(wrong)) if wrong else Pass(listed(sorted(own)))
