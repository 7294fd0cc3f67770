# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of every module that talks to a cluster."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  kubeconfig:
    description:
      - Path of the kubeconfig file on the driver.
      - Without it, the file that E(KUBECONFIG) names, else C(~/.kube/config).
    type: path
  context:
    description:
      - Context of the kubeconfig to use. The empty string stands for its current context.
    type: str
    default: ""
requirements:
  - python >= 3.12
  - kubernetes >= 31
"""
