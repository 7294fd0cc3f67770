#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: certificate
short_description: Say what is in certificate files, and insist on how long and by whom they are valid
version_added: 1.0.0
description:
  - Reads certificates in PEM form where they are, and says what is public about them.
  - The host of the files needs Python and nothing else. It sends the certificates, and the controller, where ansible-core brings
    C(cryptography), reads them by its own clock.
  - A private key in the same file stays on its host. No key is read or returned.
  - A file that cannot be read, or holds no certificate, is a failure that names every such file.
  - The verdicts of M(zerotrust.baremetal.analyze) are its rules C(ZT-PKI-*).
extends_documentation_fragment:
  - zerotrust.baremetal.attributes
  - zerotrust.baremetal.attributes.read_only
attributes:
  platform:
    support: full
requirements:
  - Python >= 3.9 where the files are
  - cryptography >= 42 on the controller
options:
  paths:
    description: The files, as paths or patterns such as V(/etc/kubernetes/pki/*.crt). A file may hold several certificates.
    type: list
    elements: path
    required: true
  valid_for:
    description:
      - How long each certificate has to be valid from now on, as V(30d), V(12h), V(1d12h) or a number of days.
      - With V(0) none may have ended.
    type: str
  ca_path:
    description:
      - A file of authorities on the same host. The first certificate of each file of O(paths) has to lead to one of them, over
        the other certificates of its file.
      - Names, signatures, validity and C(CA:TRUE) are looked at, not the uses of a key, path lengths, name constraints or
        revocation.
    type: path
author:
  - zerotrust.baremetal contributors (@zerotrust-baremetal)
seealso:
  - plugin: zerotrust.baremetal.certificate
    plugin_type: filter
  - module: community.crypto.x509_certificate_info
"""

EXAMPLES = r"""
- name: Stop unless the certificates of kubeadm live for another 60 days
  zerotrust.baremetal.certificate:
    paths: [/etc/kubernetes/pki/*.crt, /etc/kubernetes/pki/etcd/*.crt, /var/lib/kubelet/pki/kubelet-client-current.pem]
    valid_for: 60d
  become: true

- name: See that the API server's certificate is its cluster's
  zerotrust.baremetal.certificate:
    paths: [/etc/kubernetes/pki/apiserver.crt]
    ca_path: /etc/kubernetes/pki/ca.crt
  become: true
  register: pki

- name: Insist on the name that clients use
  ansible.builtin.assert:
    that: "'DNS:api.example.com' in pki.files[0].certificates[0].san"
"""

RETURN = r"""
files:
  description: What is in each file. Returned too when something is not as it is asked for.
  returned: when all could be read
  type: list
  elements: dict
  contains:
    path:
      description: The file.
      type: str
    certificates:
      description: Its certificates in order.
      type: list
      elements: dict
      contains:
        subject:
          description: Subject, as RFC 4514 has it.
          type: str
        issuer:
          description: Issuer, as RFC 4514 has it.
          type: str
        san:
          description: Alternative names, as V(DNS:name), V(IP:address), V(URI:spiffe://...) or V(email:address).
          type: list
          elements: str
        not_before:
          description: Start of its validity, RFC 3339.
          type: str
        not_after:
          description: End of its validity, RFC 3339.
          type: str
        remaining_s:
          description: Seconds until it ends by the controller's clock; negative when it has ended.
          type: int
        ca:
          description: Whether it may issue others.
          type: bool
        self_signed:
          description: Whether it has signed itself.
          type: bool
        key_type:
          description: V(RSA), V(EC), V(Ed25519), V(Ed448) or V(DSA) of its public key, or null for another.
          type: str
        key_size:
          description: Bits of its public key, or null.
          type: int
        serial:
          description: Serial number, hexadecimal.
          type: str
        sha256:
          description: Fingerprint, hexadecimal.
          type: str
    in_order:
      description: Whether each was issued by the next, as TLS wants them sent; null for a single one.
      type: bool
    verified:
      description: Whether the first leads to an authority of O(ca_path); null without it.
      type: bool
    why_not:
      description: Why it does not, or null.
      type: str
"""

from ansible_collections.zerotrust.baremetal.plugins.module_utils.zip_import import compile_once

compile_once()

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import duration
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node import certificate_files
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.host import Host

ARGUMENTS = {
    "paths": {"type": "list", "elements": "path", "required": True},
    "valid_for": {"type": "str"},
    "ca_path": {"type": "path"},
}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    paths, valid_for, ca_path = (module.params[name] for name in ("paths", "valid_for", "ca_path"))
    wanted = duration.with_days(valid_for) if valid_for is not None else None
    if valid_for is not None and wanted is None:
        module.fail_json(msg=f"valid_for is {valid_for!r}: write for example 30d, 12h or a number of days")
    if not paths:
        module.fail_json(msg="paths is empty: name the files")
    for path in [*paths, *([ca_path] if ca_path else [])]:
        if not path.startswith("/"):
            module.fail_json(msg=f"a path has to be absolute, not {path!r}")
    host = Host()
    files, wrong = certificate_files.read(host, paths)
    trusted, unread = certificate_files.read(host, [ca_path] if ca_path else [])
    if wrong or unread:
        lines = "\n".join(f"- {one}" for one in [*wrong, *unread])
        module.fail_json(msg=f"Not every certificate can be read. Name files that are there, and read them as root:\n{lines}")
    # The action plugin of the same name makes the result of these.
    module.exit_json(changed=False, read=files, trusted="".join(trusted.values()) or None, seconds=wanted)


if __name__ == "__main__":
    main()
