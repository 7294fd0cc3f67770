# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which pod a process belongs to, and which sockets ztunnel opens in a pod's network."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Optional

# Outbound, inbound from outside the mesh, HBONE: in every pod that ztunnel serves it listens on all of them.
ZTUNNEL_PORTS = (15001, 15006, 15008)

# kubepods-burstable-pod0f1e2d3c_....slice of systemd, kubepods/burstable/pod0f1e2d3c-... of cgroupfs. A static pod has no such
# id; it is on the node's network anyway.
_POD = re.compile(r"[/-]pod([0-9a-f]{8}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{12})(?:\.slice)?/")
_LISTENING = "0A"


def pod_of(cgroup: str) -> Optional[str]:
    """Return the UID of the pod that a /proc/<pid>/cgroup names."""
    found = _POD.search(cgroup)
    return found[1].replace("_", "-") if found else None


def listening(lines: Iterable[str]) -> set[int]:
    """Return those of ztunnel's ports that somebody listens on, from the lines of a /proc/<pid>/net/tcp or tcp6.

    The kernel lists what listens first: the connections behind, which may be very many, are not read.
    """
    found: set[int] = set()
    for line in lines:
        words = line.split(None, 4)
        if not words or words[0] == "sl":
            continue
        if len(words) < 4 or words[3] != _LISTENING:
            break
        port = words[1].rpartition(":")[2]
        found.update(one for one in ZTUNNEL_PORTS if f"{one:04X}" == port)
    return found
