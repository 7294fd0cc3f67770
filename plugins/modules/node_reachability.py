#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: node_reachability
short_description: Try the ports and the packet size between nodes
version_added: 1.0.0
description:
  - Every node listens for a while, every node tries all others, every node stops listening.
    So all pairs are tried with three module executions a node.
  - Nothing stays on the node. The listener is a process that ends by itself, and takes no port that somebody else has.
  - Outcomes are facts about the way, not verdicts. A port that answers is RV(ports[].outcome=reached), one that is rejected is
    V(refused) or V(unreachable), one from which nothing comes back is V(silent).
extends_documentation_fragment:
  - zerotrust.baremetal.attributes
  - zerotrust.baremetal.attributes.read_only
  - zerotrust.baremetal.attributes.node
options:
  state:
    description: What to do.
    type: str
    choices: [listening, probed, stopped]
    required: true
  ports:
    description: With O(state=listening), the ports to answer on.
    type: list
    elements: dict
    default: []
    suboptions:
      port:
        description: The port number.
        type: int
        required: true
      protocol:
        description: The protocol.
        type: str
        choices: [tcp, udp]
        default: tcp
  seconds:
    description: With O(state=listening), when it ends by itself.
    type: int
    default: 120
  peers:
    description: With O(state=probed), whom to try.
    type: list
    elements: dict
    default: []
    suboptions:
      host:
        description: Its name, which comes back unchanged.
        type: str
        required: true
      addresses:
        description: Its addresses.
        type: list
        elements: str
        required: true
      ports:
        description: What it answers on, as its RV(listening).
        type: list
        elements: dict
        required: true
  timeout:
    description: With O(state=probed), seconds until a port counts as silent.
    type: float
    default: 3.0
author:
  - zerotrust.baremetal contributors (@zerotrust-baremetal)
"""

EXAMPLES = r"""
- name: Answer on WireGuard's port
  zerotrust.baremetal.node_reachability:
    state: listening
    ports:
      - port: 51871
        protocol: udp
  register: answering

- name: Try the other node
  zerotrust.baremetal.node_reachability:
    state: probed
    peers:
      - host: node2
        addresses: [192.0.2.12]
        ports: "{{ hostvars['node2'].answering.listening }}"

- name: End it
  zerotrust.baremetal.node_reachability:
    state: stopped
"""

RETURN = r"""
listening:
  description: Ports it answers on, each with C(port) and C(protocol).
  returned: O(state=listening)
  type: list
  elements: dict
taken:
  description: Ports that somebody else has.
  returned: O(state=listening)
  type: list
  elements: dict
ports:
  description: One entry for each port of each address of each peer.
  returned: O(state=probed)
  type: list
  elements: dict
  contains:
    outcome:
      description: How it went.
      type: str
      choices: [reached, refused, silent, unreachable]
    detail:
      description: The reason in the system's words.
      type: str
paths:
  description: For each IPv4 address of each peer C(link_mtu), and C(path_mtu) - how large a packet came back in one piece.
  returned: O(state=probed)
  type: list
  elements: dict
"""

import ipaddress

from ansible_collections.zerotrust.baremetal.plugins.module_utils.zip_import import compile_once

compile_once()

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zerotrust.baremetal.plugins.module_utils.node import listener, reachability

ARGUMENTS = {
    "state": {"type": "str", "choices": ["listening", "probed", "stopped"], "required": True},
    "ports": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "port": {"type": "int", "required": True},
            "protocol": {"type": "str", "choices": ["tcp", "udp"], "default": "tcp"},
        },
    },
    "seconds": {"type": "int", "default": 120},
    "peers": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "host": {"type": "str", "required": True},
            "addresses": {"type": "list", "elements": "str", "required": True},
            "ports": {"type": "list", "elements": "dict", "required": True},
        },
    },
    "timeout": {"type": "float", "default": 3.0},
}


def listen(params) -> dict:
    # An earlier run may have been interrupted.
    listener.stop()
    mine, taken = listener.start([(port["protocol"], port["port"]) for port in params["ports"]], params["seconds"])
    return {"listening": _named(mine), "taken": _named(taken)}


def _named(ports) -> list:
    return [{"protocol": protocol, "port": number} for protocol, number in ports]


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    params = module.params
    try:
        if params["state"] == "listening":
            result = listen(params)
        elif params["state"] == "probed":
            for peer in params["peers"]:
                for address in peer["addresses"]:
                    ipaddress.ip_address(address)
            result = reachability.probe(params["peers"], params["timeout"])
        else:
            listener.stop()
            result = {}
    except (OSError, ValueError) as error:
        module.fail_json(msg=f"The ways between nodes were not tried: {error}")
    module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
