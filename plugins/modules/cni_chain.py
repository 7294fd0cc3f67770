#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cni_chain
short_description: Say which CNI plugins a node chains, and insist on some
version_added: 1.0.0
description:
  - Reads the folder of CNI files as containerd does. Of C(*.conf), C(*.conflist) and C(*.json) it takes the first by name, in the
    order of bytes, and uses no other, even if that one is damaged.
  - With O(chain) it fails unless the plugins of that file are these, in this order, and can be run.
    Without, it only says what is.
  - The verdicts of M(zerotrust.baremetal.analyze) are its rules C(ZT-AMB-*).
extends_documentation_fragment:
  - zerotrust.baremetal.attributes
  - zerotrust.baremetal.attributes.read_only
  - zerotrust.baremetal.attributes.node
options:
  chain:
    description: Types of the plugins that are to be chained, the first one first.
    type: list
    elements: str
  conf_dir:
    description: Folder of the CNI files, C(conf_dir) of the runtime.
    type: path
    default: /etc/cni/net.d
  bin_dirs:
    description: Folders of the CNI plugins, C(bin_dir) or C(bin_dirs) of the runtime.
    type: list
    elements: path
    default: [/opt/cni/bin]
notes:
  - CRI-O passes over a damaged file and takes the next.
  - Of plugins that a plugin calls itself (C(ipam), delegates) it knows nothing.
  - A file of istio-cni may be readable to root alone.
author:
  - zerotrust.baremetal contributors (@zerotrust-baremetal)
seealso:
  - module: zerotrust.baremetal.node_evidence
  - plugin: zerotrust.baremetal.cni_chain
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Insist on istio-cni behind Cilium
  zerotrust.baremetal.cni_chain:
    chain: [cilium-cni, istio-cni]
  become: true

- name: Read the folder of k3s
  zerotrust.baremetal.cni_chain:
    conf_dir: /var/lib/rancher/k3s/agent/etc/cni/net.d
    bin_dirs: [/var/lib/rancher/k3s/data/cni]
  become: true
  register: cni

- name: Show what other networks left behind
  ansible.builtin.debug:
    var: cni.leftovers
"""

RETURN = r"""
conf_dir:
  description: The folder that was read.
  returned: when it could be read
  type: str
bin_dirs:
  description: Where plugins were looked for.
  returned: when they could be read
  type: list
  elements: str
runtime_reads:
  description: Path of the file the runtime reads, or null where there is none.
  returned: when it could be read
  type: str
chain:
  description: Types of its plugins in order; empty where it is damaged or there is none.
  returned: when it could be read
  type: list
  elements: str
istio_reads:
  description: Path of the file that istio-cni takes for the network's, the first valid C(*.conf) or C(*.conflist), or null.
  returned: when it could be read
  type: str
missing_binaries:
  description: Plugins of the chain that are not there or not executable.
  returned: when they could be read
  type: list
  elements: str
files:
  description: Every file that the runtime might read, in its order.
  returned: when it could be read
  type: list
  elements: dict
  contains:
    path:
      description: The file.
      type: str
    name:
      description: Its name.
      type: str
    read:
      description: Whether the runtime reads it.
      type: bool
    valid:
      description: Whether the runtime would take it.
      type: bool
    error:
      description: Why not, or null.
      type: str
    cni_name:
      description: Name of the network, or null.
      type: str
    cni_version:
      description: Version of the CNI specification it is written for, or null.
      type: str
    plugins:
      description: The plugins in order, each with C(type); those of Cilium and Istio whole.
      type: list
      elements: dict
    written_by:
      description: Whose agents write such a file, as far as its plugins tell.
      type: list
      elements: str
    package:
      description: The package of the distribution that brought it; null where it is none's or nobody can tell.
      type: str
    mtime:
      description: When it was changed last, in seconds since 1970, or null.
      type: float
    mode:
      description: Its permissions, for example V(0600), or null where it cannot be read.
      type: str
leftovers:
  description:
    - Files that are not in use, each with C(path), C(written_by) and C(reason). Those that Cilium set aside
      (C(*.cilium_bak)), and those of networks that are not in the file the runtime reads.
  returned: when it could be read
  type: list
  elements: dict
"""

from ansible_collections.zerotrust.baremetal.plugins.module_utils.zip_import import compile_once

compile_once()

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence.plain import plain
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node import cni_chain
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.host import Host, Unreadable

ARGUMENTS = {
    "chain": {"type": "list", "elements": "str"},
    "conf_dir": {"type": "path", "default": "/etc/cni/net.d"},
    "bin_dirs": {"type": "list", "elements": "path", "default": ["/opt/cni/bin"]},
}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    wanted, folder, binaries = (module.params[name] for name in ("chain", "conf_dir", "bin_dirs"))
    if wanted is not None and not wanted:
        module.fail_json(msg="chain is empty: name the plugins, for example [cilium-cni, istio-cni], or leave it out")
    for option, path in [("conf_dir", folder), *(("bin_dirs", path) for path in binaries)]:
        if not path.startswith("/"):
            module.fail_json(msg=f"{option} has to be an absolute path, not {path!r}")
    try:
        found = plain(cni_chain.read(Host(run_command=module.run_command), folder, binaries))
    except Unreadable as unreadable:
        module.fail_json(msg=f"The CNI chain cannot be read: {unreadable}. Read it as root (become: true).")
    wrong = cni_chain.wrong(found, wanted) if wanted else None
    if wrong:
        module.fail_json(msg=f"The CNI chain is not the one that is wanted: {wrong}.", **found)
    module.exit_json(changed=False, **found)


if __name__ == "__main__":
    main()
