#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: node_firewall
short_description: The host firewall of a node as one desired state that cannot lock you out
version_added: 1.0.0
description:
  - Lets given networks reach given ports, and with O(guard) nobody else.
    Ports that are not named are left to the node's own rules.
  - Works with the firewall the node has - firewalld, ufw, nftables or iptables. It is found, and two at once are refused.
  - Everything changes in one transaction of the backend. Nothing of other software is flushed or reloaded, and established
    connections go on.
  - Before a change a timer on the node is armed that takes it back. The action part of this module then connects anew and
    disarms it. When that does not succeed, the node is as before after O(undo_after) seconds, or after its next boot.
  - A change that would refuse the connection it came by is refused itself. So is one that closes a port to somebody who
    is connected to it now, unless O(disconnect).
notes:
  - With firewalld the rules are rich rules of every active zone with the priorities -2471 and -2470, without a reload.
  - With ufw and iptables they are the chain C(ZEROTRUST), first in C(INPUT). C(ufw status) does not show them.
  - With nftables they are the table C(inet zerotrust), and a jump in each base chain of the node's own that drops packets.
  - Openings are kept in C(/var/lib/zerotrust/firewall.json). But for firewalld the unit C(zerotrust-firewall.service) brings
    the rules back at boot and after a restart of the service that empties them.
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
  openings:
    description: Who may reach which ports.
    type: list
    elements: dict
    default: []
    suboptions:
      port:
        description: A port, or a range like V(30000-32767). Left out for V(icmp).
        type: str
        default: ''
      protocol:
        description: The protocol. V(icmp) stands for echo requests of both IP versions.
        type: str
        choices: [tcp, udp, icmp]
        default: tcp
      sources:
        description: Addresses and networks, of both IP versions.
        type: list
        elements: str
        required: true
      reason:
        description: What the port is for.
        type: str
        default: ''
  guard:
    description: Close the named ports to everybody else.
    type: bool
    default: true
  backend:
    description: Insist on one. V(auto) takes the one that rules the node.
    type: str
    choices: [auto, firewalld, ufw, nftables, iptables]
    default: auto
  phase:
    description:
      - V(open) leaves open what is open and only adds. What a later run with V(close) will close is returned in RV(left_open).
      - With V(open) on all nodes before V(close) on any, no node is refused by one that knows more than it.
    type: str
    choices: [open, close]
    default: close
  disconnect:
    description: Close ports also to those who are connected to them now. Their connections go on, new ones are refused.
    type: bool
    default: false
  undo_after:
    description: Seconds until an unconfirmed change is taken back.
    type: int
    default: 60
  state:
    description:
      - V(present) makes the firewall so, V(absent) takes everything of it away.
      - V(confirmed) keeps a change that waits. The action part uses it; there is no need to write it in a playbook.
    type: str
    choices: [present, absent, confirmed]
    default: present
author:
  - zerotrust.baremetal contributors (@zerotrust-baremetal)
seealso:
  - plugin: zerotrust.baremetal.firewall_openings
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Let only the cluster's nodes reach Cilium
  zerotrust.baremetal.node_firewall:
    openings:
      - port: "51871"
        protocol: udp
        sources: [192.0.2.11, 192.0.2.12, '2001:db8::11']
        reason: WireGuard

- name: Take it back
  zerotrust.baremetal.node_firewall:
    state: absent
"""

RETURN = r"""
backend:
  description: What the rules are written with, or V(none) where there is nothing to take away.
  returned: success
  type: str
opened:
  description: Who gets in to where, that did not before.
  returned: success
  type: list
  elements: str
closed:
  description: Who got in to where, and does not any more.
  returned: success
  type: list
  elements: str
left_open:
  description: What the closing phase will close.
  returned: success
  type: list
  elements: str
waiting:
  description: Whether the change waits for its confirmation by a fresh connection.
  returned: success
  type: bool
"""

from ansible_collections.zerotrust.baremetal.plugins.module_utils.zip_import import compile_once

compile_once()

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.firewall import change, options, undo
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.host import Host, Unreadable
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.refused import Refused


def run(host: Host, params, check_mode: bool) -> dict:
    if params["state"] == "confirmed":
        return {"changed": True, "backend": change.confirm(host), "waiting": False}
    plan = options.plan(host, params)
    acts = plan.changed and not check_mode
    if acts:
        change.put_in_force(host, plan, params["undo_after"], params["disconnect"])
    return {**change.outcome(plan), "waiting": acts and undo.armed(host)}


def main() -> None:
    module = AnsibleModule(argument_spec=options.ARGUMENTS, supports_check_mode=True)
    try:
        result = run(Host(run_command=module.run_command), module.params, module.check_mode)
    except (Refused, Unreadable, OSError) as error:
        module.fail_json(msg=f"The host firewall was not set: {error}")
    module.exit_json(**result)


if __name__ == "__main__":
    main()
