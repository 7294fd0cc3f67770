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
    encryption,
    exemptions,
    gatekeeper_parts,
    host_policies,
    hubble,
    in_pods,
    istio_values,
    kinds,
    mesh,
    mesh_agents,
    mesh_mtls,
    mesh_policies,
    mesh_probes,
    mesh_traffic,
    network,
    node,
    node_clock,
    node_firewall,
    node_forwarding,
    node_kernel,
    node_kubelet,
    node_network,
    node_settings,
    node_storage,
    node_ways,
    pod,
    pod_events,
    policy,
    routing_rules,
    sandboxes,
    support,
    trust,
    waypoints,
    webhooks,
    wireguard,
)
from .rule import Rule

_FILES = (
    *(node, node_kubelet, node_kernel, node_clock, node_storage, node_settings),
    *(node_network, node_ways, node_firewall, node_forwarding),
    *(charts, support, kinds, network, wireguard, encryption, certificates, trust),
    *(cilium_values, hubble, compatibility, sandboxes, routing_rules, host_policies),
    *(policy, audit, gatekeeper_parts, constraints, exemptions, webhooks),
    *(chaining, mesh, istio_values, mesh_agents, mesh_mtls, mesh_policies, mesh_probes, mesh_traffic, waypoints, in_pods),
    *(pod, pod_events, disruption),
    acceptance,
)
RULES: list[Rule] = [rule for file in _FILES for rule in file.CATALOGUE.rules]
IDS: list[str] = [rule.id for rule in RULES]
