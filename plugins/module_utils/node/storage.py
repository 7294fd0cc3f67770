# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the platform writes and what there is of room: mounts, folders, disks, memory, swap."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from functools import partial
from typing import Any

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import mounts as mounts_parser
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.host import MIB, Host, Unreadable
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.missing import Missing

DISKS = ("/", "/etc", "/var", "/var/lib/kubelet", "/var/lib/containerd")
MOUNTS = {"/sys/fs/bpf": "bpf", "/sys/fs/cgroup": "cgroup2", "/run/cilium/cgroupv2": "cgroup2"}
# Beside the CNI folders.
FOLDERS = ("/etc", "/run", "/var/lib/kubelet", "/var/lib/zerotrust")


def cgroup_version(host: Host) -> int:
    return mounts_parser.cgroup_version({mount.point: mount.kind for mount in _mounts(host)})


def mounts(host: Host) -> dict[str, bool]:
    found = {mount.point: mount.kind for mount in _mounts(host)}
    return {path: found.get(path) == kind for path, kind in MOUNTS.items()}


def _mounts(host: Host) -> list[mounts_parser.Mount]:
    return mounts_parser.parse(host.text("/proc/self/mounts", 16 * MIB))


def folders(host: Host, missing: Missing, further: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The mount a folder is on, or would be on when it is made; owner and mode of one that is there."""
    table = _mounts(host)
    found: dict[str, dict[str, Any]] = {}
    for path in (*FOLDERS, *further):
        missing.part(found, path, f"folders.{path}", partial(_folder, host, table, path))
    return found


def _folder(host: Host, table: list[mounts_parser.Mount], path: str) -> dict[str, Any]:
    real = os.path.realpath(host.path(path))
    inside = real[len(host.root) :] if real.startswith(f"{host.root}/") else path
    mount = mounts_parser.holding(table, inside)
    if mount is None:
        raise Unreadable(f"/proc/self/mounts: no mount holds {path}")
    there = host.exists(path)
    facts = {"exists": there, "mount": mount.point, "read_only": "ro" in mount.options, "noexec": "noexec" in mount.options}
    if there:
        status = host.stat(path)
        facts.update(mode=f"{stat.S_IMODE(status.st_mode):04o}", owner=status.st_uid)
    return facts


def memory_mb(host: Host) -> int:
    for line in host.text("/proc/meminfo").splitlines():
        if line.startswith("MemTotal:"):
            return int(line.split()[1]) // 1024
    raise Unreadable("/proc/meminfo: no MemTotal")


def swaps(host: Host) -> list[str]:
    """Files and devices that are swapped to. A kernel without swap has no such list."""
    return [line.split()[0] for line in (host.maybe("/proc/swaps") or "").splitlines()[1:] if line.split()]


def disk(host: Host, missing: Missing) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for path in DISKS:
        if host.exists(path):
            missing.part(found, path, f"disk.{path}", partial(_space, host, path))
        else:
            missing.note(f"disk.{path}", f"{path}: no such file or directory")
    return found


def _space(host: Host, path: str) -> dict[str, int]:
    """Some filesystems (btrfs) make inodes as they need them and say that they have 0."""
    space = host.space(path)
    return {
        "free_mb": space.free // MIB,
        "total_mb": space.total // MIB,
        "free_inodes": space.free_inodes,
        "total_inodes": space.total_inodes,
    }
