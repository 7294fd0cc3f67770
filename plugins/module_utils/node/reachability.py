# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tries the way to other nodes: ports that their listeners answer on, and how large a packet may be."""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import os
import socket
import struct
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Optional

from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.listener import GREETING

_AT_ONCE = 64
_UDP_TRIES = 3
_SMALLEST = 576
_ICMP_HEADER, _IP_HEADER = 8, 20
# linux/in.h: DF is set and the cached path MTU not looked at.
_IP_MTU_DISCOVER, _IP_PMTUDISC_PROBE, _IP_MTU = 10, 3, 14


def probe(peers: Sequence[Mapping[str, Any]], timeout: float) -> dict[str, list[dict[str, Any]]]:
    """`peers`: `host`, `addresses`, `ports` (protocol and number) of each.

    Returns `ports` (with `outcome` reached, refused, silent or unreachable) and `paths` (with `link_mtu` and `path_mtu`; None
    where no echo came back).
    """
    ports = [
        (peer["host"], address, port["protocol"], int(port["port"]))
        for peer in peers
        for address in peer["addresses"]
        for port in peer["ports"]
    ]
    paths = [
        (peer["host"], address) for peer in peers for address in peer["addresses"] if ipaddress.ip_address(address).version == 4
    ]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        tried = [pool.submit(_try, host, address, protocol, port, timeout) for host, address, protocol, port in ports]
        measured = [pool.submit(_path, host, address, timeout) for host, address in paths]
        return {"ports": [one.result() for one in tried], "paths": [one.result() for one in measured]}


def _try(host: str, address: str, protocol: str, port: int, timeout: float) -> dict[str, Any]:
    outcome, detail = (_tcp if protocol == "tcp" else _udp)(address, port, timeout)
    return {"host": host, "address": address, "protocol": protocol, "port": port, "outcome": outcome, "detail": detail}


def _tcp(address: str, port: int, timeout: float) -> tuple[str, str]:
    try:
        with contextlib.closing(socket.create_connection((address, port), timeout)) as connection:
            heard = connection.recv(len(GREETING))
    except OSError as error:
        return _failed(error)
    return ("reached", "") if heard == GREETING else ("reached", "somebody else answers there")


def _udp(address: str, port: int, timeout: float) -> tuple[str, str]:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with contextlib.closing(socket.socket(family, socket.SOCK_DGRAM)) as one:
        one.settimeout(timeout / _UDP_TRIES)
        try:
            one.connect((address, port))
        except OSError as error:
            return _failed(error)
        answers = (_ask(one) for _attempt in range(_UDP_TRIES))
        return next((answer for answer in answers if answer[0] != "silent"), ("silent", "no answer"))


def _ask(one: socket.socket) -> tuple[str, str]:
    try:
        one.send(GREETING)
        one.recv(64)
    except OSError as error:
        return _failed(error)
    return "reached", ""


def _failed(error: OSError) -> tuple[str, str]:
    if isinstance(error, (TimeoutError, socket.timeout)):
        return "silent", "no answer"
    if error.errno in (errno.ECONNREFUSED, errno.ECONNRESET):
        return "refused", os.strerror(error.errno).lower()
    return "unreachable", (os.strerror(error.errno).lower() if error.errno else str(error))


def _path(host: str, address: str, timeout: float) -> dict[str, Any]:
    link = _link_mtu(address)
    found: dict[str, Any] = {"host": host, "address": address, "link_mtu": link, "path_mtu": None}
    if link is None or not _echo(address, _SMALLEST, timeout):
        return found
    if _echo(address, link, timeout):
        found["path_mtu"] = link
        return found
    low, high = _SMALLEST, link
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _echo(address, middle, min(timeout, 1.0)) else (low, middle)
    found["path_mtu"] = low
    return found


def _link_mtu(address: str) -> Optional[int]:
    """What the kernel would send there in one piece."""
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as one:
        try:
            one.setsockopt(socket.IPPROTO_IP, _IP_MTU_DISCOVER, _IP_PMTUDISC_PROBE)
            one.connect((address, 9))
            return one.getsockopt(socket.IPPROTO_IP, _IP_MTU)
        except OSError:
            return None


def _echo(address: str, size: int, timeout: float) -> bool:
    """Whether an echo request of this size comes back without being taken to pieces."""
    identity = struct.unpack("=H", os.urandom(2))[0]
    request = _request(identity, size - _IP_HEADER - _ICMP_HEADER)
    try:
        with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)) as one:
            one.setsockopt(socket.IPPROTO_IP, _IP_MTU_DISCOVER, _IP_PMTUDISC_PROBE)
            one.sendto(request, (address, 0))
            deadline = time.monotonic() + timeout
            while (left := deadline - time.monotonic()) > 0:
                one.settimeout(left)
                reply, sender = one.recvfrom(65535)
                icmp = reply[(reply[0] & 15) * 4 :]
                if sender[0] == address and icmp[0] == 0 and struct.unpack("!H", icmp[4:6])[0] == identity:
                    return True
    except OSError:
        return False
    return False


def _request(identity: int, payload: int) -> bytes:
    header = struct.pack("!BBHHH", 8, 0, 0, identity, 1)
    body = b"\0" * payload
    total = sum(struct.unpack(f"!{(len(header) + payload) // 2}H", (header + body)[: (len(header) + payload) // 2 * 2]))
    total = (total & 0xFFFF) + (total >> 16)
    total = (total & 0xFFFF) + (total >> 16)
    return struct.pack("!BBHHH", 8, 0, ~total & 0xFFFF, identity, 1) + body
