# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""WireGuard devices as the kernel describes them by generic netlink. Private and preshared keys are never looked at."""

from __future__ import annotations

import base64
import ipaddress
import socket
import struct
from collections.abc import Iterable
from typing import Any, Optional

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import netlink

FAMILY = "wireguard"
GET_DEVICE = 0
GENERIC_HEADER = 4

_GET_FAMILY = 3
_CONTROL = 0x10
_FAMILY_ID, _FAMILY_NAME = 1, 2

_IFNAME, _PUBLIC_KEY, _LISTEN_PORT, _PEERS = 2, 4, 6, 8
_PEER_PUBLIC_KEY, _PEER_ENDPOINT, _PEER_HANDSHAKE, _PEER_RX, _PEER_TX, _PEER_ALLOWED = 1, 4, 6, 7, 8, 9
_ALLOWED_FAMILY, _ALLOWED_ADDRESS, _ALLOWED_MASK = 1, 2, 3


def family_request() -> tuple[int, bytes]:
    return _CONTROL, struct.pack("=BBH", _GET_FAMILY, 1, 0) + netlink.attribute(_FAMILY_NAME, FAMILY.encode() + b"\0")


def family_id(replies: Iterable[bytes]) -> Optional[int]:
    for reply in replies:
        for kind, payload in netlink.attributes(reply, GENERIC_HEADER):
            if kind == _FAMILY_ID:
                return netlink.number(payload)
    return None


def device_request(name: str) -> bytes:
    return struct.pack("=BBH", GET_DEVICE, 1, 0) + netlink.attribute(_IFNAME, name.encode() + b"\0")


def device(replies: Iterable[bytes]) -> dict[str, Any]:
    """One interface from all the replies of its dump: a long one comes in pieces, a peer may be cut between two."""
    interface: dict[str, Any] = {"name": None, "public_key": None, "listen_port": None}
    peers: dict[str, dict[str, Any]] = {}
    for reply in replies:
        for kind, payload in netlink.attributes(reply, GENERIC_HEADER):
            if kind == _IFNAME:
                interface["name"] = netlink.text(payload)
            elif kind == _PUBLIC_KEY:
                interface["public_key"] = _key(payload)
            elif kind == _LISTEN_PORT:
                interface["listen_port"] = netlink.number(payload)
            elif kind == _PEERS:
                for _index, peer in netlink.attributes(payload):
                    _merge(peers, _peer(peer))
    interface["peers"] = list(peers.values())
    return interface


def _merge(peers: dict[str, dict[str, Any]], peer: dict[str, Any]) -> None:
    known = peers.setdefault(peer["public_key"] or "", peer)
    if known is not peer:
        known["allowed_ips"].extend(peer["allowed_ips"])


def _peer(data: bytes) -> dict[str, Any]:
    peer: dict[str, Any] = {
        "public_key": None,
        "endpoint": None,
        "allowed_ips": [],
        "latest_handshake": None,
        "rx_bytes": 0,
        "tx_bytes": 0,
    }
    for kind, payload in netlink.attributes(data):
        if kind == _PEER_PUBLIC_KEY:
            peer["public_key"] = _key(payload)
        elif kind == _PEER_ENDPOINT:
            peer["endpoint"] = _endpoint(payload)
        elif kind == _PEER_HANDSHAKE and len(payload) >= 16:
            seconds, nanoseconds = struct.unpack_from("=qq", payload)
            peer["latest_handshake"] = round(seconds + nanoseconds / 1e9, 3) if seconds > 0 else None
        elif kind == _PEER_RX:
            peer["rx_bytes"] = netlink.number(payload)
        elif kind == _PEER_TX:
            peer["tx_bytes"] = netlink.number(payload)
        elif kind == _PEER_ALLOWED:
            allowed = (_allowed(item) for _index, item in netlink.attributes(payload))
            peer["allowed_ips"] = [item for item in allowed if item]
    return peer


def _allowed(data: bytes) -> Optional[str]:
    fields = dict(netlink.attributes(data))
    if _ALLOWED_ADDRESS not in fields or _ALLOWED_MASK not in fields:
        return None
    address = _address(fields[_ALLOWED_ADDRESS])
    return f"{address}/{netlink.number(fields[_ALLOWED_MASK])}" if address else None


def _address(packed: bytes) -> Optional[str]:
    return str(ipaddress.ip_address(packed)) if len(packed) in (4, 16) else None


def _endpoint(sockaddr: bytes) -> Optional[str]:
    if len(sockaddr) < 8:
        return None
    family = struct.unpack_from("=H", sockaddr)[0]
    port = struct.unpack_from("!H", sockaddr, 2)[0]
    if family == socket.AF_INET:
        return f"{_address(sockaddr[4:8])}:{port}"
    if family == socket.AF_INET6 and len(sockaddr) >= 24:
        return f"[{_address(sockaddr[8:24])}]:{port}"
    return None


def _key(payload: bytes) -> str:
    return base64.b64encode(payload).decode("ascii")
