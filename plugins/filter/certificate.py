# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter `zerotrust.baremetal.certificate`."""

from __future__ import annotations

DOCUMENTATION = r"""
name: certificate
short_description: Say what is in a PEM text of certificates
version_added: 1.0.0
description:
  - Describes every certificate in a PEM text, whether they are in order, and whether the first leads to an authority.
  - A private key in the text is passed over, and is in no result or message.
  - It reads the clock of the controller.
author: zerotrust.baremetal contributors (@zerotrust-baremetal)
positional: _input, ca
options:
  _input:
    description: The PEM text. Of a Secret or a caBundle, decode it first (P(ansible.builtin.b64decode#filter)).
    type: str
    required: true
  ca:
    description: PEM text of the authorities that the first certificate has to lead to one of.
    type: str
requirements:
  - cryptography >= 42 on the controller
seealso:
  - module: zerotrust.baremetal.certificate
"""

EXAMPLES = r"""
- name: Insist on two weeks more for a webhook's authority
  ansible.builtin.assert:
    that: (hook.clientConfig.caBundle | b64decode | zerotrust.baremetal.certificate).certificates[0].remaining_s > 14 * 86400

- name: See whether a file was issued by the authority at hand
  ansible.builtin.debug:
    msg: "{{ (lookup('ansible.builtin.file', 'tls.crt') | zerotrust.baremetal.certificate(ca)).verified }}"
  vars:
    ca: "{{ lookup('ansible.builtin.file', 'ca.crt') }}"
"""

RETURN = r"""
_value:
  description: What M(zerotrust.baremetal.certificate) returns of one file, without its path.
  type: dict
  contains:
    certificates:
      description:
        - The certificates in order. Each has C(subject), C(issuer), C(san), C(not_before), C(not_after), C(remaining_s), C(ca),
          C(self_signed), C(key_type), C(key_size), C(serial) and C(sha256).
      type: list
      elements: dict
    in_order:
      description: Whether each was issued by the next; null for a single one.
      type: bool
    verified:
      description: Whether the first leads to one of O(ca); null without it.
      type: bool
    why_not:
      description: Why it does not, or null.
      type: str
"""

import datetime

from ansible.errors import AnsibleFilterError

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import certificate_chain, pem
from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence.certificate import CertificateError


def certificate(text, ca=None):
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    try:
        return certificate_chain.read(_only("the text", text), now, None if ca is None else _only("ca", ca))
    except CertificateError as error:
        raise AnsibleFilterError(f"certificate: {error}") from None


def _only(name, text):
    if not isinstance(text, str):
        raise AnsibleFilterError(f"certificate: {name} has to be a PEM text, not {type(text).__name__}")
    return pem.certificates(text.splitlines())


class FilterModule:
    def filters(self):
        return {"certificate": certificate}
