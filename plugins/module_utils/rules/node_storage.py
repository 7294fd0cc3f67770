# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about where the platform writes and runs from: mounts, folders, room, memory, swap."""

from __future__ import annotations

import re
from typing import Any

from ..evidence import versions
from ..evidence.bundle import Evidence, View
from . import facts
from .facts import VERIFY, listed
from .rule import Answer, Catalogue, Fail, Pass

CATALOGUE = Catalogue("node")

_EVICTION = "https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/#hard-eviction-thresholds"


NODE_029 = CATALOGUE.rule(
    "ZT-NODE-029",
    "high",
    stages=("node", "network"),
    title="The node is on cgroup v2",
    why="From 1.35 on the kubelet does not start on cgroup v1 unless it is told to, and Cilium's socket load balancing hangs "
    "on the root of cgroup v2.",
    remediation="Boot with systemd.unified_cgroup_hierarchy=1 on the kernel's command line.",
    source="https://kubernetes.io/docs/concepts/architecture/cgroups/",
)


@NODE_029.check(each=facts.answering_nodes)
def _cgroup(evidence: Evidence, host: str) -> Answer:
    version = evidence.node(host)["cgroup_version"]
    return Pass("cgroup v2") if version == 2 else Fail("controllers are on cgroup v1 (or the hybrid layout)")


NODE_030 = CATALOGUE.rule(
    "ZT-NODE-030",
    "high",
    stages=("network",),
    title="The BPF filesystem is mounted",
    why="Cilium keeps its maps there over a restart of the agent. Without it every restart cuts every connection of the "
    "node's pods.",
    remediation="Enable sys-fs-bpf.mount of systemd, or put it into /etc/fstab: bpffs /sys/fs/bpf bpf defaults 0 0",
    source="https://docs.cilium.io/en/stable/operations/system_requirements/#mounted-ebpf-filesystem",
)


@NODE_030.check(each=facts.answering_nodes, moments=VERIFY)
def _bpffs(evidence: Evidence, host: str) -> Answer:
    there = evidence.node(host).view("mounts")["/sys/fs/bpf"]
    return Pass("/sys/fs/bpf") if there else Fail("/sys/fs/bpf is no BPF filesystem")


NODE_031 = CATALOGUE.rule(
    "ZT-NODE-031",
    "blocker",
    stages=("node", "network", "mesh"),
    title="The platform's folders can be written to, and its plugins run",
    why="Cilium and istio-cni put their plugins and files there at every start. On a read-only mount they cannot, and from a "
    "mount with noexec the runtime cannot start them: no pod gets a network.",
    remediation="Mount it read-write (mount -o remount,rw <mount>) and without noexec, in /etc/fstab as well. A filesystem "
    "that went read-only by itself has errors: see dmesg.",
    source="https://github.com/containernetworking/cni/blob/main/SPEC.md#section-4-plugin-delegation",
)


@NODE_031.check(each=facts.answering_nodes)
def _writable(evidence: Evidence, host: str) -> Answer:
    node = evidence.node(host)
    folders, bin_dir = node.view("folders"), str(node.view("cni")["bin_dir"])
    wrong = []
    for path in folders:
        folder = folders.view(path)
        if folder["read_only"]:
            wrong.append(f"{path} is on a read-only mount ({folder['mount']})")
        if path == bin_dir and folder["noexec"]:
            wrong.append(f"{path} is on a mount with noexec ({folder['mount']})")
    # A folder that could not be looked at is no folder that is well.
    folders.view(bin_dir)
    return Fail("; ".join(wrong)) if wrong else Pass(f"{len(folders)} folders")


NODE_032 = CATALOGUE.rule(
    "ZT-NODE-032",
    "high",
    stages=("node",),
    title="There is room where the kubelet and the runtime write",
    why="Below its eviction thresholds the kubelet puts pods off the node and taints it: the platform's pods do not start there.",
    remediation="Make room (crictl rmi --prune, journalctl --vacuum-size=200M), or enlarge the filesystem.",
    source=_EVICTION,
)

# Signal of the kubelet, its default threshold, the folder and which of its numbers.
_SIGNALS = (
    ("nodefs.available", "10%", "/var/lib/kubelet", "mb"),
    ("nodefs.inodesFree", "5%", "/var/lib/kubelet", "inodes"),
    ("imagefs.available", "15%", "/var/lib/containerd", "mb"),
    ("imagefs.inodesFree", "5%", "/var/lib/containerd", "inodes"),
)
_UNITS = {"": 1 / 2**20, "Ki": 1 / 2**10, "Mi": 1, "Gi": 2**10, "Ti": 2**20, "k": 1e3 / 2**20, "M": 1e6 / 2**20, "G": 1e9 / 2**20}


@NODE_032.check(each=facts.answering_nodes)
def _room(evidence: Evidence, host: str) -> Answer:
    node = evidence.node(host)
    disk = node.view("disk")
    given = node.view("kubelet").view("config").get("evictionHard")
    thresholds = given.raw if isinstance(given, View) else {}
    short = []
    for signal, default, path, number in _SIGNALS:
        # The runtime may not be containerd, or keep its images elsewhere.
        if path != "/var/lib/kubelet" and path not in disk:
            continue
        space = disk.view(path)
        free, total = int(space[f"free_{number}"]), int(space[f"total_{number}"])
        floor = _floor(thresholds.get(signal, default), total, number)
        if free < floor:
            unit = "MiB" if number == "mb" else "inodes"
            short.append(f"{path} has {free} of {total} {unit} left ({signal} is {thresholds.get(signal, default)})")
    for path in ("/etc", "/var"):
        space = disk.view(path)
        if space["free_mb"] == 0 or (space["free_inodes"] == 0 and space["total_inodes"] > 0):
            short.append(f"{path} is full")
    return Fail("; ".join(short)) if short else Pass("above every eviction threshold")


