# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ask the kernel by netlink: no tool needed on the node."""

from __future__ import annotations

import os
import socket
import struct

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import netlink

ROUTE, NETFILTER, GENERIC = 0, 12, 16

_SECONDS = 5
_BUFFER = 1 << 18
_ATTEMPTS = 5


def ask(protocol: int, kind: int, payload: bytes, dump: bool = True) -> list[bytes]:
    """The payloads of the answer. A dump that the kernel had to change under way is asked for again."""
    for _attempt in range(_ATTEMPTS):
        replies, interrupted = _once(protocol, kind, payload, dump)
        if not interrupted:
            return replies
    raise OSError("the kernel's answer kept changing while it was read")


def _once(protocol: int, kind: int, payload: bytes, dump: bool) -> tuple[list[bytes], bool]:
    replies: list[bytes] = []
    interrupted = False
    flags = netlink.DUMP if dump else netlink.ACK
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, protocol) as connection:
        connection.settimeout(_SECONDS)
        connection.bind((0, 0))
        connection.send(netlink.request(kind, flags, 1, payload))
        while True:
            data, _rest, message_flags, _sender = connection.recvmsg(_BUFFER)
            if message_flags & socket.MSG_TRUNC:
                raise OSError("an answer larger than expected")
            for reply, reply_flags, sequence, body in netlink.messages(data):
                if sequence != 1:
                    continue
                interrupted = interrupted or bool(reply_flags & netlink.INTERRUPTED)
                if reply in (netlink.ERROR, netlink.DONE):
                    _raise(body)
                    return replies, interrupted
                replies.append(body)


def _raise(body: bytes) -> None:
    code = struct.unpack_from("=i", body)[0] if len(body) >= 4 else 0
    if code < 0:
        raise OSError(-code, os.strerror(-code))
