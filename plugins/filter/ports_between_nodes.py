# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter `zerotrust.baremetal.ports_between_nodes`."""

from __future__ import annotations

DOCUMENTATION = r"""
name: ports_between_nodes
short_description: Ports that every node has to reach on every other
version_added: 1.0.0
description:
  - Returns those ports of the wanted features without which nodes are cut off from one another.
author: zerotrust.baremetal contributors (@zerotrust-baremetal)
options:
  _input:
    description: The desired state of the cluster as preflight puts it together (C(zerotrust_desired)).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Answer on them for a while
  zerotrust.baremetal.node_reachability:
    state: listening
    ports: "{{ zerotrust_desired | zerotrust.baremetal.ports_between_nodes }}"
"""

RETURN = r"""
_value:
  description: C(port) and C(protocol) of each.
  type: list
  elements: dict
"""

from ansible.errors import AnsibleFilterError

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import platform_ports


def ports_between_nodes(desired):
    try:
        return platform_ports.between_nodes(desired["features"])
    except KeyError as error:
        raise AnsibleFilterError(f"ports_between_nodes: the desired state has no {error}; pass zerotrust_desired") from None


class FilterModule:
    def filters(self):
        return {"ports_between_nodes": ports_between_nodes}
