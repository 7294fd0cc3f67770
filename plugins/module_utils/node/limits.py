# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How full the kernel's tables are that all pods of a node share."""

from __future__ import annotations

from typing import Callable

from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.host import Host, Unreadable

_CONNECTIONS = "/proc/sys/net/netfilter/nf_conntrack_count"


def read(host: Host) -> dict[str, dict[str, int]]:
    """Name to `used` and `limit`. Connections are not counted where nothing tracks them."""
    parts: dict[str, Callable[[Host], tuple[int, int]]] = {"files": _files, "neighbours": _neighbours, "threads": _threads}
    if host.exists(_CONNECTIONS):
        parts["connections"] = _connections
    found = {}
    for name, count in parts.items():
        used, limit = count(host)
        found[name] = {"used": used, "limit": limit}
    return found


def _connections(host: Host) -> tuple[int, int]:
    return _number(host, _CONNECTIONS), _number(host, "/proc/sys/net/netfilter/nf_conntrack_max")


def _files(host: Host) -> tuple[int, int]:
    used, _free, limit = _numbers(host, "/proc/sys/fs/file-nr")[:3]
    return used, limit


def _neighbours(host: Host) -> tuple[int, int]:
    """IPv4's: with native routing every other node on the link is one."""
    lines = host.text("/proc/net/arp").splitlines()
    return max(len(lines) - 1, 0), _number(host, "/proc/sys/net/ipv4/neigh/default/gc_thresh3")


def _threads(host: Host) -> tuple[int, int]:
    """Each takes a process id."""
    total = host.text("/proc/loadavg").split()[3].partition("/")[2]
    return int(total), min(_number(host, "/proc/sys/kernel/pid_max"), _number(host, "/proc/sys/kernel/threads-max"))


def _number(host: Host, path: str) -> int:
    return _numbers(host, path)[0]


def _numbers(host: Host, path: str) -> list[int]:
    try:
        return [int(word) for word in host.text(path).split()]
    except ValueError:
        raise Unreadable(f"{path}: no number in it") from None
