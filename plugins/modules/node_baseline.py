#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: node_baseline
short_description: Kernel modules, sysctls and the network services' manners of a node, in one call
version_added: 1.0.0
description:
  - Plans, shows, applies and verifies the node baseline in one call, for now and for the next boot.
  - All or nothing. On any error what was there before is restored, and the message says so.
  - Writes C(/etc/modules-load.d/60-zerotrust.conf), C(/etc/sysctl.d/99-zzzz-zerotrust.conf),
    C(/etc/systemd/networkd.conf.d/60-zerotrust.conf) and C(/etc/NetworkManager/conf.d/60-zerotrust.conf),
    each line with its reason as a comment, and nothing else.
  - Refuses containers and machines without systemd, where nothing of it would hold.
  - Other files are never changed. One that says something else about the same key is returned in RV(conflicts).
  - The running values that were replaced are kept in C(/var/lib/zerotrust/baseline.json).
notes:
  - O(state=absent) does not unload modules; by then something may need them. They are not loaded at the next boot.
extends_documentation_fragment:
  - zerotrust.baremetal.attributes
  - zerotrust.baremetal.attributes.node
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  modules:
    description: Kernel modules to load now and at boot. One that is built in needs nothing.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the module.
        type: str
        required: true
      reason:
        description: Why the node needs it. Written beside it.
        type: str
        required: true
  sysctls:
    description: Kernel settings to set now and at boot.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description:
          - Name of the setting, in either spelling that sysctl.d knows.
          - A pattern like V(net.ipv4.conf.lxc*.rp_filter) covers the links there are and, by systemd-udevd, those to come.
        type: str
        required: true
      value:
        description: Its value.
        type: str
        required: true
      reason:
        description: Why the node needs it. Written beside it.
        type: str
        required: true
  networkd_foreign:
    description:
      - Keep systemd-networkd from deleting routes and routing rules that are not its own, like Cilium's.
      - Does nothing on a node without systemd-networkd. Where it runs, it is restarted when this changes.
    type: bool
    default: true
  networkmanager_foreign:
    description:
      - Keep NetworkManager off Cilium's links.
      - Does nothing on a node without NetworkManager. Where it runs, it is told to read its configuration again, never restarted.
    type: bool
    default: true
  state:
    description:
      - V(present) makes the node so.
      - V(absent) removes the files and gives back the running values that were replaced,
        unless somebody else has changed them since. The lists are not looked at.
    type: str
    choices: [present, absent]
    default: present
author:
  - zerotrust.baremetal contributors (@zerotrust-baremetal)
seealso:
  - module: zerotrust.baremetal.node_evidence
"""

EXAMPLES = r"""
- name: Prepare the node
  zerotrust.baremetal.node_baseline:
    modules:
      - name: wireguard
        reason: Cilium encrypts between nodes with it
    sysctls:
      - name: net.ipv4.ip_forward
        value: "1"
        reason: the node forwards packets of its pods

- name: Take it back
  zerotrust.baremetal.node_baseline:
    state: absent
"""

RETURN = r"""
files:
  description: Files written or removed.
  returned: success
  type: list
  elements: str
modules_loaded:
  description: Modules that were not loaded before.
  returned: success
  type: list
  elements: str
sysctls_changed:
  description: Running settings that were changed, each with C(name), C(before) and C(after).
  returned: success
  type: list
  elements: dict
networkd_restarted:
  description: Whether systemd-networkd was restarted.
  returned: success
  type: bool
networkmanager_reloaded:
  description: Whether NetworkManager was told to read its configuration again.
  returned: success
  type: bool
conflicts:
  description:
    - What other files say against the baseline.
    - Where C(wins) is true, the node will not be as asked for after its next boot, until that file is changed.
  returned: success
  type: list
  elements: dict
  contains:
    kind:
      description: Of what.
      type: str
      choices: [module, sysctl, networkd, networkmanager]
    name:
      description: Module or key.
      type: str
    path:
      description: The other file.
      type: str
    says:
      description: Its line.
      type: str
    wanted:
      description: What was asked for.
      type: str
    wins:
      description: Whether the other file has the last word at boot.
      type: bool
"""

from ansible_collections.zerotrust.baremetal.plugins.module_utils.zip_import import compile_once

compile_once()

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zerotrust.baremetal.plugins.module_utils.node import baseline, baseline_input
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.host import Host, Unreadable
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.refused import Refused


def run(host: Host, wanted: baseline.Desired, check_mode: bool) -> dict:
    plan = baseline.plan(host, wanted)
    if plan.changed and not check_mode:
        baseline.apply(host, plan)
    return baseline.outcome(plan)


def main() -> None:
    module = AnsibleModule(argument_spec=baseline_input.ARGUMENTS, supports_check_mode=True)
    try:
        result = run(Host(run_command=module.run_command), baseline_input.desired(module.params), module.check_mode)
    except (Refused, Unreadable, OSError) as error:
        module.fail_json(msg=f"The node baseline was not applied: {error}")
    module.exit_json(**result)


if __name__ == "__main__":
    main()
