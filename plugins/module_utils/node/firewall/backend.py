# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which firewall the node has: found, not guessed, and never two."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Optional, Protocol

from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.host import Host
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.processes import Processes
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.refused import Refused

if TYPE_CHECKING:
    from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.firewall.openings import Desired

MANAGERS = ("firewalld", "ufw")
BACKENDS = (*MANAGERS, "nftables", "iptables")
_UFW = "/etc/ufw/ufw.conf"
# Chains in INPUT that are no firewall of the node's owner.
_OTHERS = ("KUBE-", "CILIUM_", "ISTIO_", "ZEROTRUST")


class Backend(Protocol):
    """`after`: units whose start empties what is ours; empty where the backend itself remembers it."""

    name: str
    after: str

    def listing(self) -> str: ...
    def script(self, desired: Optional[Desired]) -> str: ...


def find(host: Host, asked: str) -> Backend:
    """`asked`: one of BACKENDS, or auto."""
    active = managers(host)
    if len(active) > 1:
        raise Refused(
            f"two firewalls rule this node, {' and '.join(active)}, and each undoes the other: turn one of them off "
            "(systemctl disable --now firewalld, or ufw disable)"
        )
    name = (active or [_unmanaged(host)])[0]
    if asked not in ("auto", name):
        raise Refused(f"node_firewall_backend asks for {asked}, but {name} rules this node; leave it at auto, or turn {name} off")
    return make(host, name)


def managers(host: Host) -> list[str]:
    """Those of firewalld and ufw that are on."""
    found = ["firewalld"] if Processes(host).find("firewalld") is not None else []
    if "ENABLED=yes" in (host.maybe(_UFW) or "").replace('"', "").split():
        found.append("ufw")
    return found


def make(host: Host, name: str) -> Backend:
    """Loads that backend alone: what is loaded on a node is compiled in every execution."""
    if name == "firewalld":
        from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.firewall import firewalld

        tool = _tool(host, "firewall-cmd")
        return firewalld.Firewalld(host, tool, firewalld.zones(host, tool))
    if name == "nftables":
        from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.firewall import nftables

        tool = _tool(host, "nft")
        return nftables.Nftables(host, tool, nftables.hooks(host, tool))
    from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.firewall import iptables

    return iptables.Iptables(host, os.path.dirname(_tool(host, "iptables")), ufw=name == "ufw")


def _tool(host: Host, name: str) -> str:
    tool = host.tool(name)
    if tool is None:
        raise Refused(f"the node's firewall cannot be set: it has no {name}")
    return tool


def _unmanaged(host: Host) -> str:
    """Without a manager: what the node's own rules are written with; nftables where there are none."""
    nft, iptables = host.tool("nft"), host.tool("iptables")
    if nft is None and iptables is None:
        raise Refused("the node has neither nft nor iptables: install the package nftables")
    filtering = iptables is not None and _iptables_filters(host, iptables)
    if nft is None:
        return "iptables"
    if filtering and _nftables_filter(host, nft):
        raise Refused(
            "two firewalls rule this node: the INPUT chain of iptables drops packets, and so does a base chain of nftables "
            "(nft list ruleset). Move the rules of one into the other"
        )
    return "iptables" if filtering else "nftables"


def _nftables_filter(host: Host, nft: str) -> bool:
    from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.firewall import nftables

    return bool(nftables.hooks(host, nft))


def _iptables_filters(host: Host, iptables: str) -> bool:
    """Whether INPUT drops anything. The old tables are not asked where none is in use: asking would create them."""
    if "nf_tables" not in host.run([iptables, "-V"]) and not (host.maybe("/proc/net/ip_tables_names") or "").split():
        return False
    for line in host.run([iptables, "-w", "10", "-S", "INPUT"]).splitlines():
        words = line.split()
        if words[:3] == ["-P", "INPUT", "DROP"] or words[-1:] == ["DROP"] or "REJECT" in words:
            return True
        target = words[words.index("-j") + 1] if "-j" in words[:-1] else "ACCEPT"
        if target not in ("ACCEPT", "RETURN", "LOG") and not target.startswith(_OTHERS):
            return True
    return False
