#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read values files, a saved bundle and manifests of a folder as evidence, without any cluster."""

from __future__ import annotations

DOCUMENTATION = r"""
module: folder_evidence
short_description: Read evidence from a folder of values files, manifests or a saved bundle
version_added: 1.0.0
description:
  - Reads what the rules of M(zerotrust.baremetal.analyze) can judge without a cluster, from a folder on the driver and the
    folders below it. What begins with a dot is left out.
  - Helm values are files named C(<chart>.values.yaml) or C(<chart>-<version>.values.yaml), for the charts V(cilium),
    V(gatekeeper), V(base), V(istiod), V(cni) and V(ztunnel); V(istio-base) and V(istio-cni), as their releases are called, are
    the same. Such a file is the whole of what the chart is given. Without a version, the pinned one is meant. A name that is
    nearly one of these is an error, as it would be judged by nothing.
  - A saved bundle is C(evidence.json.gz) as M(zerotrust.baremetal.evidence_bundle) and M(zerotrust.baremetal.analyze) write it,
    packed or not.
  - Manifests are any other YAML or JSON files with Kubernetes objects, for example what C(helm template) or C(kustomize build)
    writes. Objects the evidence has no place for are counted in RV(evidence.notes).
  - A kustomization that is not built is built by C(kustomize) or C(kubectl) of the driver's path, without network, and judged as
    what comes out; its bases and patches are not judged by themselves.
  - Applications of Argo CD that install one of these charts are read as the values they give it, with C(values), C(valuesObject),
    C(parameters), and those C(valueFiles) of other repositories that the folder has. What only Argo CD or a repository knows (an
    ApplicationSet, a range of versions, a values file within a chart) makes the chart C(UNKNOWN).
  - Charts in the folder are named in RV(evidence.notes); their templates are not read.
  - Beside a bundle, values and manifests stand in the place of the cluster's own.
  - What the folder does not have is in RV(evidence.missing), and rules that need it end as C(UNKNOWN).
author: zerotrust.baremetal contributors (@zerotrust-baremetal)
extends_documentation_fragment:
  - zerotrust.baremetal.attributes
  - zerotrust.baremetal.attributes.read_only
attributes:
  platform:
    support: full
options:
  path:
    description: The folder, or one file of these.
    type: path
    required: true
  charts_dir:
    description:
      - Folder with the charts as archives, C(<chart>-<version>.tgz). With it, no repository is asked.
      - The empty string stands for none.
    type: path
    default: ""
  repositories:
    description: URL of the chart repository of each project (V(cilium), V(gatekeeper), V(istio)).
    type: dict
    default: {}
  ambient:
    description:
      - Whether the mesh is wanted, so that rules about room for it in Cilium speak.
      - Unset, the values of chart V(cni) say it, or a bundle does; without either, these rules are UNKNOWN.
    type: bool
  helm_binary:
    description:
      - Helm, to bring and render the charts. The empty string stands for C(helm) in the path of the driver.
      - Without Helm the charts are not rendered, and rules about rendered objects are UNKNOWN.
    type: path
    default: ""
requirements:
  - PyYAML
  - jsonschema-rs, for a saved bundle
  - kustomize, or kubectl, for a kustomization that is not built
notes:
  - A bundle that is not of the schema (C(docs/evidence.schema.json)), or of one newer than this collection knows, is a failure
    that names the file, the place in it, what is there and what is expected.
  - A chart that cannot be had is named in RV(evidence.missing) with the reason.
  - A file that cannot be read or parsed is a failure that names file and line, of all such files at once.
seealso:
  - module: zerotrust.baremetal.analyze
  - module: zerotrust.baremetal.cluster_evidence
  - module: zerotrust.baremetal.evidence_bundle
"""

EXAMPLES = r"""
- name: Read a folder
  zerotrust.baremetal.folder_evidence:
    path: /srv/gitops/production
    charts_dir: /srv/charts
  register: zerotrust_folder

- name: Judge it
  zerotrust.baremetal.analyze:
    cluster: "{{ zerotrust_folder.cluster }}"
    moment: "{{ zerotrust_folder.moment }}"
    stages: "{{ zerotrust_folder.stages }}"
    desired: "{{ zerotrust_folder.desired }}"
    nodes: "{{ zerotrust_folder.nodes }}"
    cluster_evidence: "{{ zerotrust_folder.evidence }}"
"""

RETURN = r"""
cluster:
  description: Name of the bundle's cluster, else of the folder.
  returned: success
  type: str
moment:
  description: The bundle's own when there is nothing beside it, else V(plan).
  returned: success
  type: str
stages:
  description: Stages that something in the folder is about.
  returned: success
  type: list
  elements: str
desired:
  description: What is wanted, as far as the bundle and the values say it.
  returned: success
  type: dict
nodes:
  description: Evidence of nodes, of the bundle.
  returned: success
  type: dict
evidence:
  description:
    - What was read. The keys are described in the collection's C(docs/evidence_cluster.md).
  returned: success
  type: dict
  contains:
    collected_at:
      description: When the bundle was collected, RFC 3339. Without a bundle it is not there.
      type: str
    api:
      description: What the bundle and the manifests say of the API's objects.
      type: dict
    charts:
      description: What the charts say, by name.
      type: dict
    missing:
      description: What the folder does not have, each with C(path) and C(reason).
      type: list
      elements: dict
    notes:
      description: What was read, what was not, and what nothing judges, a line each.
      type: list
      elements: str
"""

import gc

from ansible_collections.zerotrust.baremetal.plugins.module_utils.zip_import import compile_once

# Neither code nor what files hold has cycles, and the process ends with its answer: to look for garbage is lost time.
gc.disable()
compile_once()

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zerotrust.baremetal.plugins.module_utils.cluster import charts, folder, offline
from ansible_collections.zerotrust.baremetal.plugins.module_utils.cluster.interruption import end_in_order
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules import engine
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules.catalogue import RULES


def main():
    end_in_order()
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path", "required": True},
            "charts_dir": {"type": "path", "default": ""},
            "repositories": {"type": "dict", "default": {}},
            "ambient": {"type": "bool"},
            "helm_binary": {"type": "path", "default": ""},
        },
        supports_check_mode=True,
    )
    params = module.params
    try:
        read = folder.read(params["path"])
        planned = offline.planned(read, params["charts_dir"], params["repositories"])
        found, gaps = charts.collect(planned, params["helm_binary"], offline.kubernetes(read))
        made = offline.evidence(read, found, gaps, params["ambient"])
    except folder.FolderError as error:
        module.fail_json(msg=str(error))
    silent = engine.not_asked(RULES, made.moment, made.stages)
    if silent:
        made.evidence["notes"].append(
            f"not asked: {silent} of {len(RULES)} rules, about a running cluster or about stages that nothing here is of"
        )
    # Python looks once more as it ends, in whatever is not put away.
    gc.freeze()
    module.exit_json(changed=False, **vars(made))


if __name__ == "__main__":
    main()
