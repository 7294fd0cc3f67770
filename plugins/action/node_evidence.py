# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the module of the same name, and compares the node's clock with the controller's, which only here are both at hand."""

from __future__ import annotations

import time

from ansible.plugins.action import ActionBase

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import clock


class ActionModule(ActionBase):
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        result = self._execute_module(module_args=dict(self._task.args), task_vars=task_vars)
        evidence = result.get("evidence")
        if isinstance(evidence, dict) and isinstance(evidence.get("clock"), dict):
            evidence["clock"].update(self._offset())
        return result

    def _offset(self):
        """Ask by a bare command: a module takes so long to start on a busy node that it could not tell seconds."""
        sent = time.time()
        answer = self._low_level_execute_command(clock.COMMAND, sudoable=False)
        received = time.time()
        told = clock.told(answer["stdout"]) if answer["rc"] == 0 else None
        if told is None:
            return {}
        offset, uncertainty = clock.offset(sent, told, received)
        return {"offset_s": offset, "offset_uncertainty_s": uncertainty}
