# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter `zerotrust.baremetal.firewall_openings`."""

from __future__ import annotations

DOCUMENTATION = r"""
name: firewall_openings
short_description: What the host firewall of a node has to let in
version_added: 1.0.0
description:
  - Returns the ports of the platform that the wanted features use, each with the networks that may reach it.
  - Sources are the addresses of the cluster's nodes, the networks of its pods, its API server, and whom the arguments add.
  - The ports of ztunnel are not among them, since they are open inside pods and not on a node.
author: zerotrust.baremetal contributors (@zerotrust-baremetal)
options:
  _input:
    description: The desired state of the cluster as preflight puts it together (C(zerotrust_desired)).
    type: dict
    required: true
  control_plane:
    description: Addresses of API servers that are not nodes of the inventory; O(_input) brings the one it names by address.
    type: list
    elements: str
    default: []
  clients:
    description: Networks that may use the API server and Services of type NodePort.
    type: list
    elements: str
    default: [0.0.0.0/0, '::/0']
"""

EXAMPLES = r"""
- name: Set the host firewall
  zerotrust.baremetal.node_firewall:
    openings: "{{ zerotrust_desired | zerotrust.baremetal.firewall_openings(clients=['10.0.0.0/8']) }}"
"""

RETURN = r"""
_value:
  description: C(port), C(protocol), C(sources) and C(reason) of each opening.
  type: list
  elements: dict
"""

import ipaddress

from ansible.errors import AnsibleFilterError

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import platform_ports


def firewall_openings(desired, control_plane=(), clients=("0.0.0.0/0", "::/0")):
    for option, given in (("control_plane", control_plane), ("clients", clients)):
        for source in given:
            _check(option, source)
    try:
        return platform_ports.openings(desired, control_plane, clients)
    except KeyError as error:
        raise AnsibleFilterError(f"firewall_openings: the desired state has no {error}; pass zerotrust_desired") from None
    except ValueError as error:
        raise AnsibleFilterError(f"firewall_openings: {error}") from None


def _check(option, source):
    try:
        ipaddress.ip_network(str(source), strict=False)
    except ValueError:
        raise AnsibleFilterError(
            f"firewall_openings: {option} (node_firewall_{option}) has {source!r}, which is neither an address nor a network; "
            "write them like 192.0.2.7 and 10.0.0.0/8"
        ) from None


class FilterModule:
    def filters(self):
        return {"firewall_openings": firewall_openings}
