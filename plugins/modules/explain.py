#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Say what a rule demands, why, and what to write instead."""

from __future__ import annotations

DOCUMENTATION = r"""
module: explain
short_description: Show the page of a rule
version_added: 1.0.0
description:
  - Prints what a rule demands, why, what to write instead and where that is known from, or lists all rules.
  - Needs no inventory and no cluster.
author: zerotrust.baremetal contributors (@zerotrust-baremetal)
extends_documentation_fragment:
  - zerotrust.baremetal.attributes
  - zerotrust.baremetal.attributes.read_only
attributes:
  platform:
    support: full
options:
  id:
    description:
      - Ids of rules, for example V(ZT-AMB-020).
      - Without one, all rules are listed.
    type: list
    elements: str
    default: []
notes:
  - The same pages are in the collection's C(docs/rules.md).
  - Printing is done by the action plugin of M(zerotrust.baremetal.analyze).
seealso:
  - module: zerotrust.baremetal.analyze
"""

EXAMPLES = r"""
- name: Show the pages of two rules
  zerotrust.baremetal.explain:
    id: [ZT-AMB-020, ZT-GK-003]

- name: List all rules
  zerotrust.baremetal.explain:
"""

RETURN = r"""
rules:
  description: The rules that were asked for, or all.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: Id of the rule.
      type: str
    severity:
      description: C(blocker), C(high), C(medium) or C(low).
      type: str
    layer:
      description: Layer of the rule.
      type: str
    stages:
      description: Stages it belongs to.
      type: list
      elements: str
    moments:
      description: When it is asked, C(plan) of a folder, C(preflight) before a change, C(verify) after it.
      type: list
      elements: str
    versions:
      description: Versions it is about, or C(all).
      type: str
    title:
      description: What it demands.
      type: str
    why:
      description: Why.
      type: str
    remediation:
      description: What to write or to do.
      type: str
    source:
      description: Where that is known from.
      type: str
text:
  description: What is printed.
  returned: always
  type: str
"""

from ansible_collections.zerotrust.baremetal.plugins.module_utils.zip_import import compile_once

compile_once()

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zerotrust.baremetal.plugins.module_utils.report import rule_page, text
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules.catalogue import RULES

ARGUMENTS = {
    "id": {"type": "list", "elements": "str", "default": []},
}


def main():
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        asked = rule_page.find(module.params["id"], RULES)
    except rule_page.UnknownRule as error:
        module.fail_json(msg=str(error))
    lines = rule_page.lines(asked) if asked else rule_page.index(RULES)
    module.exit_json(changed=False, rules=[rule_page.data(rule) for rule in asked or RULES], lines=lines, text=text.plain(lines))


if __name__ == "__main__":
    main()
