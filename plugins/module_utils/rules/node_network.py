# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about a node's own network: links, addresses, ports, and what else acts on them."""

from __future__ import annotations

from ..evidence import networkd, platform_ports
from ..evidence.bundle import Evidence
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
