# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a module that returns a table and prints it, so that no callback has to be configured.

meta/runtime.yml gives it to the other modules that have one.
"""

from __future__ import annotations

from collections.abc import Mapping

from ansible.plugins.action import ActionBase
from ansible.utils.color import stringc
from ansible.utils.display import Display

display = Display()

# What a line is -> colour; the rest is printed as it is.
COLOURS = {
    "stop": "bright red",
    "fail": "red",
    "unknown": "yellow",
    "pass": "green",
    "accepted": "blue",
    "fix": "cyan",
    "dim": "bright gray",
}


class ActionModule(ActionBase):
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        misformed = _misformed(self._task.args)
        if misformed:
            return {"failed": True, "msg": misformed}
        result = self._execute_module(task_vars=task_vars)
        lines = result.pop("lines", None) or []
        if lines:
            # In one piece: several clusters are analysed at once, and their tables must not mix.
            display.display("\n".join(stringc(text, COLOURS[style]) if style in COLOURS else text for style, text in lines))
        return result


def _misformed(arguments):
    """Say what is no list or mapping: the module's own refusal of a text names neither the argument nor what belongs there."""
    accepted, gate = arguments.get("accepted", []), arguments.get("gate", {})
    if not isinstance(accepted, list) or not all(isinstance(one, Mapping) for one in accepted):
        return (
            "zerotrust_accepted (accepted) has to be a list of mappings, each with id or layer, subject, reason and until, "
            'for example [{id: ZT-GK-003, reason: "ticket 4711", until: 2027-01-31}].'
        )
    if not isinstance(gate, Mapping):
        return "zerotrust_gate (gate) has to be a mapping, for example {fail: [blocker, high], unknown: [blocker]}."
    return ""
