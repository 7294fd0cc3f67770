# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a module that returns a table and prints it, so that no callback has to be configured.

meta/runtime.yml gives it to the other modules that have one.
"""

from __future__ import annotations

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
        result = self._execute_module(task_vars=task_vars)
        lines = result.pop("lines", None) or []
        if lines:
            # In one piece: several clusters are analysed at once, and their tables must not mix.
            display.display("\n".join(stringc(text, COLOURS[style]) if style in COLOURS else text for style, text in lines))
        return result
