# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
"""Counts what a run costs: module executions per host, and what changed, written as JSON when the run ends."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: module_runs
type: aggregate
short_description: Count module executions per host
description: Writes the number of module executions and of changes per host to the file named by ZEROTRUST_MODULE_RUNS.
"""

# What these do happens in the controller: no module is sent to a host for them.
_CONTROLLER_ONLY = {
    "set_fact",
    "debug",
    "assert",
    "fail",
    "meta",
    "include_tasks",
    "import_tasks",
    "include_role",
    "import_role",
    "include_vars",
    "add_host",
    "group_by",
    "validate_argument_spec",
}


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "module_runs"

    def __init__(self):
        super().__init__()
        self._runs, self._changed = Counter(), Counter()

    def _count(self, result):
        if result.task.action.rsplit(".", 1)[-1] in _CONTROLLER_ONLY:
            return
        # A loop is one task and as many executions as it has items.
        self._runs[result.host.get_name()] += len(result.result.get("results") or [None])
        self._changed[result.host.get_name()] += bool(result.result.get("changed"))

    def v2_runner_on_ok(self, result):
        self._count(result)

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._count(result)

    def v2_playbook_on_stats(self, stats):
        target = os.environ.get("ZEROTRUST_MODULE_RUNS")
        if target:
            Path(target).write_text(json.dumps({"runs": self._runs, "changed": self._changed}))
