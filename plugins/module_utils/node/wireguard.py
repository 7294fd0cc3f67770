# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""WireGuard interfaces and their peers."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import peers
from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import wireguard as parser
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node import netlink_socket
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.host import Host, Unreadable


def interfaces(host: Host, names: Iterable[str]) -> list[dict[str, Any]]:
    kind, payload = parser.family_request()
    family = parser.family_id(host.netlink(netlink_socket.GENERIC, kind, payload, dump=False))
    if family is None:
        raise Unreadable("netlink: the kernel names no family for WireGuard")
    return [_interface(host, family, name) for name in names]


def _interface(host: Host, family: int, name: str) -> dict[str, Any]:
    interface = parser.device(host.netlink(netlink_socket.GENERIC, family, parser.device_request(name)))
    return peers.shorten({**interface, "name": name}, time.time())
