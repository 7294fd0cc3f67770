#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge evidence by the rules, report, and stop when a gate says so."""

from __future__ import annotations

DOCUMENTATION = r"""
module: analyze
short_description: Judge a cluster's evidence by the rules, and gate on the findings
version_added: 1.0.0
description:
  - Puts what was collected into one evidence bundle, runs the rules on it, prints the verdicts, writes reports, and fails when
    the gate is not passed.
  - A rule ends as C(PASS), C(FAIL) or C(UNKNOWN). What was not seen is never C(PASS).
  - Reads nothing but its arguments, and writes nothing but the reports.
author: zerotrust.baremetal contributors (@zerotrust-baremetal)
extends_documentation_fragment:
  - zerotrust.baremetal.attributes
attributes:
  check_mode:
    support: full
    details: Analyses and gates all the same, and writes no file.
  diff_mode:
    support: none
  idempotent:
    support: full
  platform:
    support: full
options:
  cluster:
    description: Name of the cluster.
    type: str
    required: true
  moment:
    description:
      - V(plan) asks what can be told of files before there is a cluster, V(preflight) whether a change may begin, V(verify)
        whether it has the effect it was made for.
    type: str
    choices: [plan, preflight, verify]
    required: true
  stages:
    description: Stages whose rules are asked.
    type: list
    elements: str
    choices: [node, network, policy, mesh, enforcement]
    default: [node, network, policy, mesh, enforcement]
  desired:
    description:
      - What the inventory wants.
      - "Keys are C(nodes) (inventory name to C(node_name), C(ips) and C(opens), whether the node stage writes its firewall),
        C(pod_cidrs), C(service_cidrs), C(api) (C(host), C(port)), C(features) (C(wireguard),
        C(kube_proxy_replacement), C(routing), C(tunnel_protocol), C(ambient)), C(namespaces)
        (C(protected), C(mesh))
        and C(stages)."
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
  accepted:
    description:
      - Findings that are known and accepted. They are shown in every report and do not stop the gate.
      - An entry past its date counts no more.
    type: list
    elements: dict
    default: []
    suboptions:
      id:
        description:
          - Id of the rule, for example V(ZT-GK-003).
          - One of O(accepted[].id) and O(accepted[].layer) is needed; with both, findings of that rule in that layer are meant.
        type: str
      layer:
        description: Layer of the rules, for all rules of it.
        type: str
        choices: [node, network, policy, mesh, pod]
      subject:
        description: Subject of the finding as the report shows it; C(*) stands for any text.
        type: str
        default: "*"
      reason:
        description: Why it is accepted.
        type: str
        required: true
      until:
        description: Last day it is accepted, as V(2027-01-31).
        type: str
        required: true
  annotations:
    description:
      - "Whether findings about an object are accepted too when the object says so by its annotation
        C(zerotrust.baremetal/accept), a line each as V(ZT-PSS-002 until 2027-01-31: ticket 4711). They are shown in every report
        with the object."
      - Switch it off where people may annotate objects who may not accept findings.
    type: bool
    default: true
  gate:
    description: Severities that stop, for each verdict.
    type: dict
    default: {}
    suboptions:
      fail:
        description: Severities of FAIL findings that stop.
        type: list
        elements: str
        choices: [blocker, high, medium, low]
        default: [blocker, high]
      unknown:
        description: Severities of UNKNOWN findings that stop.
        type: list
        elements: str
        choices: [blocker, high, medium, low]
        default: [blocker]
  report_dir:
    description: Folder on the driver to write reports to. The empty string stands for none.
    type: path
    default: ""
  formats:
    description:
      - Reports to write besides the evidence itself, named after O(moment).
      - V(sarif) (C(.sarif)) is SARIF 2.1.0 for tools that track findings from run to run, V(junit) (C(.xml)) is for the test view
        of a CI system, where UNKNOWN is an error, and V(markdown) (C(.md)) is for a comment on a pull request.
      - What is about a node or an object of a cluster has no file. SARIF names it by its subject; GitHub's code scanning
        refuses a log with such results.
    type: list
    elements: str
    choices: [json, html, sarif, junit, markdown]
    default: [json, html]
  redact:
    description:
      - Replace what is of this site, as O(zerotrust.baremetal.evidence_bundle#module:redact), before anything is judged. What is
        printed and all reports have the other names and addresses, and the evidence is C(evidence-redacted.json.gz).
      - O(accepted) stays as it is written. A subject in it has to be the other name, which is the same each time with
        O(redaction_key_file).
    type: bool
    default: false
  redaction_key_file:
    description: As O(zerotrust.baremetal.evidence_bundle#module:redaction_key_file).
    type: path
notes:
  - The rules are listed in the collection's C(docs/rules.md).
  - Printing of the table is done by the action plugin of the same name. A different stdout callback shows it as well.
seealso:
  - module: zerotrust.baremetal.evidence_bundle
  - module: zerotrust.baremetal.cluster_evidence
  - module: zerotrust.baremetal.node_evidence
"""

