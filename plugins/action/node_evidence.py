# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the module of the same name, and compares the node's clock with the controller's, which only here are both at hand."""

from __future__ import annotations

import time

from ansible.plugins.action import ActionBase

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import clock


def with_offset(result, sent, received):
    """Return the module's result with the offset of the node's clock in its evidence, where the node told its time."""
    evidence = result.get("evidence")
    if not isinstance(evidence, dict) or not isinstance(evidence.get("clock"), dict):
        return result
    began, ended = result.get("began"), result.get("ended")
    if isinstance(began, (int, float)) and isinstance(ended, (int, float)):
        offset, uncertainty = clock.offset(sent, began, ended, received)
        evidence["clock"].update(offset_s=offset, offset_uncertainty_s=uncertainty)
    return result


class ActionModule(ActionBase):
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        sent = time.time()
        result = self._execute_module(module_args=dict(self._task.args), task_vars=task_vars)
        return with_offset(result, sent, time.time())
