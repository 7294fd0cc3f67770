# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ports of the platform on a node: one table for the rules, the host firewall and the documentation.

From Cilium's list of firewall rules, its charts, and what kubeadm asks for. The ports of ztunnel (15001, 15006, 15008) are open
inside pods and never on a node.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from .lets_in import Network

# Who calls. `nobody` but the node itself: such a port only has to be free.
NOBODY: tuple[str, ...] = ()


class Port(NamedTuple):
    """`callers`: nodes, pods, control_plane, clients; `feature` and `value`: what has to be wanted for the port to matter."""

    port: str
    protocol: str
    component: str
    callers: tuple[str, ...] = NOBODY
    feature: str = ""
    value: Any = True
    # Whether the platform's own processes listen there, so that nobody else may.
    ours: bool = True
    # Whether nodes are cut off from one another without it.
    vital: bool = False

    def wanted(self, features: Mapping[str, Any]) -> bool:
        if self.feature == "tunnel_protocol" and features["routing"] != "tunnel":
            return False
        return not self.feature or bool(features[self.feature] == self.value)


PORTS = (
    Port("", "icmp", "health checks between nodes", ("nodes", "pods"), ours=False),
    Port("2379-2380", "tcp", "etcd", ("nodes", "control_plane"), ours=False),
    Port("4240", "tcp", "Cilium health", ("nodes", "pods"), vital=True),
    Port("4244", "tcp", "Hubble server", ("nodes", "pods"), vital=True),
    Port("6081", "udp", "Cilium tunnel (Geneve)", ("nodes",), "tunnel_protocol", "geneve", vital=True),
    Port("6443", "tcp", "Kubernetes API", ("clients",), ours=False),
    Port("8472", "udp", "Cilium tunnel (VXLAN)", ("nodes",), "tunnel_protocol", "vxlan", vital=True),
    Port("9234", "tcp", "Cilium operator"),
    Port("9878", "tcp", "Cilium Envoy health"),
    Port("9879", "tcp", "Cilium agent health"),
    Port("9890", "tcp", "Cilium agent diagnostics"),
    Port("9962", "tcp", "Cilium agent metrics", ("nodes", "pods")),
    Port("9963", "tcp", "Cilium operator metrics", ("nodes", "pods")),
    Port("9964", "tcp", "Cilium Envoy metrics", ("nodes", "pods")),
    Port("9965", "tcp", "Hubble metrics", ("nodes", "pods")),
    Port("10250", "tcp", "kubelet", ("nodes", "pods", "control_plane"), ours=False),
    Port("30000-32767", "tcp", "NodePort Services", ("clients",), ours=False),
    Port("30000-32767", "udp", "NodePort Services", ("clients",), ours=False),
    Port("51871", "udp", "WireGuard", ("nodes",), "wireguard", True, vital=True),
)


def wanted(features: Mapping[str, Any]) -> list[Port]:
    """Those of the features that are wanted; `features` as in the evidence's `desired`."""
    return [port for port in PORTS if port.wanted(features)]


def own() -> list[dict[str, Any]]:
    """Single ports that the platform's own processes listen on: `port`, `protocol`, `component`."""
    return [{"port": int(one.port), "protocol": one.protocol, "component": one.component} for one in PORTS if one.ours]


def between_nodes(features: Mapping[str, Any]) -> list[dict[str, Any]]:
    """`port` and `protocol` of what every node has to reach on every other."""
    return [{"port": int(one.port), "protocol": one.protocol} for one in wanted(features) if one.vital]


def openings(
    desired: Mapping[str, Any], control_plane: Sequence[str] = (), clients: Sequence[str] = ("0.0.0.0/0", "::/0")
) -> list[dict[str, Any]]:
    """What a node's firewall has to let in: `port`, `protocol`, `sources`, `reason` of each, from the desired state."""
    callers: dict[str, list[str]] = {
        "nodes": [str(address) for node in desired["nodes"].values() for address in node["ips"]],
        "pods": [str(cidr) for cidr in desired.get("pod_cidrs") or ()],
        "control_plane": [*_address(str((desired.get("api") or {}).get("host") or "")), *map(str, control_plane)],
        "clients": list(map(str, clients)),
    }
    found = []
    # Most ports are for the same callers, and of a large cluster these are thousands.
    known: dict[tuple[str, ...], list[str]] = {}
    for port in wanted(desired["features"]):
        if port.callers not in known:
            known[port.callers] = _sorted({source for caller in port.callers for source in callers[caller]})
        sources = known[port.callers]
        if sources:
            found.append({"port": port.port, "protocol": port.protocol, "sources": list(sources), "reason": port.component})
    return found


def _address(host: str) -> list[str]:
    """A name says nothing about where packets come from."""
    try:
        return [str(ipaddress.ip_address(host))]
    except ValueError:
        return []


def _sorted(sources: Iterable[str]) -> list[str]:
    return sorted(sources, key=_place)


def _place(source: str) -> tuple[int, Network]:
    network = ipaddress.ip_network(source, strict=False)
    return network.version, network
