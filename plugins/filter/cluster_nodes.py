# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter `zerotrust.baremetal.cluster_nodes`."""

from __future__ import annotations

DOCUMENTATION = r"""
name: cluster_nodes
short_description: The hosts that are nodes of one cluster
version_added: 1.0.0
description:
  - Returns those of the given hosts whose variable C(zerotrust_cluster) names the cluster, in the given order.
  - So two clusters in one inventory never mix.
author: zerotrust.baremetal contributors (@zerotrust-baremetal)
positional: hosts, cluster
options:
  _input:
    description: C(hostvars).
    type: dict
    required: true
  hosts:
    description: The hosts of the nodes group.
    type: list
    elements: str
    required: true
  cluster:
    description: Name of the cluster.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Nodes of this driver's cluster
  ansible.builtin.debug:
    msg: "{{ hostvars | zerotrust.baremetal.cluster_nodes(groups['nodes'], zerotrust_cluster) }}"
"""

RETURN = r"""
_value:
  description: Inventory names.
  type: list
  elements: str
"""


def cluster_nodes(hostvars, hosts, cluster):
    return [host for host in hosts or [] if host in hostvars and hostvars[host].get("zerotrust_cluster") == cluster]


class FilterModule:
    def filters(self):
        return {"cluster_nodes": cluster_nodes}
