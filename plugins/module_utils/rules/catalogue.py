# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""All rules, in the order of the layers."""

from __future__ import annotations

from . import (
    acceptance,
    audit,
    certificates,
    chaining,
    charts,
    cilium_values,
    compatibility,
    constraints,
    disruption,
    exemptions,
    host_policies,
    hubble,
    istio_values,
    mesh,
    mesh_agents,
    mesh_mtls,
    mesh_policies,
    mesh_traffic,
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
    routing_rules,
    sandboxes,
    waypoints,
    webhooks,
    wireguard,
)
from .rule import Rule

_FILES = (
    *(node, node_kernel, node_clock, node_storage, node_settings, node_network, node_ways, node_firewall),
    *(charts, network, wireguard, certificates, cilium_values, hubble, compatibility, sandboxes, routing_rules, host_policies),
    *(policy, audit, constraints, exemptions, webhooks),
    *(chaining, mesh, istio_values, mesh_agents, mesh_mtls, mesh_policies, mesh_traffic, waypoints),
    *(pod, disruption),
    acceptance,
)
RULES: list[Rule] = [rule for file in _FILES for rule in file.CATALOGUE.rules]
IDS: list[str] = [rule.id for rule in RULES]
