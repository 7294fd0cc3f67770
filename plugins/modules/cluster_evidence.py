#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read what a cluster and its charts say, without changing anything."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_evidence
short_description: Read the evidence of one cluster from its API and its charts
version_added: 1.0.0
description:
  - Reads, in one pass and read-only, what the rules of M(zerotrust.baremetal.analyze) need to know of a cluster.
    That is Nodes, Namespaces, the workloads of Cilium, Istio and Gatekeeper, webhooks, policies, Helm releases and public
    certificates.
  - Reads the charts that are to be installed, finds values no chart knows, and renders the charts with C(helm template).
  - What could not be read (forbidden, no answer in time, no such file) is in RV(evidence.missing) with its reason.
  - Secrets never enter the evidence. Of Secrets, only Helm's own release records are read, and the certificates of Hubble, of
    Gatekeeper's webhook and of istiod's issuer, without their keys.
  - Whatever looks like a password, token or private key in values is replaced before it is returned.
author: zerotrust.baremetal contributors (@zerotrust-baremetal)
extends_documentation_fragment:
  - zerotrust.baremetal.attributes.read_only
  - zerotrust.baremetal.cluster
options:
  charts:
    description:
      - What is to be installed, by the name of the chart (V(cilium), V(base), V(istiod), V(cni), V(ztunnel), V(gatekeeper)).
      - The values are not shown in logs of the task when the task says C(no_log).
    type: dict
    default: {}
  helm_binary:
    description:
      - Helm, to bring and render the charts. The empty string stands for C(helm) in the path of the driver.
      - Without Helm the charts are not rendered, and rules about rendered objects are UNKNOWN.
    type: path
    default: ""
  timeout:
    description: Seconds one request to the API may take.
    type: int
    default: 15
notes:
  - "Each entry of O(charts) is a mapping with the keys C(ref) (a path, an C(oci://) reference, or a name in C(repo_url)),
    C(repo_url), C(version), C(values) (everything that is given to Helm), C(user_values) (that part of it which the user gave),
    C(user_values_name) (the variable the user gave it in), C(release) and C(namespace)."
  - A chart that is not a path is brought by C(helm pull) once for each version, with the Helm settings of the user who runs the
    task, and kept in C($XDG_CACHE_HOME/zerotrust/charts). One that cannot be brought is named in RV(evidence.missing).
  - An API server that does not answer, or a kubeconfig file that is not there, is one clear failure.
seealso:
  - module: zerotrust.baremetal.analyze
  - module: zerotrust.baremetal.node_evidence
"""

EXAMPLES = r"""
- name: Read the cluster
  zerotrust.baremetal.cluster_evidence:
    kubeconfig: /etc/kubernetes/admin.conf
    charts:
      cilium:
        ref: /srv/charts/cilium-1.20.2.tgz
        version: 1.20.2
        values: "{{ cilium_default_values | combine(cilium_values, recursive=True) }}"
        user_values: "{{ cilium_values }}"
        user_values_name: cilium_values
        release: cilium
        namespace: kube-system
  register: zerotrust_cluster_evidence
"""

RETURN = r"""
evidence:
  description:
    - What was read. The keys are described in the collection's C(docs/evidence_cluster.md).
  returned: success
  type: dict
  contains:
    collected_at:
      description: When it was read, RFC 3339.
      type: str
    api:
      description: What the API server said.
      type: dict
    charts:
      description: What the charts say, by name.
      type: dict
    missing:
      description: What could not be read, each with C(path) and C(reason).
      type: list
      elements: dict
"""

import copy
import datetime

from ansible_collections.zerotrust.baremetal.plugins.module_utils.zip_import import compile_once

compile_once()

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zerotrust.baremetal.plugins.module_utils.cluster.api import Api, ClusterError
from ansible_collections.zerotrust.baremetal.plugins.module_utils.cluster.charts import collect as collect_charts
from ansible_collections.zerotrust.baremetal.plugins.module_utils.cluster.collect import Collector
from ansible_collections.zerotrust.baremetal.plugins.module_utils.cluster.interruption import end_in_order


def main():
    end_in_order()
    module = AnsibleModule(
        argument_spec={
            "kubeconfig": {"type": "path"},
            "context": {"type": "str", "default": ""},
            "charts": {"type": "dict", "default": {}},
            "helm_binary": {"type": "path", "default": ""},
            "timeout": {"type": "int", "default": 15},
        },
        supports_check_mode=True,
    )
    charts = copy.deepcopy(module.params["charts"])
    for name, chart in charts.items():
        if not isinstance(chart, dict):
            keys = "ref, repo_url, version, values, user_values, user_values_name, release, namespace"
            module.fail_json(msg=f"charts: {name} must be a mapping with the keys {keys}.")
    try:
        api = Api(module.params["kubeconfig"], module.params["context"], module.params["timeout"])
        namespaces = {name: chart.get("namespace") for name, chart in charts.items()}
        found, missing = Collector(api, namespaces).run()
        read, gaps = collect_charts(charts, module.params["helm_binary"], found["version"])
    except ClusterError as error:
        module.fail_json(msg=str(error))
    # The values came as arguments and are in the evidence without their secrets; a registered result shall not hold them twice.
    module.params["charts"] = {}
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    module.exit_json(changed=False, evidence={"collected_at": now, "api": found, "charts": read, "missing": missing + gaps})


if __name__ == "__main__":
    main()
