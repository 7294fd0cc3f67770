#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Save a cluster's evidence as one file, without judging it."""

from __future__ import annotations

DOCUMENTATION = r"""
module: evidence_bundle
short_description: Save a cluster's evidence as one file, to be judged later or elsewhere
version_added: 1.0.0
description:
  - Puts what was collected into one evidence bundle and writes it as C(evidence.json.gz), as M(zerotrust.baremetal.analyze) does
    beside its reports, but asks no rule.
  - M(zerotrust.baremetal.folder_evidence) reads the file again.
  - Reads nothing but its arguments, and writes nothing but that file.
author: zerotrust.baremetal contributors (@zerotrust-baremetal)
extends_documentation_fragment:
  - zerotrust.baremetal.attributes
attributes:
  check_mode:
    support: full
    details: Says where it would write, and writes no file.
  diff_mode:
    support: none
  idempotent:
    support: full
    details: The same evidence is the same file; redacted, only with O(redaction_key_file).
  platform:
    support: full
options:
  cluster:
    description: Name of the cluster.
    type: str
    required: true
  moment:
    description:
      - What the rules shall ask when the bundle is judged. V(preflight) asks whether a change may begin, V(verify) whether it has
        the effect it was made for.
    type: str
    choices: [preflight, verify]
    default: verify
  desired:
    description: What the inventory wants, as O(zerotrust.baremetal.analyze#module:desired).
    type: dict
    required: true
  nodes:
    description:
      - Evidence of the nodes by inventory name, as the filter P(zerotrust.baremetal.node_evidence_map#filter) returns it.
    type: dict
    default: {}
  cluster_evidence:
    description: RV(zerotrust.baremetal.cluster_evidence#module:evidence).
    type: dict
    default: {}
  report_dir:
    description: Folder on the driver to write to; made where it is missing.
    type: path
    required: true
  redact:
    description:
      - Replace what is of this site, and write C(evidence-redacted.json.gz). Names, addresses, hosts, labels, keys of WireGuard,
        certificates and what users set are replaced by others, the same in all places, so that rules come to the same verdicts.
      - What is replaced and what stays is described in the collection's C(docs/evidence_cluster.md).
    type: bool
    default: false
  redaction_key_file:
    description:
      - File of 16 bytes or more that nobody can guess. The same key makes the same replacements, so that reports of redacted
        evidence can be compared, and whoever has it can tell which name stands for a given one.
      - Without it a key is made up, and forgotten.
    type: path
notes:
  - A bundle holds no secret, but names, addresses and versions; keep it as the inventory is kept.
  - Printing is done by the action plugin of M(zerotrust.baremetal.analyze).
seealso:
  - module: zerotrust.baremetal.analyze
  - module: zerotrust.baremetal.folder_evidence
"""

EXAMPLES = r"""
- name: Save what was collected
  zerotrust.baremetal.evidence_bundle:
    cluster: "{{ zerotrust_cluster }}"
    desired: "{{ zerotrust_desired }}"
    nodes: "{{ hostvars | zerotrust.baremetal.node_evidence_map(zerotrust_cluster_nodes) }}"
    cluster_evidence: "{{ zerotrust_cluster_evidence.evidence }}"
    report_dir: ./reports/production

- name: Save it for somebody who may not know the names
  zerotrust.baremetal.evidence_bundle:
    cluster: "{{ zerotrust_cluster }}"
    desired: "{{ zerotrust_desired }}"
    nodes: "{{ hostvars | zerotrust.baremetal.node_evidence_map(zerotrust_cluster_nodes) }}"
    cluster_evidence: "{{ zerotrust_cluster_evidence.evidence }}"
    report_dir: ./reports/production
    redact: true
    redaction_key_file: ~/.config/zerotrust/redaction.key
"""

RETURN = r"""
path:
  description: The file.
  returned: success
  type: str
missing:
  description: What could not be read of cluster and nodes, each with C(path) and C(reason).
  returned: success
  type: list
  elements: dict
"""

import datetime
import os

from ansible_collections.zerotrust.baremetal.plugins.module_utils.zip_import import compile_once

compile_once()

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zerotrust.baremetal.plugins.module_utils.cluster.interruption import end_in_order
from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import bundle as bundles
from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import redaction, saved_bundle
from ansible_collections.zerotrust.baremetal.plugins.module_utils.report import files, redacted

ARGUMENTS = {
    "cluster": {"type": "str", "required": True},
    "moment": {"type": "str", "choices": ["preflight", "verify"], "default": "verify"},
    "desired": {"type": "dict", "required": True},
    "nodes": {"type": "dict", "default": {}},
    "cluster_evidence": {"type": "dict", "default": {}},
    "report_dir": {"type": "path", "required": True},
    "redact": {"type": "bool", "default": False},
    # The name of a file.
    "redaction_key_file": {"type": "path", "no_log": False},
}


def main():
    end_in_order()
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    params = module.params
    given = params["cluster_evidence"]
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    bundle = bundles.assemble(
        cluster=params["cluster"],
        collected_at=given.get("collected_at") or now,
        moment=params["moment"],
        desired=params["desired"],
        nodes=params["nodes"],
        cluster_evidence=given,
    )
    missing = bundles.unread(bundle)
    name, how = saved_bundle.FILE, ""
    if params["redact"]:
        name, how = redaction.FILE, ", with other names and addresses"
        try:
            bundle = redacted.redacted(bundle, params["redaction_key_file"])
        except redacted.RedactionError as error:
            module.fail_json(msg=str(error))
    path = os.path.join(os.path.abspath(params["report_dir"]), name)
    if not module.check_mode:
        try:
            files.write(params["report_dir"], {name: saved_bundle.packed(bundle)})
        except OSError as error:
            why = error.strerror or error
            module.fail_json(msg=f"The evidence cannot be written to {params['report_dir']}: {why}. Set zerotrust_report_dir.")
    # The evidence came as arguments; the result shall not hold it again.
    module.params.update(nodes={}, cluster_evidence={}, desired={})
    seen = f"evidence of {len(bundle['nodes'])} nodes{how}, {len(missing)} things that could not be read"
    said = f"{params['cluster']}: {seen}: {path}"
    module.exit_json(changed=False, path=path, missing=missing, lines=[("text", said)])


if __name__ == "__main__":
    main()
