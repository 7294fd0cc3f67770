# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: cni_chain
short_description: Parse a CNI configuration and say which plugins it chains
version_added: 1.0.0
description:
  - Reads a CNI configuration the way libcni does and returns its chain of plugins.
  - It never fails over a broken file; RV(ignore:_value.valid) and RV(ignore:_value.error) tell.
positional: _input, name
options:
  _input:
    description: Content of the file, as text or already as a mapping.
    type: raw
    required: true
  name:
    description:
      - Name of the file. V(*.conflist) is a list of plugins, V(*.conf) and V(*.json) are a single one.
      - Without a name, a top-level C(type) makes it a single plugin.
    type: str
    default: ''
author:
  - zerotrust.baremetal contributors (@zerotrust-baremetal)
seealso:
  - module: zerotrust.baremetal.cni_chain
"""

EXAMPLES = r"""
- name: Insist on istio-cni as the last plugin
  ansible.builtin.assert:
    that:
      - chain.valid
      - chain.plugins[-1].type == 'istio-cni'
  vars:
    chain: "{{ lookup('ansible.builtin.file', '/etc/cni/net.d/05-cilium.conflist')
               | zerotrust.baremetal.cni_chain('05-cilium.conflist') }}"
"""

RETURN = r"""
_value:
  description: The chain.
  type: dict
  contains:
    valid:
      description: Whether the runtime would take it.
      type: bool
    error:
      description: Why not, or null.
      type: str
    cni_name:
      description: Name of the network.
      type: str
    cni_version:
      description: Version of the CNI specification it is written for.
      type: str
    plugins:
      description: The plugins in order, each with C(type); those of Cilium and Istio whole.
      type: list
      elements: dict
"""

from collections.abc import Mapping

from ansible.errors import AnsibleFilterError

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import conflist


def cni_chain(source, name=""):
    if not isinstance(source, (str, bytes, Mapping)):
        raise AnsibleFilterError(f"cni_chain wants text or a mapping, not {type(source).__name__}")
    return conflist.parse(source, name)


class FilterModule:
    def filters(self):
        return {"cni_chain": cni_chain}
