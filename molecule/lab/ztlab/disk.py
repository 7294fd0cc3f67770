# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
"""Node disks: a Debian with its own kernel, containerd and kubelet, as a bare-metal node before any CNI."""

from __future__ import annotations

import shutil
import subprocess
import textwrap
from dataclasses import dataclass
from pathlib import Path

from ztlab import go, images, paths, registry
from ztlab.artifacts import Artifact, digest
from ztlab.console import run_logged

DISK_GB = 10
_PACKAGES = [
    "systemd-sysv",
    "dbus",
    "udev",
    "openssh-server",
    "python3",
    "linux-image-cloud-amd64",
    "initramfs-tools",
    "containerd",
    "runc",
    "crun",
    "containernetworking-plugins",
    "nftables",
    "iptables",
    "ipset",
    "ufw",
    "firewalld",
    "iproute2",
    "iputils-ping",
    "kmod",
    "procps",
    "ca-certificates",
    "conntrack",
    "ethtool",
    "socat",
    "mount",
    "util-linux",
    "systemd-timesyncd",
]


@dataclass(frozen=True)
class Release:
    suite: str
    kernel: str


RELEASES = {"debian13": Release("trixie", "6.12"), "debian12": Release("bookworm", "6.1")}

_FILES = {
    # Everything that makes one node different comes from its seed: a tar on the second disk, unpacked before the network starts.
    "etc/systemd/system/lab-seed.service": """
        [Unit]
        Description=Unpack this node's own settings
        DefaultDependencies=no
        After=local-fs.target systemd-remount-fs.service
        Before=network-pre.target sysinit.target systemd-networkd.service
        Wants=network-pre.target
        ConditionPathExists=!/var/lib/lab-seeded
        [Service]
        Type=oneshot
        RemainAfterExit=yes
        ExecStart=/usr/bin/tar -xf /dev/vdb -C / --no-same-owner
        ExecStart=/usr/bin/touch /var/lib/lab-seeded
        [Install]
        WantedBy=sysinit.target
        """,
    "etc/systemd/system/kubelet.service": """
        [Unit]
        Description=kubelet
        After=containerd.service network-online.target
        Wants=containerd.service network-online.target
        [Service]
        EnvironmentFile=/etc/kubernetes/kubelet.env
        ExecStart=/usr/local/bin/kubelet --config=/etc/kubernetes/kubelet.yaml $KUBELET_ARGS
        Restart=always
        RestartSec=3
        [Install]
        WantedBy=multi-user.target
        """,
    # One mirror for every registry: the way an on-premises site works without internet.
    "etc/containerd/certs.d/_default/hosts.toml": """
        [host."http://192.168.66.1:5000"]
          capabilities = ["pull", "resolve"]
        """,
    "etc/systemd/network/10-lab.network": """
        [Match]
        Name=eth0
        [Network]
        KeepConfiguration=yes
        """,
    "etc/resolv.conf": "nameserver 192.168.66.1\n",
    "etc/fstab": "/dev/vda / ext4 defaults,noatime 0 0\n",
    "etc/modules-load.d/containerd.conf": "overlay\n",
}

# crun starts a container in 4 s where runc takes 7 on an emulated node.
_CONTAINERD = """
        version = 2
        [plugins."io.containerd.grpc.v1.cri"]
          sandbox_image = "registry.k8s.io/pause:3.10"
          [plugins."io.containerd.grpc.v1.cri".registry]
            config_path = "/etc/containerd/certs.d"
          [plugins."io.containerd.grpc.v1.cri".cni]
            bin_dir = "/opt/cni/bin"
            conf_dir = "/etc/cni/net.d"
          [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
            runtime_type = "io.containerd.runc.v2"
            [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
              BinaryName = "/usr/bin/crun"
              SystemdCgroup = true
        """

# Firewalls a node may have: installed, and off until a scenario turns one on.
_UNITS_OFF = [
    "firewalld.service",
    "ufw.service",
    "apt-daily.timer",
    "apt-daily-upgrade.timer",
    "dpkg-db-backup.timer",
    "e2scrub_all.timer",
    "e2scrub_reap.service",
    "fstrim.timer",
    "getty@tty1.service",
    "systemd-timesyncd.service",
]
_UNITS_ON = [
    "lab-seed.service",
    "kubelet.service",
    "containerd.service",
    "ssh.service",
    "systemd-networkd.service",
    "systemd-networkd-wait-online.service",
]


