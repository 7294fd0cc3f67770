# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Chains in nftables (by netlink) and in iptables (as iptables-save prints them), and which of them are kube-proxy's."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Sequence

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import netlink

GET_CHAIN = (10 << 8) | 4
CHAIN_REQUEST = struct.pack("=BBH", 0, 0, 0)

_HEADER = 4
_TABLE, _NAME, _HOOK = 1, 3, 4
_HOOK_NUMBER, _FORWARD = 1, 2
_FAMILIES = {1: "inet", 2: "ip", 10: "ip6"}
_SAVED = re.compile(r"^:(\S+) ", re.MULTILINE)

# Only chains that translate Services. The kubelet makes KUBE-FIREWALL, KUBE-MARK-* and canaries of its own.
_SERVICE = re.compile(
    r"KUBE-(?:(?:SVC|SVL|SEP|EXT|FW|XLB)-"
    r"|(?:SERVICES|EXTERNAL-SERVICES|NODEPORTS|NODE-PORT|PROXY-FIREWALL|LOAD-BALANCER)$)"
)
KUBE_PROXY_TABLE = "kube-proxy"

# Chains that other networks leave behind when they are taken away without a reboot.
_NETWORKS = {
    "Calico": ("cali-", "cali:", "CALI-"),
    "Flannel": ("FLANNEL-",),
    "Weave": ("WEAVE",),
    "kube-router": ("KUBE-ROUTER-", "KUBE-POD-FW-", "KUBE-NWPLCY-"),
    "Antrea": ("ANTREA-",),
}

Chain = tuple[str, str]


def chains(replies: Iterable[bytes]) -> list[Chain]:
    """(table, chain) of every nftables chain, those of iptables' nft backend among them."""
    found = []
    for reply in replies:
        fields = dict(netlink.attributes(reply, _HEADER))
        found.append((netlink.text(fields.get(_TABLE, b"")), netlink.text(fields.get(_NAME, b""))))
    return found


def forward_chains(replies: Iterable[bytes]) -> list[tuple[str, str, str]]:
    """(family, table, chain) of every base chain that sees what the node forwards and can refuse it."""
    found = []
    for reply in replies:
        fields = dict(netlink.attributes(reply, _HEADER))
        hook = dict(netlink.attributes(fields.get(_HOOK, b"")))
        # netfilter's numbers are in network order.
        if int.from_bytes(hook.get(_HOOK_NUMBER, b"\xff"), "big") == _FORWARD and reply[0] in _FAMILIES:
            table, name = (netlink.text(fields.get(one, b"")) for one in (_TABLE, _NAME))
            found.append((_FAMILIES[reply[0]], table, name))
    return found


def saved_chains(text: str) -> list[str]:
    """Chain names in the output of iptables-save."""
    return _SAVED.findall(text)


def service_chains(names: Iterable[str]) -> int:
    """How many of these iptables chains are kube-proxy's."""
    return sum(1 for name in names if _SERVICE.match(name))


def networks(names: Iterable[str]) -> dict[str, int]:
    """How many chains each other network has."""
    found: dict[str, int] = {}
    for name in names:
        for network, prefixes in _NETWORKS.items():
            if name.startswith(prefixes):
                found[network] = found.get(network, 0) + 1
    return found


def count(found: Sequence[Chain]) -> tuple[int, int]:
    """(iptables' nft backend, native nftables): kube-proxy's chains among those of nf_tables."""
    native = [chain for chain in found if chain[0] == KUBE_PROXY_TABLE]
    return service_chains(name for table, name in found if table != KUBE_PROXY_TABLE), len(native)
