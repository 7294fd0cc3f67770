# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Routing rules (`ip rule`) as rtnetlink describes them; linux/fib_rules.h has the numbers."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import Any

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import netlink

GET_RULE = 34
REQUEST = struct.pack("=BBBBBBBBI", 0, 0, 0, 0, 0, 0, 0, 0, 0)

_HEADER = struct.Struct("=BBBBBBBBI")
_PRIORITY, _MARK, _TABLE, _MASK = 6, 10, 15, 16
_FAMILIES = {2: "ipv4", 10: "ipv6"}


def rules(replies: Iterable[bytes]) -> list[dict[str, Any]]:
    """In the order they are asked: `family`, `priority`, `mark` and `mask` (0 where every packet is meant), `table`."""
    found = []
    for reply in replies:
        if len(reply) < _HEADER.size:
            continue
        family, _to, _from, _tos, table, _res1, _res2, _action, _flags = _HEADER.unpack_from(reply)
        if family not in _FAMILIES:
            continue
        fields = dict(netlink.attributes(reply, _HEADER.size))
        found.append(
            {
                "family": _FAMILIES[family],
                "priority": netlink.number(fields.get(_PRIORITY, b"")),
                "mark": netlink.number(fields.get(_MARK, b"")),
                "mask": netlink.number(fields.get(_MASK, b"")),
                "table": netlink.number(fields[_TABLE]) if _TABLE in fields else table,
            }
        )
    return sorted(found, key=lambda one: (one["family"], one["priority"]))
