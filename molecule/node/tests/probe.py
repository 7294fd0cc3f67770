# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
"""Runs on a node: one stream that never pauses and new connections all the while, to an echo server. Tells how they fared."""

import contextlib
import json
import os
import socket
import sys
import time

where, report = (sys.argv[1], int(sys.argv[2])), sys.argv[3]
seen = {"stream": 0, "connections": 0, "failed": []}


def tell():
    with open(report + ".new", "w") as file:
        json.dump(seen, file)
    os.replace(report + ".new", report)


def echo(connection):
    connection.sendall(b"x")
    return connection.recv(1) == b"x"


stream = socket.create_connection(where, 10)
stream.settimeout(10)
while True:
    started = time.time()
    try:
        seen["stream"] += echo(stream)
    except OSError as error:
        seen["failed"].append(f"stream at {started}: {error}")
        tell()
        break
    try:
        with contextlib.closing(socket.create_connection(where, 10)) as connection:
            connection.settimeout(10)
            seen["connections"] += echo(connection)
    except OSError as error:
        seen["failed"].append(f"connection at {started}: {error}")
    tell()
    time.sleep(0.1)
