# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of node_baseline, checked before the node is looked at: these lines go into files that run at boot."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import kernel, sysctl
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node import baseline_files as files
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.baseline import Desired
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.refused import Refused

ARGUMENTS = {
    "modules": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {"name": {"type": "str", "required": True}, "reason": {"type": "str", "required": True}},
    },
    "sysctls": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "name": {"type": "str", "required": True},
            "value": {"type": "str", "required": True},
            "reason": {"type": "str", "required": True},
        },
    },
    "networkd_foreign": {"type": "bool", "default": True},
    "networkmanager_foreign": {"type": "bool", "default": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}
_MODULE = re.compile(r"[A-Za-z0-9_-]{1,60}")
_KEY = re.compile(r"[A-Za-z0-9_-]+(?:[./][A-Za-z0-9_@*?\[\]-]+)+")


def desired(params: Mapping[str, Any]) -> Desired:
    if params["state"] == "absent":
        return Desired()
    return Desired(
        modules=modules(params["modules"]),
        sysctls=sysctls(params["sysctls"]),
        networkd=params["networkd_foreign"],
        network_manager=params["networkmanager_foreign"],
    )


def modules(entries: Iterable[Mapping[str, Any]]) -> tuple[files.Module, ...]:
    found: dict[str, files.Module] = {}
    for entry in entries:
        if not _MODULE.fullmatch(entry["name"]):
            raise Refused(f"modules: {entry['name']!r} is no name of a kernel module")
        name = kernel.module_name(entry["name"])
        found.setdefault(name, files.Module(name, _reason("modules", entry)))
    return tuple(found.values())


def sysctls(entries: Iterable[Mapping[str, Any]]) -> tuple[files.Sysctl, ...]:
    found: dict[str, files.Sysctl] = {}
    for entry in entries:
        name, value = entry["name"], entry["value"].strip()
        if not _KEY.fullmatch(name):
            raise Refused(f"sysctls: {name!r} is no name of a kernel setting")
        if not value or not value.replace("\t", " ").isprintable():
            raise Refused(f"sysctls: {name} needs a value on one line, not {entry['value']!r}")
        line = files.Sysctl(sysctl.canonical(name), value, _reason("sysctls", entry))
        known = found.setdefault(line.key, line)
        if known.value != line.value:
            raise Refused(f"sysctls: {name} is asked to be {known.value!r} and {line.value!r}")
    return tuple(found.values())


def _reason(option: str, entry: Mapping[str, Any]) -> str:
    reason = " ".join(entry["reason"].split())
    if not reason:
        raise Refused(f"{option}: {entry['name']} needs a reason; it is written beside it")
    return reason
