# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the rules at the forward hook do with packets of pods, asked of the tool that wrote them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Optional

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import forwarding, iptables_rules, nftables_rules
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.host import Host, Unreadable

_SAVE = {"ip": "iptables", "ip6": "ip6tables"}


def read(
    host: Host, legacy: Mapping[str, str], chains: Iterable[tuple[str, str, str]], uplink: Optional[str]
) -> list[dict[str, Any]]:
    """`legacy`: the old iptables tables by family; `chains`: family, table and name of nftables' base chains."""
    found = []
    for family, text in legacy.items():
        found += _outcomes(iptables_rules.parse(text, "filter"), "iptables", family, "filter", iptables_rules.BASE, uplink)
    tables: dict[tuple[str, str], forwarding.Chains] = {}
    for family, table, chain in chains:
        saved = _of_iptables(host, family, table, chain)
        if saved is not None:
            found += _outcomes(iptables_rules.parse(saved, table), "iptables", family, table, chain, uplink)
            continue
        if (family, table) not in tables:
            tables[family, table] = _native(host, family, table)
        found += _outcomes(tables[family, table], "nftables", family, table, chain, uplink)
    return found


def _of_iptables(host: Host, family: str, table: str, chain: str) -> Optional[str]:
    """What iptables' nft backend says of its own table; None where the chain is none of iptables'."""
    if family not in _SAVE or table not in ("filter", "mangle", "security") or chain != iptables_rules.BASE:
        return None
    tool = host.tool(f"{_SAVE[family]}-nft-save", f"{_SAVE[family]}-save")
    if tool is None:
        return None
    text = host.run([tool, "-t", table])
    return None if iptables_rules.incompatible(text) else text


def _native(host: Host, family: str, table: str) -> forwarding.Chains:
    tool = host.tool("nft")
    if tool is None:
        raise Unreadable(f"table {family} {table} of nftables sees forwarded packets, and the node has no nft to list it")
    try:
        return nftables_rules.parse(host.run([tool, "-j", "list", "table", family, table]))
    except nftables_rules.Unknown as unknown:
        raise Unreadable(f"table {family} {table}: {unknown}") from None


def _outcomes(
    chains: forwarding.Chains, tool: str, family: str, table: str, chain: str, uplink: Optional[str]
) -> list[dict[str, Any]]:
    if chain not in chains.policies:
        return []  # it has gone since the kernel named it
    return [
        {"tool": tool, "family": family, "table": table, "chain": chain, "way": one.way, "verdict": one.verdict, "rule": one.by}
        for one in forwarding.outcomes(chains, chain, uplink)
    ]
