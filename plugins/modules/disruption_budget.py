#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Say what the disruption budgets of a cluster guard and allow."""

from __future__ import annotations

DOCUMENTATION = r"""
module: disruption_budget
short_description: Say what disruption budgets guard, and what they let go
version_added: 1.0.0
description:
  - Reads the PodDisruptionBudgets of a namespace or of the whole cluster, the pods and workloads they select, and how far
    autoscalers may scale these down.
  - Says of each how many evictions it allows now, how many it would once the node is lost that holds most of its healthy pods,
    and whether it blocks each drain forever, since it needs as many pods as there are.
  - It fails only over what O(expect) asks for. The verdicts of M(zerotrust.baremetal.analyze) are its rules C(ZT-PDB-*).
  - It lists PodDisruptionBudgets, Pods, Deployments, StatefulSets and HorizontalPodAutoscalers, and with O(namespace) Namespaces.
    The account of C(rbac/evidence.yaml) may do that.
author: zerotrust.baremetal contributors (@zerotrust-baremetal)
extends_documentation_fragment:
  - zerotrust.baremetal.attributes
  - zerotrust.baremetal.attributes.read_only
  - zerotrust.baremetal.cluster
attributes:
  platform:
    support: full
options:
  namespace:
    description: The namespace to look at. The empty string stands for all of them.
    type: str
    default: ""
  expect:
    description:
      - What every budget has to be; one message names each that is not.
      - V(allows_now) - a budget that counts pods allows at least one eviction now.
      - V(allows_after_node_loss) - it still would after the loss of the node with most of its healthy pods.
      - V(never_blocks) - it leaves room for an eviction when all pods are healthy, also at the minimum of their autoscaler.
      - V(no_overlap) - no other budget selects the same pods; the API server evicts none that has two.
      - V(selects_pods) - it selects at least one pod or workload.
      - V(names_pods) - its selector is not the empty one, which selects every pod of the namespace.
    type: list
    elements: str
    choices: [allows_now, allows_after_node_loss, never_blocks, no_overlap, selects_pods, names_pods]
    default: []
  timeout:
    description: Seconds one request to the API may take.
    type: int
    default: 15
notes:
  - A drain evicts no pod of a DaemonSet, so none of these counts as workload here.
seealso:
  - module: zerotrust.baremetal.analyze
  - plugin: zerotrust.baremetal.disruption_budget
    plugin_type: filter
"""

EXAMPLES = r"""
- name: See that a node can be drained before it is
  zerotrust.baremetal.disruption_budget:
    kubeconfig: ~/.kube/config
    expect: [allows_now, never_blocks, no_overlap]

- name: Read the budgets of the mesh
  zerotrust.baremetal.disruption_budget:
    namespace: istio-system
  register: mesh

- name: Show what each would allow without its busiest node
  ansible.builtin.debug:
    msg: "{{ item.name }}: {{ item.after_node_loss }}"
  loop: "{{ mesh.budgets }}"
"""

RETURN = r"""
budgets:
  description: The budgets, by namespace and name. Returned too when an expectation is not met.
  returned: when they could be read
  type: list
  elements: dict
  contains:
    namespace:
      description: Its namespace.
      type: str
    name:
      description: Its name.
      type: str
    min_available:
      description: C(spec.minAvailable), a number or a share such as V(50%), or null.
      type: raw
    max_unavailable:
      description: C(spec.maxUnavailable), a number or a share, or null.
      type: raw
    selector:
      description: C(spec.selector.matchLabels).
      type: dict
    expressions:
      description: C(spec.selector.matchExpressions).
      type: list
      elements: dict
    selector_is:
      description: V(labels), V(empty) (it selects every pod of the namespace) or V(none) (it selects nothing).
      type: str
    pods:
      description: The pods it selects, without those that have ended, each with C(name), C(node) and C(ready).
      type: list
      elements: dict
    workloads:
      description: Deployments and StatefulSets whose pods it selects, as C(kind namespace/name).
      type: list
      elements: str
    expected_pods:
      description: How many pods its controller counts. Null, as RV(budgets[].allowed_now), where that has not counted yet.
      type: int
    healthy:
      description: How many of them are healthy.
      type: int
    needed:
      description: How many have to stay healthy.
      type: int
    allowed_now:
      description: How many evictions the API server allows now.
      type: int
    after_node_loss:
      description:
        - The C(node) with most of its healthy pods, how many are C(healthy) without it, and how many evictions are C(allowed)
          then. Null where no pod is healthy.
      type: dict
    blocks_forever:
      description: Why it never allows an eviction, or the empty string.
      type: str
    overlaps:
      description: Other budgets of the namespace that select some of the same pods or workloads.
      type: list
      elements: str
    unmatched:
      description: Whether it selects no pod and no workload.
      type: bool
unguarded:
  description: Deployments and StatefulSets of more than one replica that no budget selects, as C(kind namespace/name).
  returned: when they could be read
  type: list
  elements: str
"""

from ansible_collections.zerotrust.baremetal.plugins.module_utils.zip_import import compile_once

compile_once()

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zerotrust.baremetal.plugins.module_utils.cluster import budgets
from ansible_collections.zerotrust.baremetal.plugins.module_utils.cluster.api import Api, ClusterError, Unreadable


def main():
    module = AnsibleModule(
        argument_spec={
            "kubeconfig": {"type": "path"},
            "context": {"type": "str", "default": ""},
            "namespace": {"type": "str", "default": ""},
            "expect": {
                "type": "list",
                "elements": "str",
                "choices": list(budgets.EXPECTATIONS),
                "default": [],
            },
            "timeout": {"type": "int", "default": 15},
        },
        supports_check_mode=True,
    )
    params = module.params
    try:
        found = budgets.read(Api(params["kubeconfig"], params["context"], params["timeout"]), params["namespace"])
    except ClusterError as error:
        module.fail_json(msg=str(error))
    except Unreadable as reason:
        module.fail_json(
            msg=f"The disruption budgets cannot be judged: {reason}. Give namespace the name of one that is there, or the "
            "kubeconfig's user the rights of rbac/evidence.yaml."
        )
    wrong = budgets.wrong(found["budgets"], params["expect"])
    if wrong:
        module.fail_json(msg="\n".join(["Not every disruption budget is as expected:", *(f"- {one}" for one in wrong)]), **found)
    module.exit_json(changed=False, **found)


if __name__ == "__main__":
    main()
