# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A containerd that runs: where its configuration is, and what it says."""

from __future__ import annotations

import os
from typing import Any, Optional

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import containerd, plain_toml
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.host import Host, Unreadable
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.missing import Missing
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.processes import Processes


def read(host: Host, missing: Missing, processes: Processes, process: int) -> dict[str, Any]:
    path = _config_path(processes, process)
    settings: dict[str, Any] = {}
    missing.part(settings, "all", "runtime.containerd", lambda: _settings(host, path))
    return {"config_path": path, **settings.get("all", {})}


def _config_path(processes: Processes, process: int) -> str:
    arguments = processes.arguments(process)
    for position, argument in enumerate(arguments):
        name, equals, value = argument.partition("=")
        if name in ("-c", "--config", "-config"):
            return value if equals else [*arguments, ""][position + 1] or containerd.DEFAULT_CONFIG
    return containerd.DEFAULT_CONFIG


def _settings(host: Host, path: str) -> dict[str, Optional[str]]:
    """The main file and, as containerd does, what it imports after it. No file: all defaults."""
    text = host.maybe(path)
    if text is None:
        return containerd.settings([])
    try:
        texts = [text]
        for pattern in containerd.imports(text):
            if not pattern.startswith("/"):
                pattern = os.path.join(os.path.dirname(path), pattern)
            texts.extend(host.text(name) for name in host.expand(pattern))
        return containerd.settings(texts)
    except plain_toml.Unknown as unknown:
        raise Unreadable(f"{path}: {unknown}") from None
