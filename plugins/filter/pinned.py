# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter `zerotrust.baremetal.pinned`."""

from __future__ import annotations

DOCUMENTATION = r"""
name: pinned
short_description: The version of a chart that this collection installs
version_added: 1.0.0
description:
  - Returns the pinned version of a project (C(cilium), C(istio), C(gatekeeper)) or of one of its charts
    (C(base), C(istiod), C(cni), C(ztunnel)).
author: zerotrust.baremetal contributors (@zerotrust-baremetal)
options:
  _input:
    description: Name of the project or chart.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Show the version of Cilium
  ansible.builtin.debug:
    msg: "{{ 'cilium' | zerotrust.baremetal.pinned }}"
"""

RETURN = r"""
_value:
  description: The version.
  type: str
"""

from ansible.errors import AnsibleFilterError

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import versions


def pinned(name):
    try:
        return versions.pinned(name)
    except (KeyError, TypeError):
        known = sorted(set(versions.PINNED) | set(versions.PROJECT_OF_CHART))
        raise AnsibleFilterError(f"pinned: no version is pinned for {name!r}. Known: {', '.join(known)}.") from None


class FilterModule:
    def filters(self):
        return {"pinned": pinned}
