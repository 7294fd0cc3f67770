# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The test `zerotrust.baremetal.rolled_out`."""

from __future__ import annotations

DOCUMENTATION = r"""
name: rolled_out
short_description: Whether workloads run everywhere in their newest form
version_added: 1.0.0
description:
  - True when there is at least one workload and each runs all its pods, of its newest generation, and they are available.
  - A DaemonSet that is wanted on no node, and a status that lags behind the specification, do not count as rolled out.
  - The conditions of C(kubernetes.core.k8s_info) with O(kubernetes.core.k8s_info#module:wait) do not look at updated replicas,
    so that they hold for a moment right after a change.
author: zerotrust.baremetal contributors (@zerotrust-baremetal)
options:
  _input:
    description: DaemonSets and Deployments, as C(kubernetes.core.k8s_info) returns them.
    type: list
    elements: dict
    required: true
  replicas:
    description: Each Deployment has to have at least this many. For one whose autoscaler has not yet written its minimum.
    type: int
    default: 1
"""

EXAMPLES = r"""
- name: Wait for the agent on every node
  kubernetes.core.k8s_info:
    api_version: apps/v1
    kind: DaemonSet
    name: cilium
    namespace: kube-system
  register: agent
  until: agent.resources | default([]) is zerotrust.baremetal.rolled_out
"""

RETURN = r"""
_value:
  description: Whether all of them are rolled out.
  type: bool
"""

from ansible.errors import AnsibleError


def _daemon_set(spec, status, _replicas):
    wanted = status.get("desiredNumberScheduled", 0)
    return wanted > 0 and status.get("updatedNumberScheduled", 0) == wanted and status.get("numberAvailable", 0) == wanted


def _deployment(spec, status, replicas):
    wanted = max(spec.get("replicas", 1), replicas)
    return all(status.get(count, 0) == wanted for count in ("replicas", "updatedReplicas", "availableReplicas"))


_KINDS = {"DaemonSet": _daemon_set, "Deployment": _deployment}


def rolled_out(workloads, replicas=1):
    if not isinstance(workloads, list):
        raise AnsibleError(f"rolled_out: needs a list of workloads, not {type(workloads).__name__}")
    for workload in workloads:
        if workload.get("kind") not in _KINDS:
            raise AnsibleError(f"rolled_out: knows {' and '.join(_KINDS)}, not {workload.get('kind')!r}")
    return bool(workloads) and all(
        workload.get("status", {}).get("observedGeneration") == workload["metadata"]["generation"]
        and _KINDS[workload["kind"]](workload["spec"], workload["status"], replicas)
        for workload in workloads
    )


class TestModule:
    def tests(self):
        return {"rolled_out": rolled_out}
