# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about nodes as members of the cluster: that they answer, are ready, and are the ones the inventory means."""

from __future__ import annotations

from collections.abc import Iterator

from ..evidence.bundle import Evidence, Missing, View
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
        if not any(str(address).partition("/")[0] in said for link in links for address in link.get("addresses").raw):
            return Fail(f"Kubernetes says {listed(said)}, which is on no link of the node")
    return Pass(f"{listed(said)}")


NODE_016 = CATALOGUE.rule(
    "ZT-NODE-016",
    "blocker",
    stages=("node", "network", "policy", "mesh", "enforcement"),
    title="Every node of the inventory answers",
    why="What a node does not say cannot be judged: not its kernel, its peers nor its CNI file. No change begins on a guess.",
    remediation="Make the node reachable (ansible -m ping <node>), or take it out of the inventory. While it is down, "
    "accept this for it (zerotrust_accepted): site.yml --tags node goes on with the others, and the next run catches it up. With "
    "--limit, name the driver and all nodes of its cluster: who lets in whom, and who sees whom, is a matter of all of them.",
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
    "Kubernetes. To prepare a node that joins later, accept this for it (zerotrust_accepted) with site.yml --tags node.",
    source="docs/evidence_cluster.md",
)


@NODE_020.check()
def _same_nodes(evidence: Evidence) -> Iterator[Pass | Fail]:
    known = set(evidence.api.view("nodes").raw)
    wanted = facts.hosts_by_node_name(evidence)
    has = listed(sorted(known))
    for name in sorted(set(wanted) - known):
        yield Fail(f"the cluster has no node {name!r}; it has {has}", subject=wanted[name])
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


NODE_008 = CATALOGUE.rule(
    "ZT-NODE-008",
    "high",
    stages=("node", "network", "mesh"),
    title="The runtime reads where Cilium and istio-cni write",
    why="k3s, microk8s and hand-made containerd configurations keep CNI files elsewhere. What is written where nobody reads "
    "gives pods no network, or one without the mesh.",
    remediation="Set the folders alike: containerd's cni.conf_dir and bin_dir, cni.confPath and cni.binPath in cilium_values, "
    "cniConfDir and cniBinDir of the istio-cni chart, zerotrust_cni_conf_dir and zerotrust_cni_bin_dir.",
    source="https://istio.io/latest/docs/ambient/install/platform-prerequisites/",
)

_FOLDERS = {
    "conf_dir": (("cilium", "cni.confPath"), ("cni", "cniConfDir")),
    "bin_dir": (("cilium", "cni.binPath"), ("cni", "cniBinDir")),
}


@NODE_008.check(each=facts.answering_nodes)
def _cni_folders(evidence: Evidence, host: str) -> Answer:
    node = evidence.node(host)
    runtime = node.view("runtime").view("containerd")
    if not runtime["running"]:
        return None
    wrong, used = [], []
    for key, written in _FOLDERS.items():
        read = str(runtime[f"cni_{key}"])
        used.append(read)
        if str(node.view("cni")[key]) != read:
            wrong.append(f"containerd reads {read}, and zerotrust_cni_{key} is {node.view('cni')[key]}")
        for chart, value in written:
            given = facts.effective(evidence, f"chart {chart}").find(value) if chart in evidence.charts else None
            if given and str(given).rstrip("/") != read.rstrip("/"):
                wrong.append(f"containerd reads {read}, and {value} of chart {chart} is {given}")
    return Fail("; ".join(wrong)) if wrong else Pass(listed(used))


NODE_013 = CATALOGUE.rule(
    "ZT-NODE-013",
    "medium",
    stages=("node", "network"),
    title="A new node takes no pods before Cilium runs on it",
    why="Where another CNI file is on the node, it is Ready before Cilium is: pods start on that network and stay outside "
    "every policy.",
    remediation="Register nodes with the taint (registerWithTaints in the kubelet's configuration: key "
    "node.cilium.io/agent-not-ready, value true, effect NoExecute; Cilium takes it off), or remove the other file.",
    source="https://docs.cilium.io/en/stable/installation/taints/",
)


@NODE_013.check(each=facts.answering_nodes)
def _cilium_taint(evidence: Evidence, host: str) -> Answer:
    others = [
        str(file["name"])
        for file in evidence.node(host).view("cni").view("files")
        if not any(plugin["type"] in ("cilium-cni", "istio-cni") for plugin in file.view("plugins"))
    ]
    if not others:
        return Pass("no other network's CNI file is there")
    key = "node.cilium.io/agent-not-ready"
    if "cilium" in evidence.charts:
        key = str(facts.effective(evidence, "chart cilium").find("agentNotReadyTaintKey") or key)
    return Pass(f"registers with {key}") if _registers(evidence, host, key) else Fail(f"{listed(others)}, and no taint {key}")


NODE_014 = CATALOGUE.rule(
    "ZT-NODE-014",
    "medium",
    stages=("mesh",),
    title="The taint that istiod takes off is put on by the kubelet",
    why="taint.enabled only removes the taint once istio-cni is ready; nobody adds it. Without it pods start before istio-cni "
    "and stay outside the mesh.",
    remediation="Register nodes with it (registerWithTaints in the kubelet's configuration: key cni.istio.io/not-ready, effect "
    "NoSchedule), or set taint.enabled: false.",
    source="https://github.com/istio/istio/issues/52073",
)


@NODE_014.check(each=facts.answering_nodes)
def _istio_taint(evidence: Evidence, host: str) -> Answer:
    if "istiod" not in evidence.charts:
        return None
    values = facts.effective(evidence, "chart istiod")
    if not facts.holds(values.find("taint.enabled", False)):
        return Pass("taint.enabled is off")
    key = str(values.find("taint.name") or "cni.istio.io/not-ready")
    return Pass(f"registers with {key}") if _registers(evidence, host, key) else Fail(f"taint.enabled, and no taint {key}")


def _registers(evidence: Evidence, host: str, key: str) -> bool:
    given = facts.kubelet(evidence, host, "register-with-taints", "registerWithTaints")
    if isinstance(given, View):
        return any(isinstance(taint, dict) and taint.get("key") == key for taint in given.raw)
    return any(taint.partition("=")[0].partition(":")[0] == key for taint in str(given or "").split(","))


NODE_037 = CATALOGUE.rule(
    "ZT-NODE-037",
    "high",
    stages=("node",),
    title="The machine is the node the inventory means",
    why="The kubelet registers under the machine's host name. Where that is another, what is read and changed here is not "
    "what the cluster's node of that name runs on.",
    remediation="Correct ansible_host, or set zerotrust_node_name to the name the node has in Kubernetes.",
    source="https://kubernetes.io/docs/concepts/architecture/nodes/#node-name-uniqueness",
)


@NODE_037.check(each=facts.answering_nodes)
def _own_name(evidence: Evidence, host: str) -> Answer:
    node = evidence.node(host)
    wanted, own = facts.node_name(evidence, host), str(node["hostname"]).strip().lower()
    if own == wanted:
        return Pass(own)
    kubelet = node.view("kubelet")
    arguments = [str(one) for one in kubelet.view("args").raw] if kubelet["running"] else []
    names = [one.partition("=")[2].lower() for one in arguments if one.startswith("--hostname-override=")]
    if names:
        return (
            Pass(f"{wanted} (hostname-override)")
            if wanted in names
            else Fail(f"its kubelet registers as {names[-1]}, not {wanted}")
        )
    if any(one.startswith("--cloud-provider=") for one in arguments):
        return Pass("a cloud provider names it")
    return Fail(f"its host name is {own}, and its name in Kubernetes {wanted}")
