# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""For every rule: what is done to the healthy cluster to make it fail, about whom it then speaks, and a part of what it says.

Several cases of one rule stand beside each other. `moment` is verify unless it says otherwise.
"""

from . import charts, cilium_values, istio_values, mesh, mesh_policies, network, node, node_ways, pod, policy
from .case import CASES

__all__ = [
    "CASES",
    "charts",
    "cilium_values",
    "istio_values",
    "mesh",
    "mesh_policies",
    "network",
    "node",
    "node_firewall",
    "node_ways",
    "pod",
    "policy",
]
