# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Network links, their addresses and the default routes, as rtnetlink describes them."""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Iterable
from typing import Any, Optional

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import netlink

GET_LINK, GET_ADDRESS, GET_ROUTE = 18, 22, 26
LINK_REQUEST = struct.pack("=BxHiII", 0, 0, 0, 0, 0)
ADDRESS_REQUEST = struct.pack("=BBBBI", 0, 0, 0, 0, 0)
ROUTE_REQUEST = struct.pack("=BBBBBBBBI", 0, 0, 0, 0, 0, 0, 0, 0, 0)

_LINK_HEADER = struct.Struct("=BxHiII")
_ADDRESS_HEADER = struct.Struct("=BBBBI")
_IFNAME, _MTU, _LINK, _OPERSTATE, _LINKINFO, _LINK_NETNSID = 3, 4, 5, 16, 18, 37
_INFO_KIND = 1
_ADDRESS, _LOCAL = 1, 2
_ROUTE_HEADER = struct.Struct("=BBBBBBBBI")
_OUT, _GATEWAY, _PRIORITY, _MULTIPATH, _TABLE = 4, 5, 6, 9, 15
_NEXT_HOP = struct.Struct("=HBBi")
_MAIN_TABLE, _UNICAST = 254, 1
_FAMILIES = {2: "ipv4", 10: "ipv6"}
_UP = 0x1
_STATES = ("unknown", "notpresent", "down", "lowerlayerdown", "testing", "dormant", "up")


def links(replies: Iterable[bytes]) -> list[dict[str, Any]]:
    found = []
    for reply in replies:
        if len(reply) < _LINK_HEADER.size:
            continue
        _family, _kind, index, flags, _change = _LINK_HEADER.unpack_from(reply)
        fields = dict(netlink.attributes(reply, _LINK_HEADER.size))
        found.append(
            {
                "name": netlink.text(fields.get(_IFNAME, b"")),
                "index": index,
                "mtu": netlink.number(fields.get(_MTU, b"")),
                "up": bool(flags & _UP),
                "operstate": _state(netlink.number(fields.get(_OPERSTATE, b""))),
                "kind": _kind_of(fields.get(_LINKINFO, b"")),
                # The other end of a pod's veth is in another namespace: its index means nothing here.
                "parent": netlink.number(fields[_LINK]) if _LINK in fields and _LINK_NETNSID not in fields else None,
                "addresses": [],
            }
        )
    return found


def addresses(replies: Iterable[bytes]) -> dict[int, list[str]]:
    """Link index to its addresses with prefix length."""
    found: dict[int, list[str]] = {}
    for reply in replies:
        if len(reply) < _ADDRESS_HEADER.size:
            continue
        _family, prefix, _flags, _scope, index = _ADDRESS_HEADER.unpack_from(reply)
        fields = dict(netlink.attributes(reply, _ADDRESS_HEADER.size))
        packed = fields.get(_LOCAL, fields.get(_ADDRESS, b""))
        if len(packed) in (4, 16):
            found.setdefault(index, []).append(f"{ipaddress.ip_address(packed)}/{prefix}")
    return found


def routed(replies: Iterable[bytes]) -> list[int]:
    """Index of the link each unicast route of the main table leads to; of a multipath route, of each."""
    found = []
    for reply in replies:
        if len(reply) < _ROUTE_HEADER.size:
            continue
        family, _length, _source, _tos, table, _protocol, _scope, kind, _flags = _ROUTE_HEADER.unpack_from(reply)
        fields = dict(netlink.attributes(reply, _ROUTE_HEADER.size))
        table = netlink.number(fields[_TABLE]) if _TABLE in fields else table
        if table == _MAIN_TABLE and kind == _UNICAST and family in _FAMILIES:
            found += [netlink.number(fields[_OUT])] if _OUT in fields else _next_hops(fields.get(_MULTIPATH, b""))
    return found


def default_routes(replies: Iterable[bytes]) -> list[dict[str, Any]]:
    """Those of the main table: `family`, `links` (indexes; several where it is a multipath route), `gateway`, `metric`."""
    found = []
    for reply in replies:
        if len(reply) < _ROUTE_HEADER.size:
            continue
        family, length, _source, _tos, table, _protocol, _scope, kind, _flags = _ROUTE_HEADER.unpack_from(reply)
        fields = dict(netlink.attributes(reply, _ROUTE_HEADER.size))
        table = netlink.number(fields[_TABLE]) if _TABLE in fields else table
        if length or table != _MAIN_TABLE or kind != _UNICAST or family not in _FAMILIES:
            continue
        gateway = fields.get(_GATEWAY, b"")
        found.append(
            {
                "family": _FAMILIES[family],
                "links": [netlink.number(fields[_OUT])] if _OUT in fields else _next_hops(fields.get(_MULTIPATH, b"")),
                "gateway": str(ipaddress.ip_address(gateway)) if len(gateway) in (4, 16) else None,
                "metric": netlink.number(fields.get(_PRIORITY, b"")),
            }
        )
    return found


def _next_hops(data: bytes) -> list[int]:
    found, offset = [], 0
    while offset + _NEXT_HOP.size <= len(data):
        length, _flags, _hops, index = _NEXT_HOP.unpack_from(data, offset)
        found.append(index)
        if length < _NEXT_HOP.size:
            break
        offset += (length + 3) & ~3
    return found


def _state(number: int) -> str:
    return _STATES[number] if number < len(_STATES) else "unknown"


def _kind_of(linkinfo: bytes) -> Optional[str]:
    for kind, payload in netlink.attributes(linkinfo):
        if kind == _INFO_KIND:
            return netlink.text(payload)
    return None
