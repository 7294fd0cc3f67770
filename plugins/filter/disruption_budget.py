# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter `zerotrust.baremetal.disruption_budget`."""

from __future__ import annotations

DOCUMENTATION = r"""
name: disruption_budget
short_description: Say what a PodDisruptionBudget selects and allows
version_added: 1.0.0
description:
  - Reduces a PodDisruptionBudget to what decides about evictions, and counts for a number of healthy pods how many of them it
    lets go at once. Shares round up, as its controller rounds them.
  - It needs no cluster, so a manifest can be judged before it is applied.
author: zerotrust.baremetal contributors (@zerotrust-baremetal)
positional: _input, replicas
options:
  _input:
    description: A PodDisruptionBudget as its manifest or the API server has it, or a list of them.
    type: raw
    required: true
  replicas:
    description: How many healthy pods it is to be asked about. Without it, RV(ignore:_value.allowed) is null.
    type: int
requirements:
  - jsonschema-rs on the controller
seealso:
  - module: zerotrust.baremetal.disruption_budget
"""

EXAMPLES = r"""
- name: Refuse a manifest that would block every drain
  ansible.builtin.assert:
    that: (manifest | from_yaml | zerotrust.baremetal.disruption_budget(replicas)).allowed > 0
  vars:
    manifest: "{{ lookup('ansible.builtin.file', 'budget.yaml') }}"
    replicas: 2

- name: Which budgets of the cluster let no pod go now
  ansible.builtin.debug:
    msg: "{{ budgets | selectattr('status.allowed', 'equalto', 0) | map(attribute='name') }}"
  vars:
    budgets: "{{ found.resources | zerotrust.baremetal.disruption_budget }}"
"""

RETURN = r"""
_value:
  description: What it is; a list of such where a list was given.
  type: dict
  contains:
    namespace:
      description: Its namespace, or the empty string.
      type: str
    name:
      description: Its name.
      type: str
    min_available:
      description: C(spec.minAvailable), or null.
      type: raw
    max_unavailable:
      description: C(spec.maxUnavailable), or null.
      type: raw
    selector:
      description: C(spec.selector.matchLabels).
      type: dict
    expressions:
      description: C(spec.selector.matchExpressions).
      type: list
      elements: dict
    selects:
      description: Whether it has a selector; without one it selects nothing.
      type: bool
    selector_is:
      description: V(labels), V(empty) (it selects every pod of the namespace) or V(none).
      type: str
    allowed:
      description: How many of so many healthy pods it lets go at once, or null.
      type: int
    api_version:
      description: Its C(apiVersion).
      type: str
    status:
      description: As the API server counts it, with C(allowed), C(expected_pods), C(healthy) and C(needed). Manifests have none.
      type: dict
"""

import functools
from collections.abc import Mapping

from ansible.errors import AnsibleFilterError

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import disruption_budget as parser
from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import form_check, schema_manifests

_KIND = "PodDisruptionBudget"


def disruption_budget(given, replicas=None):
    if replicas is not None and (isinstance(replicas, bool) or not isinstance(replicas, int) or replicas < 0):
        raise AnsibleFilterError(f"disruption_budget: replicas is {replicas!r}, expected is a whole number of pods")
    if isinstance(given, list):
        return [_described(one, replicas) for one in given]
    return _described(given, replicas)


def _described(given, replicas):
    kind = given.get("kind") if isinstance(given, Mapping) else type(given).__name__
    if kind != _KIND:
        raise AnsibleFilterError(f"disruption_budget wants a {_KIND} as a mapping, or a list of them, not {kind!r}")
    try:
        wrong = _form().first_wrong(given)
    except form_check.LibraryMissing as missing:
        raise AnsibleFilterError(f"disruption_budget needs {missing}") from None
    except UnicodeEncodeError:
        raise AnsibleFilterError(f"disruption_budget: {_KIND}: a text in it has half a character") from None
    if wrong:
        raise AnsibleFilterError(f"disruption_budget: {_KIND}: {wrong}")
    described = parser.describe(given)
    return {
        **described,
        "selector_is": parser.selector_is(described),
        "allowed": None if replicas is None else parser.allowed(described, replicas),
    }


@functools.cache
def _form():
    return form_check.Checked(schema_manifests.BUDGET)


class FilterModule:
    def filters(self):
        return {"disruption_budget": disruption_budget}
