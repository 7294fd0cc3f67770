# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether ztunnel listens in the networks of the node's pods, as the kernel tells it of each."""

from __future__ import annotations

from typing import Any, Optional

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import pod_networks, sockets
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node import socket_tables
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.host import Host, Unreadable


def read(host: Host) -> dict[str, Any]:
    """Pods with a network of their own: where ztunnel listens, where nobody does, and where somebody does on some ports only."""
    own = _network(host, host.own_process())
    if own is None:
        raise Unreadable("/proc: not allowed to see whose network is whose")
    seen: dict[str, Optional[set[int]]] = {}
    for process in host.processes():
        pod = _pod(host, process)
        if pod is None or seen.get(pod) is not None:
            continue
        network = _network(host, process)
        # The next process of this pod may tell.
        seen[pod] = None if network is None or network == own else _ports(host, process)
    ports = {pod: found for pod, found in seen.items() if found is not None}
    # Nobody but root may look at the first process: pods that are all on the node's network are another case.
    if seen and not ports and _network(host, 1) is None:
        raise Unreadable("/proc: not allowed to see the networks of other processes")
    return {
        "redirected": sorted(pod for pod, found in ports.items() if found == pod_networks.ZTUNNEL_PORTS),
        "plain": sorted(pod for pod, found in ports.items() if not found),
        "partly": [
            {"pod": pod, "ports": sorted(found)}
            for pod, found in sorted(ports.items())
            if found and found != pod_networks.ZTUNNEL_PORTS
        ],
    }


def _pod(host: Host, process: int) -> Optional[str]:
    try:
        return pod_networks.pod_of(host.text(f"/proc/{process}/cgroup"))
    except Unreadable:  # it has ended
        return None


def _network(host: Host, process: int) -> Optional[int]:
    try:
        return host.stat(f"/proc/{process}/ns/net").st_ino
    except Unreadable:  # it has ended, or is not ours to look at
        return None


def _ports(host: Host, process: int) -> Optional[set[int]]:
    try:
        tables = socket_tables.read(host, "tcp", f"/proc/{process}/net")
        return {one.port for lines in tables for one in sockets.waiting(lines, "tcp")} & pod_networks.ZTUNNEL_PORTS
    except Unreadable:
        return None