EXAMPLES = r"""
- name: Judge what was collected
  zerotrust.baremetal.analyze:
    cluster: "{{ zerotrust_cluster }}"
    moment: verify
    desired: "{{ zerotrust_desired }}"
    nodes: "{{ hostvars | zerotrust.baremetal.node_evidence_map(zerotrust_cluster_nodes) }}"
    cluster_evidence: "{{ zerotrust_cluster_evidence.evidence }}"
    accepted:
      - id: ZT-GK-003
        reason: Fail-open is decided until the second control-plane node is there.
        until: "2027-03-31"
    report_dir: ./reports/production
"""

RETURN = r"""
stopped:
  description: Whether the gate stopped.
  returned: always
  type: bool
counts:
  description:
    - Number of findings by verdict (C(PASS), C(FAIL), C(UNKNOWN)), of accepted ones (C(accepted)), and by layer (C(layers),
      when the gate is passed).
  returned: always
  type: dict
findings:
  description:
    - What was not PASS.
    - When the gate stopped, the message names what stopped it, and the reports have all.
  returned: when the gate is passed
  type: list
  elements: dict
  contains:
    id:
      description: Id of the rule.
      type: str
    verdict:
      description: C(FAIL) or C(UNKNOWN).
      type: str
    severity:
      description: C(blocker), C(high), C(medium) or C(low).
      type: str
    layer:
      description: Layer of the rule.
      type: str
    title:
      description: What the rule demands.
      type: str
    subject:
      description: What the finding is about, for example C(node1).
      type: str
    message:
      description: What was seen.
      type: str
    remedy:
      description: What to do.
      type: str
    place:
      description: File and line of what the finding is about, where that came from a file.
      type: str
      sample: group_vars/all.yml:7
    stops:
      description: Whether this finding stops the gate.
      type: bool
    accepted:
      description: The entry of O(accepted) that covers it, or none.
      type: dict
reports:
  description: Paths of the files written, by format.
  returned: always
  type: dict
text:
  description: The table as it is printed.
  returned: when the gate is passed
  type: str
"""

import datetime
import gc

from ansible_collections.zerotrust.baremetal.plugins.module_utils.zip_import import compile_once

# Neither code nor evidence and findings have cycles, and the process ends with its answer: to look for garbage is lost time.
gc.disable()
compile_once()

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zerotrust.baremetal.plugins.module_utils.cluster.interruption import end_in_order
from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import bundle as bundles
from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import redaction, saved_bundle
from ansible_collections.zerotrust.baremetal.plugins.module_utils.report import (
    files,
    html,
    json_report,
    junit,
    markdown,
    redacted,
    sarif,
    text,
)
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules import engine
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules.catalogue import IDS, RULES
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules.rule import LAYERS, MOMENTS

SEVERITIES = ["blocker", "high", "medium", "low"]
STAGES = ["node", "network", "policy", "mesh", "enforcement"]
# Format -> how its file's name ends, and who writes it.
FORMATS = {
    "json": ("json", json_report.render),
    "html": ("html", html.render),
    "sarif": ("sarif", sarif.render),
    "junit": ("xml", junit.render),
    "markdown": ("md", markdown.render),
}

