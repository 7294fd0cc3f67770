# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""WireGuard peers in a size that does not grow with the cluster: every node has every other as a peer.

Of many peers only those are listed that tell most about trouble. What all of them are is kept as a digest of their
keys.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from typing import Any

# So many peers are listed, each with all that the kernel says of it.
LISTED = 128
# And so many of those that nothing may be sent to.
SHUT_LISTED = 16
# WireGuard makes a new handshake when it has something to send and the last one is older than 120 s; after 180 s its keys are
# dead.
QUIET_S = 180


def shorten(interface: Mapping[str, Any], now: float) -> dict[str, Any]:
    """Reduce an interface with many peers to what is evidence."""
    peers = interface["peers"]
    if len(peers) <= LISTED:
        return dict(interface)
    # Loaded where there is something to shorten: what is loaded on a node is compiled in every execution.
    from . import peer_digest

    quiet = [peer for peer in peers if _silence(peer, now) > QUIET_S]
    fresh = [peer["latest_handshake"] for peer in peers if _silence(peer, now) <= QUIET_S]
    # Those that were sent something and never answered come first, then those that never answered, then the longest silent.
    quiet.sort(key=lambda peer: (peer["latest_handshake"] is not None, not peer["tx_bytes"], -_silence(peer, now)))
    shut = [peer for peer in peers if _is_shut(peer)]
    return {
        **interface,
        "peers": quiet[:LISTED],
        "all_peers": {
            "count": len(peers),
            "quiet": len(quiet),
            "oldest_handshake": min(fresh) if fresh else None,
            "keys": peer_digest.digest(peer["public_key"] or "" for peer in peers),
            "shut": {"count": len(shut), "peers": shut[:SHUT_LISTED]},
            "without_pods": sum(_allows_itself_only(peer) for peer in peers),
        },
    }


def allows(peer: Mapping[str, Any], addresses: Iterable[str]) -> bool:
    """Return whether one of these addresses, or of these networks, may be sent to the peer, and come from it."""
    wanted = [ipaddress.ip_network(one) for one in addresses]
    # One by one: with native routing each of a node's pods is among them, and the first tells mostly.
    return any(one.overlaps(network) for network in map(ipaddress.ip_network, peer["allowed_ips"]) for one in wanted)


def _is_shut(peer: Mapping[str, Any]) -> bool:
    """Return whether the peer may not even be sent what goes to the address it is at; nothing at all when that is not known."""
    host = _host(peer)
    # Written out for the many that are well: making networks of texts takes most of the time.
    if not host or f"{host}/32" in peer["allowed_ips"] or f"{host}/128" in peer["allowed_ips"]:
        return not peer["allowed_ips"]
    return not allows(peer, [host])


def _allows_itself_only(peer: Mapping[str, Any]) -> bool:
    host = _host(peer)
    return bool(host) and len(peer["allowed_ips"]) == 1 and peer["allowed_ips"][0].partition("/")[0] == host


def _host(peer: Mapping[str, Any]) -> str:
    """Return the address of an endpoint: `192.0.2.11:51871`, `[2001:db8::1]:51871`."""
    return str(peer["endpoint"] or "").rpartition(":")[0].strip("[]")


def _silence(peer: Mapping[str, Any], now: float) -> float:
    return float("inf") if peer["latest_handshake"] is None else now - float(peer["latest_handshake"])
