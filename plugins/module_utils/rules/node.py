# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about nodes as members of the cluster: that they answer, are ready, and are the ones the inventory means."""

from __future__ import annotations

from collections.abc import Iterator

from ..evidence.bundle import Evidence, Missing
from . import facts
from .facts import VERIFY, listed
from .rule import Answer, Catalogue, Fail, Pass

CATALOGUE = Catalogue("node")


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


NODE_044 = CATALOGUE.rule(
    "ZT-NODE-044",
    "high",
    stages=("node",),
    title="The node is a machine of its own, run by systemd",
    why="A container shares its host's kernel, modules and settings: what is set there is its host's. Without systemd nothing "
    "reads modules-load.d and sysctl.d at boot, and a node loses its settings with the first reboot.",
    remediation="Take machines or virtual machines with systemd as nodes.",
    source="https://www.freedesktop.org/software/systemd/man/latest/sd_booted.html",
)


@NODE_044.check(each=facts.answering_nodes)
def _machine(evidence: Evidence, host: str) -> Answer:
    found = evidence.node(host).view("init")
    if found["container"]:
        return Fail(f"it is a container ({found['container']})")
    return Pass("run by systemd") if found["systemd"] else Fail("there is no /run/systemd/system: systemd did not start it")
