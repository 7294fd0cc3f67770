# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Network links and their addresses, as rtnetlink describes them."""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Iterable
from typing import Any, Optional

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import netlink

GET_LINK, GET_ADDRESS = 18, 22
LINK_REQUEST = struct.pack("=BxHiII", 0, 0, 0, 0, 0)
ADDRESS_REQUEST = struct.pack("=BBBBI", 0, 0, 0, 0, 0)

_LINK_HEADER = struct.Struct("=BxHiII")
_ADDRESS_HEADER = struct.Struct("=BBBBI")
_IFNAME, _MTU, _LINK, _OPERSTATE, _LINKINFO, _LINK_NETNSID = 3, 4, 5, 16, 18, 37
_INFO_KIND = 1
_ADDRESS, _LOCAL = 1, 2
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


def _state(number: int) -> str:
    return _STATES[number] if number < len(_STATES) else "unknown"


def _kind_of(linkinfo: bytes) -> Optional[str]:
    for kind, payload in netlink.attributes(linkinfo):
        if kind == _INFO_KIND:
            return netlink.text(payload)
    return None
