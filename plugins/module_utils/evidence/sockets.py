# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""/proc/net/{tcp,tcp6,udp,udp6}: which sockets wait for somebody."""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Iterable
from typing import NamedTuple, Optional

_WAITING = {"tcp": "0A", "udp": "07"}
_ESTABLISHED = "01"


class Waiting(NamedTuple):
    protocol: str
    port: int
    address: str
    inode: int


class Connected(NamedTuple):
    """`local` is the node's own address and port, `remote` who is at the other end."""

    local: str
    port: int
    remote: str


def connected(lines: Iterable[str]) -> list[Connected]:
    """TCP connections that are established, from the lines of /proc/net/tcp or tcp6."""
    found = []
    for line in lines:
        words = line.split(None, 4)
        if len(words) < 4 or words[3] != _ESTABLISHED:
            continue
        host, _colon, port = words[1].partition(":")
        local, remote = _address(host), _address(words[2].partition(":")[0])
        if local is None or remote is None:
            continue
        try:
            found.append(Connected(local, int(port, 16), remote))
        except ValueError:
            continue
    return found


def waiting(lines: Iterable[str], protocol: str) -> list[Waiting]:
    """TCP sockets that listen, UDP sockets that are not connected.

    The kernel lists TCP sockets that listen first (proc_net_tcp.rst): the connections behind, maybe very many, are not read.
    """
    found = []
    for line in lines:
        words = line.split(None, 10)
        if len(words) < 10 or words[0] == "sl":
            continue
        if words[3] != _WAITING[protocol]:
            if protocol == "tcp":
                break
            continue
        host, _colon, port = words[1].partition(":")
        address = _address(host)
        if address is None or not words[9].isdigit():
            continue
        try:
            found.append(Waiting(protocol, int(port, 16), address, int(words[9])))
        except ValueError:
            continue
    return found


def _address(hexadecimal: str) -> Optional[str]:
    """The kernel prints 32-bit words in its own byte order."""
    if len(hexadecimal) not in (8, 32):
        return None
    try:
        words = [int(hexadecimal[at : at + 8], 16) for at in range(0, len(hexadecimal), 8)]
    except ValueError:
        return None
    return str(ipaddress.ip_address(struct.pack(f"={len(words)}I", *words)))