def _floor(threshold: Any, total: int, number: str) -> float:
    """In MiB or inodes. What is no quantity is no threshold: the kubelet would not have started with it."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(%|[KMGT]i|[kMG])?", str(threshold))
    if not match:
        return 0
    amount, unit = float(match[1]), match[2] or ""
    if unit == "%":
        return total * amount / 100
    return amount * _UNITS[unit] * (1 if number == "mb" else 2**20)


NODE_033 = CATALOGUE.rule(
    "ZT-NODE-033",
    "medium",
    stages=("node",),
    title="The node has the memory that Kubernetes asks for",
    why="Below it kubeadm refuses a control-plane node; the agents of Cilium and Istio come on top on every node.",
    remediation="Give the machine at least 2 GiB.",
    source="https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/install-kubeadm/#before-you-begin",
)


@NODE_033.check(each=facts.answering_nodes)
def _memory(evidence: Evidence, host: str) -> Answer:
    have = int(evidence.node(host)["memory_mb"])
    if have < versions.MEMORY_MB:
        return Fail(f"{have} MiB, kubeadm asks for {versions.MEMORY_MB}")
    return Pass(f"{have} MiB")


NODE_034 = CATALOGUE.rule(
    "ZT-NODE-034",
    "high",
    stages=("node",),
    title="The kubelet starts with the swap there is",
    why="With swap on, the kubelet does not start unless failSwapOn is false; one that runs was started before, and stays "
    "down at the next restart.",
    remediation="swapoff -a, and take swap out of /etc/fstab and systemd's *.swap units; or set failSwapOn: false in the "
    "kubelet's configuration.",
    source="https://kubernetes.io/docs/concepts/cluster-administration/swap-memory-management/",
)


@NODE_034.check(each=facts.answering_nodes)
def _swap(evidence: Evidence, host: str) -> Answer:
    used = [str(name) for name in evidence.node(host).view("swaps")]
    if not used:
        return Pass("no swap")
    if facts.is_false(facts.kubelet(evidence, host, "fail-swap-on", "failSwapOn", True)):
        return Pass(f"{listed(used)}, which the kubelet is told to bear with")
    return Fail(f"swap is on: {listed(used)}")


NODE_035 = CATALOGUE.rule(
    "ZT-NODE-035",
    "high",
    stages=("node", "network"),
    title="Only root can change what the container runtime runs",
    why="The runtime runs CNI plugins as root for every pod. Who can write into these folders is root on the node.",
    remediation="chown root:root <path> && chmod go-w <path>",
    source="https://github.com/aquasecurity/kube-bench/blob/main/cfg/cis-1.12/master.yaml",
)


@NODE_035.check(each=facts.answering_nodes)
def _only_root(evidence: Evidence, host: str) -> Answer:
    node = evidence.node(host)
    cni, folders = node.view("cni"), node.view("folders")
    wrong = []
    for path in (str(cni["conf_dir"]), str(cni["bin_dir"])):
        folder = folders.view(path)
        if folder["exists"] and (folder["owner"] != 0 or int(str(folder["mode"]), 8) & 0o022):
            wrong.append(f"{path} belongs to user {folder['owner']}, mode {folder['mode']}")
    wrong += [
        f"{cni['conf_dir']}/{file['name']} has mode {file['mode']}"
        for file in cni.view("files")
        if int(str(file.get("mode", "0")), 8) & 0o022
    ]
    binaries = cni.view("binaries").raw
    # Evidence of before they were asked for has the folder's own mode only.
    wrong += [
        f"{cni['bin_dir']}/{one['name']} belongs to user {one['owner']}, mode {one['mode']}"
        for one in binaries
        if "mode" in one and (one["owner"] != 0 or int(one["mode"], 8) & 0o022)
    ]
    return Fail(listed(wrong, 5)) if wrong else Pass(f"the CNI folders, their files and {len(binaries)} plugins")


NODE_071 = CATALOGUE.rule(
    "ZT-NODE-071",
    "high",
    stages=("node", "mesh"),
    title="Only root can read the credentials of CNI plugins",
    why="A plugin's kubeconfig in the CNI folder holds a token for the API server. Whoever has an account on the node, or a pod "
    "with "
    "that folder, can read pods and Secrets with it as the plugin does.",
    remediation="chown root:root <file> && chmod 0600 <file>; of a network that is gone, delete it.",
    source="https://github.com/aquasecurity/kube-bench/blob/main/cfg/cis-1.12/master.yaml",
)


@NODE_071.check(each=facts.answering_nodes)
def _credentials(evidence: Evidence, host: str) -> Answer:
    cni = evidence.node(host).view("cni")
    found = [one for one in cni.view("others").raw if "kubeconfig" in one["name"] and "mode" in one]
    wrong = [
        f"{cni['conf_dir']}/{one['name']} belongs to user {one['owner']}, mode {one['mode']}"
        for one in found
        if one["owner"] != 0 or int(one["mode"], 8) & 0o077
    ]
    return Fail(listed(wrong, 5)) if wrong else Pass(f"{len(found)} files")
