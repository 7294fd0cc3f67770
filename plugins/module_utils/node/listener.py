# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers on given ports for a while, so that other nodes can try the way. A process of its own, gone when told or in time."""

from __future__ import annotations

import contextlib
import os
import selectors
import socket
import time
from collections.abc import Sequence

# An abstract address: nothing in the file system, and gone with the process.
_CONTROL = "\0zerotrust-reachability"
GREETING = b"zerotrust.baremetal\n"

Port = tuple[str, int]


def start(ports: Sequence[Port], seconds: int) -> tuple[list[Port], list[Port]]:
    """(those it answers on, those that somebody else has)."""
    control = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    control.bind(_CONTROL)
    sockets: list[socket.socket] = []
    mine: list[Port] = []
    for protocol, number in ports:
        bound = _bind(protocol, number)
        if bound:
            sockets.extend(bound)
            mine.append((protocol, number))
    _in_the_background(lambda: _answer(control, sockets, seconds))
    for one in (control, *sockets):
        one.close()
    return mine, [port for port in ports if port not in mine]


def stop() -> bool:
    """Whether there was one."""
    with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as caller:
        try:
            caller.connect(_CONTROL)
            caller.send(b"stop")
        except OSError:
            return False
    deadline = time.monotonic() + 5
    while _runs() and time.monotonic() < deadline:
        time.sleep(0.02)
    return True


def _runs() -> bool:
    with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as caller:
        return caller.connect_ex(_CONTROL) == 0


def _bind(protocol: str, number: int) -> list[socket.socket]:
    """On every address of either IP version; nothing where somebody else has the port."""
    kind = socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM
    found: list[socket.socket] = []
    for family, address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
        try:
            one = socket.socket(family, kind)
        except OSError:  # a kernel without this IP version
            continue
        try:
            if family == socket.AF_INET6:
                one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            if kind == socket.SOCK_STREAM:
                one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            one.bind((address, number))
            if kind == socket.SOCK_STREAM:
                one.listen(64)
            one.setblocking(False)
            found.append(one)
        except OSError:
            one.close()
            for other in found:
                other.close()
            return []
    return found


def _in_the_background(work) -> None:  # type: ignore[no-untyped-def]
    if os.fork():
        os.wait()
        return
    os.setsid()
    if os.fork():
        os._exit(0)
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    os.chdir("/")
    try:
        work()
    finally:
        os._exit(0)


def _answer(control: socket.socket, sockets: Sequence[socket.socket], seconds: int) -> None:
    deadline = time.monotonic() + seconds
    with selectors.DefaultSelector() as selector:
        for one in (control, *sockets):
            selector.register(one, selectors.EVENT_READ)
        while (left := deadline - time.monotonic()) > 0:
            for key, _events in selector.select(left):
                if key.fileobj is control:
                    return
                with contextlib.suppress(OSError):
                    _greet(key.fileobj)  # type: ignore[arg-type]


def _greet(one: socket.socket) -> None:
    if one.type == socket.SOCK_STREAM:
        caller, _address = one.accept()
        with contextlib.closing(caller):
            caller.send(GREETING)
    else:
        _data, address = one.recvfrom(64)
        one.sendto(GREETING, address)
