# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of node_firewall, and the change that they ask for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.firewall import backend, change, openings
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.host import Host
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.refused import Refused

ARGUMENTS = {
    "openings": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "port": {"type": "str", "default": ""},
            "protocol": {"type": "str", "choices": list(openings.PROTOCOLS), "default": "tcp"},
            "sources": {"type": "list", "elements": "str", "required": True},
            "reason": {"type": "str", "default": ""},
        },
    },
    "guard": {"type": "bool", "default": True},
    "backend": {"type": "str", "choices": ["auto", *backend.BACKENDS], "default": "auto"},
    "phase": {"type": "str", "choices": ["open", "close"], "default": "close"},
    "disconnect": {"type": "bool", "default": False},
    "undo_after": {"type": "int", "default": 60},
    "state": {"type": "str", "choices": ["present", "absent", "confirmed"], "default": "present"},
}


def plan(host: Host, params: Mapping[str, Any]) -> change.Plan:
    """Of state present or absent."""
    if params["undo_after"] < 10:
        raise Refused(f"undo_after is {params['undo_after']}: a fresh connection needs some seconds; write 10 or more")
    wanted = openings.desired(params["openings"], params["guard"]) if params["state"] == "present" else None
    return change.plan(host, wanted, params["backend"], opening=params["phase"] == "open")
