# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which pod a process belongs to, and which ports ztunnel opens in a pod's network."""

from __future__ import annotations

import re
from typing import Optional

# Outbound, inbound from outside the mesh, HBONE: in every pod that ztunnel serves it listens on all of them.
ZTUNNEL_PORTS = frozenset((15001, 15006, 15008))

# kubepods-burstable-pod0f1e2d3c_....slice of systemd, kubepods/burstable/pod0f1e2d3c-... of cgroupfs. A static pod has no such
# id; it is on the node's network anyway.
_POD = re.compile(r"[/-]pod([0-9a-f]{8}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{12})(?:\.slice)?/")


def pod_of(cgroup: str) -> Optional[str]:
    """Return the UID of the pod that a /proc/<pid>/cgroup names."""
    found = _POD.search(cgroup)
    return found[1].replace("_", "-") if found else None
