#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: node_evidence
short_description: Collect what a node shows about its kernel, network and Kubernetes parts
version_added: 1.0.0
description:
  - Reads everything the rules need to know about one node in a single call and changes nothing.
  - WireGuard peers, links and nftables chains are read from the kernel by netlink, so the node needs no C(wg), C(ip) or C(nft).
  - What cannot be read is absent from the evidence and named with its reason in RV(evidence.missing).
    The module does not fail over it.
  - Nothing is loaded into the kernel by asking, and no key leaves the node.
  - Its action plugin asks the node for its time by C(date) and compares it with the controller's.
  - To see everything it has to run as root.
extends_documentation_fragment:
  - zerotrust.baremetal.attributes
  - zerotrust.baremetal.attributes.read_only
  - zerotrust.baremetal.attributes.node
options:
  cni_conf_dir:
    description: Folder of the CNI configuration that the container runtime reads.
    type: path
    default: /etc/cni/net.d
  cni_bin_dir:
    description: Folder of the CNI plugins.
    type: path
    default: /opt/cni/bin
  ports:
    description: Ports to look at beside those of the platform - does anybody listen, and who.
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
      component:
        description: Whose port it is; comes back unchanged.
        type: str
        default: ''
  wanted:
    description:
      - What the node is to be brought to. What is still to be done for it comes back in RV(pending), planned by the code of
        the two modules and not carried out.
      - Where nothing is, neither of them has to be run, which saves a node without changes two of three executions.
    type: dict
    suboptions:
      baseline:
        description: Options of M(zerotrust.baremetal.node_baseline).
        type: dict
        required: true
      firewall:
        description: Options of M(zerotrust.baremetal.node_firewall).
        type: dict
        required: true
author:
  - zerotrust.baremetal contributors (@zerotrust-baremetal)
seealso:
  - module: zerotrust.baremetal.node_baseline
  - module: zerotrust.baremetal.node_firewall
"""

EXAMPLES = r"""
- name: Collect evidence
  zerotrust.baremetal.node_evidence:
    ports:
      - port: 9100
        component: node exporter
  register: node_evidence

- name: Collect evidence where the runtime keeps CNI files elsewhere
  zerotrust.baremetal.node_evidence:
    cni_conf_dir: /var/lib/rancher/k3s/agent/etc/cni/net.d
    cni_bin_dir: /var/lib/rancher/k3s/data/cni
"""

RETURN = r"""
evidence:
  description: What the node shows. C(docs/evidence.md) describes every key.
  returned: always
  type: dict
  contains:
    collected_at:
      description: When, by the node's own clock.
      type: str
      returned: always
    kernel:
      description: Release, version as three numbers, build options.
      type: dict
      returned: when readable
    modules:
      description: For each kernel module of interest whether it is loaded, built in or loadable.
      type: dict
      returned: when readable
    sysctls:
      description: For each key of interest its value and the files that set it, the last one wins at boot.
      type: dict
      returned: when readable
    cni:
      description: The CNI files in the order the runtime reads them, leftovers, and plugins.
      type: dict
      returned: when readable
    wireguard:
      description: WireGuard interfaces and their peers, without private keys.
      type: dict
      returned: when readable
    missing:
      description: What could not be read, each with C(path) and C(reason).
      type: list
      elements: dict
      returned: always
pending:
  description: What the node lacks of O(wanted).
  returned: when O(wanted) is given
  type: dict
  contains:
    baseline:
      description: What M(zerotrust.baremetal.node_baseline) returns in check mode, or C(refused) with what it would fail with.
      type: dict
    firewall:
      description: What M(zerotrust.baremetal.node_firewall) returns in check mode, or C(refused) with what it would fail with.
      type: dict
"""

import gc
from collections.abc import Mapping
from typing import Any, Optional

from ansible_collections.zerotrust.baremetal.plugins.module_utils.zip_import import compile_once

# Nothing of what is loaded and read is let go before the end; looking for what could be costs time all the same.
gc.disable()
compile_once()

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import platform_ports
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.collect import collect
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.host import Host

ARGUMENTS = {
    "cni_conf_dir": {"type": "path", "default": "/etc/cni/net.d"},
    "cni_bin_dir": {"type": "path", "default": "/opt/cni/bin"},
    "ports": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "port": {"type": "int", "required": True},
            "protocol": {"type": "str", "choices": ["tcp", "udp"], "default": "tcp"},
            "component": {"type": "str", "default": ""},
        },
    },
    "wanted": {
        "type": "dict",
        "options": {"baseline": {"type": "dict", "required": True}, "firewall": {"type": "dict", "required": True}},
    },
}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    for option in ("cni_conf_dir", "cni_bin_dir"):
        if not module.params[option].startswith("/"):
            module.fail_json(msg=f"{option} has to be an absolute path, not {module.params[option]!r}")
    host = Host(run_command=module.run_command)
    ports = [*platform_ports.own(), *module.params["ports"]]
    evidence = collect(host, module.params["cni_conf_dir"], module.params["cni_bin_dir"], ports)
    module.exit_json(changed=False, evidence=evidence, **_pending(host, module.params["wanted"]))


def _pending(host: Host, wanted: Optional[Mapping[str, Any]]) -> dict[str, Any]:
    if wanted is None:
        return {}
    # What is loaded on a node is compiled in every execution.
    from ansible_collections.zerotrust.baremetal.plugins.module_utils.node import pending

    return {"pending": pending.read(host, wanted)}


if __name__ == "__main__":
    main()
