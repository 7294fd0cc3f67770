# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""WireGuard peers in a size that does not grow with the cluster: every node has every other as a peer.

Of many peers only those are listed that tell most about trouble. What all of them are is kept as a digest that shows which few
keys are not those that were expected.
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

# So many peers are listed, each with all that the kernel says of it.
LISTED = 128
# And so many of those that nothing may be sent to.
SHUT_LISTED = 16
# WireGuard makes a new handshake when it has something to send and the last one is older than 120 s; after 180 s its keys are
# dead.
QUIET_S = 180

# The digest: keys fall into cells, and each cell holds the XOR of the fingerprints of its keys.
_CELLS = 256
_CELL = struct.Struct(f">{_CELLS}Q")


class DigestError(ValueError):
    """The text is no digest of keys."""


@dataclass(frozen=True)
class Difference:
    """How keys differ from those that were expected. `unclear`: more differ than the digest tells apart."""

    absent: list[str]
    strangers: int
    unclear: bool


def shorten(interface: Mapping[str, Any], now: float) -> dict[str, Any]:
    """Reduce an interface with many peers to what is evidence."""
    peers = interface["peers"]
    if len(peers) <= LISTED:
        return dict(interface)
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
            "keys": digest(peer["public_key"] or "" for peer in peers),
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


def digest(keys: Iterable[str]) -> str:
    return base64.b64encode(_CELL.pack(*_cells(keys))).decode("ascii")


class Published:
    """The keys of all nodes of a cluster, to which the peers of each node are compared."""

    def __init__(self, keys: Iterable[str]) -> None:
        known = list(keys)
        self._count = len(known)
        self._cells = _cells(known)
        self._by_fingerprint = {_fingerprint(key): key for key in known}

    def difference(self, own: str, count: int, have: str) -> Difference:
        """Return how `count` peers with this digest differ from all nodes but the own one."""
        found = _unpacked(have)
        cell, fingerprint = _fingerprint(own)
        found[cell] ^= fingerprint
        if found == self._cells:
            return Difference([], 0, unclear=count != self._count - 1)
        differing = [(cell, mine ^ theirs) for cell, (mine, theirs) in enumerate(zip(self._cells, found)) if mine != theirs]
        absent = [self._by_fingerprint[entry] for entry in differing if entry in self._by_fingerprint]
        strangers = len(differing) - len(absent)
        return Difference(absent, strangers, unclear=count != self._count - 1 - len(absent) + strangers)

    def renamed(self, own: str, have: str, others: Published, rename: Callable[[str], str]) -> str:
        """Return the digest that peers with this one have when every key is another (`others`), and differ as they did."""
        found = _unpacked(have)
        cell, fingerprint = _fingerprint(own)
        found[cell] ^= fingerprint
        differing = [(cell, mine ^ theirs) for cell, (mine, theirs) in enumerate(zip(self._cells, found)) if mine != theirs]
        absent = [_fingerprint(rename(self._by_fingerprint[entry])) for entry in differing if entry in self._by_fingerprint]
        made = list(others._cells)
        for cell, fingerprint in (*absent, _fingerprint(rename(own))):
            made[cell] ^= fingerprint
        used = {entry[0] for entry in absent}
        for entry in differing:
            if entry not in self._by_fingerprint:
                # A stranger is a cell that differs: it must not fall into that of a key that is absent, or of another stranger.
                names = (_fingerprint(rename(f"{entry} {number}")) for number in range(64 * _CELLS))
                cell, fingerprint = next((one for one in names if one[0] not in used), _fingerprint(rename(str(entry))))
                made[cell] ^= fingerprint
                used.add(cell)
        return base64.b64encode(_CELL.pack(*made)).decode("ascii")


def _fingerprint(key: str) -> tuple[int, int]:
    """Return the cell a key falls into, and what stands for the key there."""
    hashed = hashlib.sha256(key.encode()).digest()
    return hashed[0], int.from_bytes(hashed[1:9], "big")


def _cells(keys: Iterable[str]) -> list[int]:
    cells = [0] * _CELLS
    for key in keys:
        cell, fingerprint = _fingerprint(key)
        cells[cell] ^= fingerprint
    return cells


def _unpacked(text: str) -> list[int]:
    try:
        return list(_CELL.unpack(base64.b64decode(text, validate=True)))
    except (ValueError, struct.error):
        raise DigestError("it is no digest of keys") from None
