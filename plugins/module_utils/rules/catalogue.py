# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""All rules, in the order of the layers."""

from __future__ import annotations

from . import (
    acceptance,
    cilium_values,
    istio_values,
    mesh,
    mesh_policies,
    network,
    node,
    node_clock,
    node_firewall,
    node_kernel,
    node_network,
    node_settings,
    node_storage,
    node_ways,
    pod,
    policy,
)
from .rule import Rule

_FILES = (
    *(node, node_kernel, node_clock, node_storage, node_settings, node_network, node_ways, node_firewall),
    *(network, cilium_values),
    policy,
    *(mesh, istio_values, mesh_policies),
    pod,
    acceptance,
)
RULES: list[Rule] = [rule for file in _FILES for rule in file.CATALOGUE.rules]
IDS: list[str] = [rule.id for rule in RULES]
