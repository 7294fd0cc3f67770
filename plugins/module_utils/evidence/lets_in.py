# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who a node's firewall lets in to a port, in a size that does not grow with the cluster: every node lets in every other."""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Optional, Union

Network = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]

# So many networks are listed; of more there is only a digest.
LISTED = 128


def collapsed(sources: Iterable[str]) -> list[str]:
    """The same addresses in as few networks as there can be, in one order."""
    networks = [ipaddress.ip_network(source) for source in sources]
    fours = ipaddress.collapse_addresses(one for one in networks if isinstance(one, ipaddress.IPv4Network))
    sixes = ipaddress.collapse_addresses(one for one in networks if isinstance(one, ipaddress.IPv6Network))
    return [str(one) for one in (*fours, *sixes)]


def shorten(sources: Iterable[str]) -> dict[str, Any]:
    """`count` networks; `sources`, or of very many `digest`."""
    networks = collapsed(sources)
    found: dict[str, Any] = {"count": len(networks)}
    if len(networks) <= LISTED:
        found["sources"] = networks
    else:
        found["digest"] = digest(networks)
    return found


def digest(networks: Sequence[str]) -> str:
    """Of collapsed networks."""
    return hashlib.sha256("\n".join(networks).encode()).hexdigest()


def listing(openings: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Openings (`port`, `protocol`, `reason`, `sources`) shortened; those of one port for one reason as one."""
    together: dict[tuple[str, str, str], list[str]] = {}
    for one in openings:
        together.setdefault((str(one["port"]), str(one["protocol"]), str(one["reason"])), []).extend(one["sources"])
    return [
        {"port": port, "protocol": protocol, "reason": reason, **shorten(sources)}
        for (port, protocol, reason), sources in together.items()
    ]


def outside(wanted: Iterable[str], sources: Optional[Sequence[str]]) -> list[str]:
    """Those of the wanted addresses and networks that are in none of the sources."""
    inside = [ipaddress.ip_network(one) for one in sources or ()]
    return [one for one in wanted if not _within(ipaddress.ip_network(one), inside)]


def _within(network: Network, others: Sequence[Network]) -> bool:
    first, last = network.network_address, network.broadcast_address
    return any(first in other and last in other for other in others)
