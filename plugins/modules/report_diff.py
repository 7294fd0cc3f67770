#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare two reports of a cluster, or what is said of two times its evidence."""

from __future__ import annotations

DOCUMENTATION = r"""
module: report_diff
short_description: Say what got worse and what got better between two reports or saved bundles
version_added: 1.0.0
description:
  - Compares two JSON reports of M(zerotrust.baremetal.analyze) by rule and subject, prints the difference, and fails on request
    when something is worse.
  - In the place of a report it takes saved evidence, C(evidence.json.gz), packed or not, which is judged first. By the rules of
    now, and both at the same moment and for the same stages; those of the report where one is a report, else the moment of the
    newer evidence and the stages that both are of.
  - Worse is a FAIL that was none before, an UNKNOWN that was PASS, accepted or not there, and a severity that was raised.
  - Better is only what was looked at again. A FAIL that became UNKNOWN, or whose rule was not asked any more, is still there.
author: zerotrust.baremetal contributors (@zerotrust-baremetal)
extends_documentation_fragment:
  - zerotrust.baremetal.attributes
  - zerotrust.baremetal.attributes.read_only
attributes:
  platform:
    support: full
options:
  before:
    description: The older report or evidence, for example V(reports/production/verify.json).
    type: path
    required: true
  after:
    description: The newer report or evidence.
    type: path
    required: true
  fail_on_worse:
    description: Whether to fail when something is worse.
    type: bool
    default: false
notes:
  - What the inventory accepts is in a report and not in evidence; what an object accepts by its annotation is in both. Where one
    of the two is a report, a finding that the inventory accepts is FAIL in the other.
  - Reports of two clusters, of different stages, or in the wrong order are compared all the same, with a warning.
  - Printing is done by the action plugin of M(zerotrust.baremetal.analyze).
seealso:
  - module: zerotrust.baremetal.analyze
"""

EXAMPLES = r"""
- name: Insist that the change made nothing worse
  zerotrust.baremetal.report_diff:
    before: /srv/reports/production/monday.json
    after: /srv/reports/production/verify.json
    fail_on_worse: true

- name: Compare what was collected on two days
  zerotrust.baremetal.report_diff:
    before: /srv/reports/production/monday.json.gz
    after: /srv/reports/production/evidence.json.gz
"""

RETURN = r"""
counts:
  description:
    - Number of findings that are worse (C(worse)), better (C(better)), accepted as soon as they were found (C(accepted)), and
      still there (C(unchanged)).
  returned: when both files can be compared
  type: dict
worse:
  description:
    - What got worse, worst first.
    - When the module fails on it, the message names it.
  returned: success
  type: list
  elements: dict
  contains: &change
    id:
      description: Id of the rule.
      type: str
    subject:
      description: What the finding is about, for example C(node1).
      type: str
    before:
      description: C(PASS), C(FAIL), C(UNKNOWN), C(accepted), or C(new) for what the older report does not have.
      type: str
    after:
      description:
        - C(PASS), C(FAIL), C(UNKNOWN), C(accepted).
        - C(gone) for what the rule says no more, C(not seen) where it was not asked or could not see everything.
      type: str
    severity_before:
      description: Severity of the rule in the older report.
      type: str
    severity:
      description: Severity of the rule now.
      type: str
    layer:
      description: Layer of the rule.
      type: str
    title:
      description: What the rule demands.
      type: str
    message:
      description: What was seen.
      type: str
    remedy:
      description: What to do.
      type: str
better:
  description: What got better.
  returned: success
  type: list
  elements: dict
  contains: *change
accepted:
  description: What is new and accepted.
  returned: success
  type: list
  elements: dict
  contains: *change
unchanged:
  description: What was not PASS before and is not PASS now.
  returned: success
  type: list
  elements: dict
  contains: *change
appeared:
  description: C(rules) and C(subjects) that only the newer report has.
  returned: success
  type: dict
vanished:
  description: C(rules) and C(subjects) that only the older report has.
  returned: success
  type: dict
text:
  description: What is printed.
  returned: success
  type: str
"""

import gc
import os
import stat
from dataclasses import asdict

from ansible_collections.zerotrust.baremetal.plugins.module_utils.zip_import import compile_once

# Neither code nor what files hold has cycles, and the process ends with its answer: to look for garbage is lost time.
gc.disable()
compile_once()

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zerotrust.baremetal.plugins.module_utils.cluster.interruption import end_in_order
from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence.saved_bundle import MOST_BYTES, SavedBundleError
from ansible_collections.zerotrust.baremetal.plugins.module_utils.report import compared_files, comparison, text

ARGUMENTS = {
    "before": {"type": "path", "required": True},
    "after": {"type": "path", "required": True},
    "fail_on_worse": {"type": "bool", "default": False},
}
LISTS = ("worse", "better", "accepted", "unchanged")


def read(path):
    try:
        # Before it is opened: a pipe would wait for whoever writes to it, and a device may have no end.
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise comparison.ReportError(f"{path} is no file. {comparison.EXPECTED}")
        with open(path, "rb") as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise comparison.ReportError(f"{path} is larger than {MOST_BYTES // 1024 // 1024} MiB. {comparison.EXPECTED}")
        return content, path
    except OSError as error:
        raise comparison.ReportError(f"{path} cannot be read: {error.strerror}. {comparison.EXPECTED}") from None


def main():
    end_in_order()
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    params = module.params
    try:
        before, after, said = compared_files.read(read(params["before"]), read(params["after"]))
    except (comparison.ReportError, SavedBundleError) as error:
        module.fail_json(msg=str(error))
    result = comparison.compare(before, after)
    for warning in [*said, *result.warnings]:
        module.warn(warning)
    lines = comparison.lines(result)
    answer = {"changed": False, "counts": result.counts(), "lines": lines}
    if params["fail_on_worse"] and result.worse:
        # Ansible shows the whole result of a failed task: the message has what matters.
        module.fail_json(msg=comparison.message(result), **answer)
    changes = {name: [asdict(change) for change in getattr(result, name)] for name in LISTS}
    module.exit_json(**answer, **changes, appeared=result.appeared, vanished=result.vanished, text=text.plain(lines))


if __name__ == "__main__":
    main()
