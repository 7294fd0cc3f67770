# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
"""Virtual nodes: their disk, what makes one differ from another, and their process."""

from __future__ import annotations

import subprocess
import tarfile
import textwrap
import uuid
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from ztlab import network, qemu, snapshot
from ztlab.console import LabError
from ztlab.pki import Authority
from ztlab.supervisor import Program

MEMORY_MB = 3072


@dataclass(frozen=True)
class Node:
    """A node of a cluster: its number (from 1) gives its name and address."""

    number: int
    kind: str

    @property
    def name(self) -> str:
        return f"node{self.number}"

    @property
    def address(self) -> str:
        return network.node_address(self.number)

    @property
    def tap(self) -> str:
        return f"tap{self.number}"


def nodes(kinds: list[str]) -> list[Node]:
    """The nodes of a cluster, one of each kind asked for, in that order."""
    return [Node(number, kind) for number, kind in enumerate(kinds, start=1)]


def create_disk(folder: Path, node: Node, base: Path) -> None:
    """A node's own disk: what differs from the base image of its kind."""
    overlay = folder / f"{node.name}.qcow2"
    if not overlay.exists():
        command = [
            qemu.program("qemu-img"),
            "create",
            "-q",
            "-f",
            "qcow2",
            "-F",
            "raw",
            "-b",
            str(base / "disk.raw"),
            str(overlay),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise LabError(f"{overlay}: {done.stderr.strip()}")


def write_seed(folder: Path, node: Node, authority: Authority, authorized_key: str, api: str) -> None:
    """The tar a node unpacks at its first boot: its address, ssh host key, and kubelet identity."""
    pki = authority.folder
    authority.issue(node.name, f"system:node:{node.name}", organization="system:nodes", hosts=(node.name, node.address))
    authority.issue(f"{node.name}-client", f"system:node:{node.name}", organization="system:nodes")
    host_key = folder / f"{node.name}.ssh_host_ed25519_key"
    if not host_key.exists():
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", node.name, "-f", str(host_key)], check=True)
    # Housekeeping every minute: on an emulated processor the kubelet's own accounting would cost a fifth of it.
    arguments = [
        "--kubeconfig=/etc/kubernetes/kubelet.conf",
        f"--node-ip={node.address}",
        f"--hostname-override={node.name}",
        "--housekeeping-interval=60s",
    ]
    files = {
        "etc/hostname": (f"{node.name}\n", 0o644),
        "etc/hosts": (f"127.0.0.1 localhost\n{node.address} {node.name}\n", 0o644),
        "etc/systemd/network/10-lab.network": (
            f"[Match]\nName=eth0\n[Network]\nAddress={node.address}/{network.PREFIX}\nGateway={network.GATEWAY}\n",
            0o644,
        ),
        "root/.ssh/authorized_keys": (authorized_key, 0o600),
        "etc/ssh/ssh_host_ed25519_key": (host_key.read_text(), 0o600),
        "etc/ssh/ssh_host_ed25519_key.pub": (Path(f"{host_key}.pub").read_text(), 0o644),
        "etc/kubernetes/pki/ca.crt": (authority.certificate_file.read_text(), 0o644),
        "var/lib/kubelet/pki/kubelet.crt": ((pki / f"{node.name}.crt").read_text(), 0o644),
        "var/lib/kubelet/pki/kubelet.key": ((pki / f"{node.name}.key").read_text(), 0o600),
        "etc/kubernetes/kubelet.conf": (authority.kubeconfig(f"{node.name}-client", api), 0o600),
        "etc/kubernetes/kubelet.env": (f"KUBELET_ARGS={' '.join(arguments)}\n", 0o644),
        "etc/kubernetes/kubelet.yaml": (_KUBELET, 0o644),
    }
    with tarfile.open(folder / f"{node.name}.seed.tar", "w") as tar:
        for name, (text, mode) in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(text.encode()), mode
            tar.addfile(info, BytesIO(text.encode()))


def program(folder: Path, node: Node, base: Path) -> Program:
    machine_id = uuid.uuid5(uuid.NAMESPACE_OID, f"{folder}/{node.name}").hex
    # What follows `quiet` makes an emulated node quicker: addresses are shared and so translated once, no watchdog ticks, and
    # timers fire at 250 ticks a second, not 1,500 times between them.
    kernel = (
        "root=/dev/vda rw console=ttyS0 net.ifnames=0 fsck.mode=skip quiet "
        "mitigations=off audit=0 norandmaps nowatchdog highres=off tsc=reliable "
        f"systemd.hostname={node.name} systemd.machine_id={machine_id}"
    )
    command = (
        qemu.program("qemu-system-x86_64"),
        *qemu.machine(base),
        "-name",
        node.name,
        "-m",
        str(MEMORY_MB),
        "-smp",
        "1",
        "-display",
        "none",
        "-serial",
        f"file:{folder}/logs/{node.name}.console",
        "-monitor",
        "none",
        "-qmp",
        f"unix:{snapshot.socket(folder, node.name)},server=on,wait=off",
        "-kernel",
        f"{base}/vmlinuz",
        "-initrd",
        f"{base}/initrd",
        "-append",
        kernel,
        "-drive",
        f"file={folder}/{node.name}.qcow2,if=virtio,cache=unsafe,discard=unmap",
        "-drive",
        f"file={folder}/{node.name}.seed.tar,if=virtio,format=raw,readonly=on",
        "-netdev",
        f"tap,id=n0,ifname={node.tap},script=no,downscript=no",
        "-device",
        f"virtio-net-pci,netdev=n0,mac={network.node_mac(node.number)}",
        "-device",
        "virtio-rng-pci",
    )
    return Program(node.name, command, restart=False, stop_seconds=3)


_KUBELET = textwrap.dedent(f"""\
    apiVersion: kubelet.config.k8s.io/v1beta1
    kind: KubeletConfiguration
    authentication:
      anonymous: {{enabled: false}}
      webhook: {{enabled: true}}
      x509: {{clientCAFile: /etc/kubernetes/pki/ca.crt}}
    authorization: {{mode: Webhook}}
    cgroupDriver: systemd
    clusterDNS: [{network.DNS_ADDRESS}]
    clusterDomain: cluster.local
    containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
    failSwapOn: false
    serializeImagePulls: true
    runtimeRequestTimeout: 10m
    resolvConf: /etc/resolv.conf
    tlsCertFile: /var/lib/kubelet/pki/kubelet.crt
    tlsPrivateKeyFile: /var/lib/kubelet/pki/kubelet.key
    """)
