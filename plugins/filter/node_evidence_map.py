# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter `zerotrust.baremetal.node_evidence_map`."""

from __future__ import annotations

DOCUMENTATION = r"""
name: node_evidence_map
short_description: What every node's evidence task registered, by host
version_added: 1.0.0
description:
  - Reads the variable C(zerotrust_node_evidence) that each host registered from M(zerotrust.baremetal.node_evidence).
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

VARIABLE = "zerotrust_node_evidence"


def _one_line(text):
    return " ".join(str(text).split())


def _of_host(registered):
    if not registered:
        return {"missing": "no evidence was collected from this node"}
    if registered.get("unreachable"):
        return {"missing": "unreachable: " + _one_line(registered.get("msg") or "no connection")}
    if registered.get("failed"):
        # What kept the module from running at all (no sudo, no Python) stands in its stderr.
        return {
            "missing": "collecting failed: " + _one_line(registered.get("module_stderr") or registered.get("msg") or "no message")
        }
    if registered.get("evidence"):
        return registered["evidence"]
    if registered.get("skipped"):
        return {"missing": "collecting was skipped on this node"}
    return {"missing": "the collecting task returned no evidence"}


def node_evidence_map(hostvars, hosts):
    found = {}
    for host in hosts or []:
        registered = hostvars[host].get(VARIABLE) if host in hostvars else None
        found[host] = _of_host(registered)
    return found


class FilterModule:
    def filters(self):
        return {"node_evidence_map": node_evidence_map}
