# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sets the host firewall, then comes in by a fresh connection to keep it. Without that the node takes the change back."""

from __future__ import annotations

import contextlib

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        result = self._execute_module(task_vars=task_vars)
        if result.get("failed") or not result.get("waiting"):
            return result
        kept = self._confirm(task_vars)
        if kept.get("failed"):
            seconds = self._task.args.get("undo_after", 60)
            return {
                "failed": True,
                "changed": False,
                "msg": f"The host firewall was not kept: after the change no fresh connection got in ({kept['msg']}). The node "
                f"takes it back within {seconds} seconds, and is as it was before. Give the controller's address to the openings "
                "of the port it comes in by.",
            }
        return {**result, "waiting": False}

    def _confirm(self, task_vars):
        try:
            # An existing connection proves nothing: established ones always go on.
            with contextlib.suppress(AttributeError):
                self._connection.reset()
            return self._execute_module(module_args={"state": "confirmed"}, task_vars=task_vars)
        except AnsibleError as error:
            return {"failed": True, "msg": " ".join(str(error).split())[:200]}
