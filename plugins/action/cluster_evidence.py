# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the module of the same name, and tells it in which file and line each value of a user stands.

Ansible knows that only here; a module gets plain values.
"""

from __future__ import annotations

import os

from ansible.plugins.action import ActionBase

try:
    # ansible-core 2.19 and newer. It is not a public interface: without it a finding names the variable and not the line.
    from ansible._internal._datatag._tags import Origin
except ImportError:
    Origin = None


def place(key, value):
    """Return `file:line` of a key, or of its value, or an empty string."""
    for one in (key, value):
        origin = Origin.get_tag(one)
        if origin is not None and origin.path:
            path = os.path.relpath(origin.path)
            path = origin.path if path.startswith("..") else path
            return f"{path}:{origin.line_num}" if origin.line_num else path
    return ""


def origins(values, above=()):
    """Return the place of every key below, by its dotted path."""
    found = {}
    for key, value in values.items():
        path = (*above, str(key))
        where = place(key, value)
        if where:
            found[".".join(path)] = where
        if isinstance(value, dict):
            found.update(origins(value, path))
    return found


class ActionModule(ActionBase):
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        charts = arguments.get("charts")
        if Origin is not None and isinstance(charts, dict):
            arguments["charts"] = {name: self._with_origins(chart) for name, chart in charts.items()}
        return self._execute_module(
            module_name="zerotrust.baremetal.cluster_evidence", module_args=arguments, task_vars=task_vars
        )

    @staticmethod
    def _with_origins(chart):
        given = chart.get("user_values") if isinstance(chart, dict) else None
        return {**chart, "origins": origins(given)} if isinstance(given, dict) else chart
