# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The machine itself: its id, its distribution, its clock."""

from __future__ import annotations

import ctypes
import time
from typing import Any

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import os_release as os_release_parser
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.host import Host, Unreadable
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.missing import Missing
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.processes import Processes


def machine_id(host: Host) -> str:
    text = host.text("/etc/machine-id").strip()
    if not text:
        raise Unreadable("/etc/machine-id: empty")
    return text


def os_release(host: Host) -> dict[str, Any]:
    path = "/etc/os-release" if host.exists("/etc/os-release") else "/usr/lib/os-release"
    return os_release_parser.parse(host.text(path))


class _Timex(ctypes.Structure):
    _fields_ = [
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 256),
    ]


# What may keep the clock, by the names of their processes (15 letters).
TIME_KEEPERS = ("chronyd", "systemd-timesyncd", "ntpd", "openntpd", "ptp4l", "phc2sys", "vmtoolsd", "VBoxService")


def clock(missing: Missing, processes: Processes) -> dict[str, Any]:
    """adjtimex with no mode set only reads. TIME_ERROR (5) means that nothing disciplines the clock."""
    found: dict[str, Any] = {"epoch": time.time(), "synchronized": None}
    missing.part(found, "kept_by", "clock.kept_by", lambda: [name for name in TIME_KEEPERS if processes.find(name) is not None])
    try:
        timex = _Timex()
        state = ctypes.CDLL(None).adjtimex(ctypes.byref(timex))
    except (OSError, AttributeError) as error:
        missing.note("clock.max_error_s", f"adjtimex: {error}")
        return found
    if state < 0:
        missing.note("clock.max_error_s", "adjtimex: refused")
        return found
    found.update(synchronized=state != 5, max_error_s=timex.maxerror / 1e6, estimated_error_s=timex.esterror / 1e6)
    return found