ARGUMENTS = {
    "cluster": {"type": "str", "required": True},
    "moment": {"type": "str", "required": True, "choices": list(MOMENTS)},
    "stages": {"type": "list", "elements": "str", "choices": STAGES, "default": STAGES},
    "desired": {"type": "dict", "required": True},
    "nodes": {"type": "dict", "default": {}},
    "cluster_evidence": {"type": "dict", "default": {}},
    "accepted": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "id": {"type": "str"},
            "layer": {"type": "str", "choices": list(LAYERS)},
            "subject": {"type": "str", "default": "*"},
            "reason": {"type": "str", "required": True},
            "until": {"type": "str", "required": True},
        },
    },
    "annotations": {"type": "bool", "default": True},
    "gate": {
        "type": "dict",
        "default": {},
        "options": {
            "fail": {"type": "list", "elements": "str", "choices": SEVERITIES, "default": ["blocker", "high"]},
            "unknown": {"type": "list", "elements": "str", "choices": SEVERITIES, "default": ["blocker"]},
        },
    },
    "report_dir": {"type": "path", "default": ""},
    "formats": {"type": "list", "elements": "str", "choices": list(FORMATS), "default": ["json", "html"]},
    "redact": {"type": "bool", "default": False},
    # The name of a file.
    "redaction_key_file": {"type": "path", "no_log": False},
}


def write_reports(params, result, bundle):
    moment, stages = params["moment"], params["stages"]
    contents = {}
    for name, (ending, render) in FORMATS.items():
        if name in params["formats"]:
            contents[name] = (f"{moment}.{ending}", render(result, bundle, stages).encode())
    contents["evidence"] = (redaction.FILE if params["redact"] else saved_bundle.FILE, saved_bundle.packed(bundle))
    return dict(zip(contents, files.write(params["report_dir"], dict(contents.values()))))


def compact(finding):
    keys = ("id", "verdict", "severity", "layer", "title", "subject", "message", "remedy", "place", "stops", "accepted")
    return {key: getattr(finding, key) for key in keys}


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
    if params["redact"]:
        try:
            bundle = redacted.redacted(bundle, params["redaction_key_file"])
        except redacted.RedactionError as error:
            module.fail_json(msg=str(error))
    evidence = bundles.Evidence(bundle)
    result = engine.run(evidence, RULES, params["moment"], params["stages"])
    day = datetime.date.fromisoformat(bundle["collected_at"][:10])
    try:
        engine.accept(result, params["accepted"], IDS, day)
    except engine.InputError as error:
        module.fail_json(msg=f"{params['cluster']}: {error}")
    if params["annotations"]:
        engine.accept_annotated(result, evidence, IDS, day)
    engine.gate(result, params["gate"])
    reports = {}
    if params["report_dir"] and not module.check_mode:
        try:
            reports = write_reports(params, result, bundle)
        except OSError as error:
            why = error.strerror or error
            module.fail_json(msg=f"The reports cannot be written to {params['report_dir']}: {why}. Set zerotrust_report_dir.")
    lines = text.lines(result, bundle, params["stages"], reports)
    open_findings = [compact(finding) for finding in result.findings if finding.verdict != engine.PASS]
    # Python looks once more as it ends, in whatever is not put away.
    gc.freeze()
    # The evidence came as arguments; the result shall not hold it again.
    module.params.update(nodes={}, cluster_evidence={}, desired={})
    answer = {"changed": False, "stopped": result.stopped, "counts": result.counts(), "reports": reports, "lines": lines}
    if result.stopped:
        # Ansible shows the whole result of a failed task: the message has what matters, the reports have all.
        answer["counts"].pop("layers")
        module.fail_json(msg=text.message(result, bundle["cluster"], params["moment"]), **answer)
    module.exit_json(findings=open_findings, text=text.plain(lines), **answer)


if __name__ == "__main__":
    main()