def node_disk(kind: str) -> Artifact:
    """Base disk of a kind of node: `disk.raw`, `vmlinuz`, `initrd`."""
    release = RELEASES[kind]
    kubernetes, stored, tools = go.binaries("kubernetes"), images.registry_storage(), go.binaries("tools")

    def build(folder: Path) -> None:
        root = folder / "root"
        kubelet = kubernetes.ensure() / "kubelet"
        run_logged(
            [
                "mmdebstrap",
                "--variant=minbase",
                "--components=main",
                '--aptopt=APT::Install-Recommends "false"',
                "--dpkgopt=path-exclude=/usr/share/doc/*",
                "--dpkgopt=path-exclude=/usr/share/man/*",
                "--dpkgopt=path-exclude=/usr/share/locale/*",
                f"--include={','.join(_PACKAGES)}",
                '--customize-hook=rm -f "$1"/etc/ssh/ssh_host_*',
                release.suite,
                str(root),
            ],
            paths.LOGS / f"disk-{kind}.log",
        )
        _furnish(root, release, kubelet)
        _preload(root, stored.ensure(), tools.ensure(), folder)
        for name in ("vmlinuz", "initrd.img"):
            shutil.copyfile(next((root / "boot").glob(f"{name}-*")), folder / name.removesuffix(".img"))
        disk = folder / "disk.raw"
        with disk.open("wb") as raw:
            raw.truncate(DISK_GB * 2**30)
        run_logged(
            ["mkfs.ext4", "-q", "-F", "-L", "root", "-E", "lazy_itable_init=1", "-d", str(root), str(disk)],
            paths.LOGS / f"mkfs-{kind}.log",
        )
        shutil.rmtree(root)

    key = digest(
        kind,
        release.suite,
        " ".join(_PACKAGES),
        repr(_FILES),
        _CONTAINERD,
        " ".join([*_UNITS_ON, *_UNITS_OFF]),
        _PRELOAD,
        kubernetes.key,
        stored.key,
        str(DISK_GB),
    )
    return Artifact(f"disk-{kind}", key, build, f"building the {kind} node disk")


# Pulling on an emulated node takes minutes, so the node's own containerd pulls here, at native speed, before its disk is made.
_PRELOAD = """
set -e
mount -t proc proc /proc
containerd >/var/log/preload.log 2>&1 &
for _ in $(seq 100); do ctr version >/dev/null 2>&1 && break; sleep 0.1; done
while read -r reference; do
    ctr --namespace k8s.io images pull --hosts-dir /preload/certs.d "$reference" >/dev/null
    ctr --namespace k8s.io images label "$reference" io.cri-containerd.image=managed >/dev/null
done </preload/references
kill %1
wait || true
"""


def _preload(root: Path, stored: Path, tools: Path, work: Path) -> None:
    inside = root / "preload"
    with registry.serving(stored / "storage", tools, work, readonly=True) as address:
        hosts = inside / "certs.d/_default"
        hosts.mkdir(parents=True)
        (hosts / "hosts.toml").write_text(f'[host."http://{address}"]\n  capabilities = ["pull", "resolve"]\n')
        shutil.copyfile(stored / "references", inside / "references")
        run_logged(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", "chroot", str(root), "/bin/bash", "-c", _PRELOAD],
            paths.LOGS / "preload.log",
        )
    for leftover in (inside, root / "run/containerd", root / "var/log/preload.log"):
        shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink(missing_ok=True)


def _furnish(root: Path, release: Release, kubelet: Path) -> None:
    for name, text in {**_FILES, "etc/containerd/config.toml": _CONTAINERD}.items():
        target = root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        target.write_text(textwrap.dedent(text).lstrip())
    (root / "etc/machine-id").write_text("")
    shutil.copy2(kubelet, root / "usr/local/bin/kubelet")
    (root / "opt/cni/bin").mkdir(parents=True, exist_ok=True)
    for plugin in (root / "usr/lib/cni").iterdir():
        shutil.copy2(plugin, root / "opt/cni/bin" / plugin.name)
    (root / "etc/cni/net.d").mkdir(parents=True, exist_ok=True)
    for verb, units in (("enable", _UNITS_ON), ("mask", _UNITS_OFF)):
        subprocess.run(["systemctl", f"--root={root}", "--quiet", verb, *units], check=True, capture_output=True)
