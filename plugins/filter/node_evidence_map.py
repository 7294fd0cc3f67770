# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter `zerotrust.baremetal.node_evidence_map`."""

from __future__ import annotations

DOCUMENTATION = r"""
name: node_evidence_map
short_description: What every node's evidence task registered, by host
version_added: 1.0.0
description:
  - Reads the variable C(node_evidence) that each host registered from M(zerotrust.baremetal.node_evidence).
  - Adds as C(ways) what M(zerotrust.baremetal.node_reachability) found, where C(zerotrust_node_ways) is registered.
  - A host that was unreachable, failed or was never asked stands there with the reason, so that no node is silently left out.
author: zerotrust.baremetal contributors (@zerotrust-baremetal)
positional: hosts
options:
  _input:
    description: C(hostvars).
    type: dict
    required: true
  hosts:
    description: The nodes of the cluster.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Analyse what the nodes said
  zerotrust.baremetal.analyze:
    cluster: "{{ zerotrust_cluster }}"
    moment: verify
    desired: "{{ zerotrust_desired }}"
    nodes: "{{ hostvars | zerotrust.baremetal.node_evidence_map(zerotrust_cluster_nodes) }}"
    cluster_evidence: "{{ zerotrust_cluster_evidence.evidence }}"
"""

RETURN = r"""
_value:
  description: For each host its evidence, or a mapping with the key C(missing) and the reason.
  type: dict
"""

VARIABLE = "node_evidence"
# What trying the ways to the other nodes showed; it belongs to the node that tried.
WAYS = "zerotrust_node_ways"


def _one_line(text):
    return " ".join(str(text).split())


def _ways(registered):
    if not registered or registered.get("failed") or registered.get("skipped") or "paths" not in registered:
        return {}
    return {"ways": {"ports": registered["ports"], "paths": registered["paths"]}}


def _of_host(registered, ways):
    if not registered:
        return {"missing": "no evidence was collected from this node: this run did not ask it, as when --limit leaves it out"}
    if registered.get("unreachable"):
        return {"missing": "unreachable: " + _one_line(registered.get("msg") or "no connection")}
    if registered.get("failed"):
        # What kept the module from running at all (no sudo, no Python) stands in its stderr.
        return {
            "missing": "collecting failed: " + _one_line(registered.get("module_stderr") or registered.get("msg") or "no message")
        }
    if registered.get("evidence"):
        return {**registered["evidence"], **_ways(ways)}
    if registered.get("skipped"):
        return {"missing": "collecting was skipped on this node"}
    return {"missing": "the collecting task returned no evidence"}


def node_evidence_map(hostvars, hosts):
    found = {}
    for host in hosts or []:
        variables = hostvars.get(host, {})
        found[host] = _of_host(variables.get(VARIABLE), variables.get(WAYS))
    return found


class FilterModule:
    def filters(self):
        return {"node_evidence_map": node_evidence_map}
