#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find a Helm release that is stuck, and free it."""

from __future__ import annotations

DOCUMENTATION = r"""
module: helm_release_guard
short_description: Find a Helm release that an interrupted run left stuck, and free it
version_added: 1.0.0
description:
  - Helm refuses to work on a release whose last revision is pending, which is what an interrupted run leaves behind.
    A first installation that failed cannot be upgraded either.
  - This module reads Helm's release records (Secrets of type C(helm.sh/release.v1)) and says whether the release is stuck.
  - With O(state=clean) it removes the record of the stuck revision, and nothing else, so that the next run of Helm works. What
    the release made in the cluster stays.
  - A revision that failed while an earlier one is deployed is not stuck, since Helm upgrades from there. It is reported and
    left alone.
author: zerotrust.baremetal contributors (@zerotrust-baremetal)
extends_documentation_fragment:
  - zerotrust.baremetal.attributes
  - zerotrust.baremetal.cluster
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
  platform:
    support: full
options:
  release:
    description: Name of the release.
    type: str
    required: true
  namespace:
    description: Namespace of the release.
    type: str
    required: true
  state:
    description:
      - V(check) only says what is.
      - V(clean) removes the record of the stuck revision.
    type: str
    choices: [check, clean]
    default: check
  timeout:
    description: Seconds one request to the API may take.
    type: int
    default: 15
  min_age:
    description:
      - Seconds a pending revision must be old before it counts as stuck. A younger one may be another run of Helm that is at
        work right now.
    type: int
    default: 0
seealso:
  - module: kubernetes.core.helm
"""

EXAMPLES = r"""
- name: Free the release if an interrupted run left it stuck
  zerotrust.baremetal.helm_release_guard:
    release: cilium
    namespace: kube-system
    state: clean
"""

RETURN = r"""
stuck:
  description: Whether the release was found stuck.
  returned: success
  type: bool
status:
  description:
    - Status of the last revision as it was found, for example C(deployed) or C(pending-install); empty when there is no
      release.
  returned: success
  type: str
revision:
  description: Number of the last revision as it was found; 0 when there is no release.
  returned: success
  type: int
removed:
  description: Names of the records that were removed, or would be in check mode.
  returned: success
  type: list
  elements: str
"""

import datetime

from ansible_collections.zerotrust.baremetal.plugins.module_utils.zip_import import compile_once

compile_once()

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zerotrust.baremetal.plugins.module_utils.cluster import releases
from ansible_collections.zerotrust.baremetal.plugins.module_utils.cluster.api import Api, ClusterError, Unreadable


def main():
    module = AnsibleModule(
        argument_spec={
            "kubeconfig": {"type": "path"},
            "context": {"type": "str", "default": ""},
            "release": {"type": "str", "required": True},
            "namespace": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["check", "clean"], "default": "check"},
            "timeout": {"type": "int", "default": 15},
            "min_age": {"type": "int", "default": 0},
        },
        supports_check_mode=True,
    )
    params = module.params
    path = f"/api/v1/namespaces/{params['namespace']}/secrets"
    removed = []
    try:
        api = Api(params["kubeconfig"], params["context"], params["timeout"])
        # Not even the contents of Helm's records are asked for: only their names and labels.
        items = api.items(path, {"labelSelector": f"owner=helm,name={params['release']}"}, metadata_only=True)
        revisions = releases.read(items or ())
        stuck = releases.stuck(revisions, datetime.datetime.now(datetime.timezone.utc), params["min_age"])
        if params["state"] == "clean":
            # Only the record that was read: another run of Helm may have moved it on meanwhile.
            removed += [
                one.name
                for one in stuck
                if module.check_mode or api.delete(f"{path}/{one.name}", {"uid": one.uid, "resourceVersion": one.version})
            ]
    except ClusterError as error:
        module.fail_json(msg=str(error))
    except Unreadable as reason:
        module.fail_json(
            msg=f"Helm's records of release {params['namespace']}/{params['release']} cannot be read or removed: {reason}. "
            "Give the kubeconfig's user the right to list and delete Secrets there, or see if another Helm is at work.",
            removed=removed,
            changed=bool(removed),
        )
    last = revisions[-1] if revisions else None
    module.exit_json(
        changed=bool(removed),
        stuck=bool(stuck),
        status=last.status if last else "",
        revision=last.number if last else 0,
        removed=removed,
    )


if __name__ == "__main__":
    main()
