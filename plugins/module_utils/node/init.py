# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who runs the machine."""

from __future__ import annotations

from typing import Any, Optional

from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.host import Host


def read(host: Host) -> dict[str, Any]:
    """Who runs the machine: systemd or not, and the container engine where it is no machine at all."""
    return {"systemd": host.exists("/run/systemd/system"), "container": _container(host)}


def _container(host: Host) -> Optional[str]:
    """By systemd's own note, the marks of podman and Docker, or what an engine tells the first process."""
    noted = (host.maybe("/run/systemd/container") or "").strip()
    if noted:
        return noted
    for path, engine in (("/run/.containerenv", "podman"), ("/.dockerenv", "docker")):
        if host.exists(path):
            return engine
    for variable in host.read("/proc/1/environ").split(b"\0") if host.exists("/proc/1/environ") else ():
        name, _equals, value = variable.partition(b"=")
        if name == b"container":
            return value.decode("utf-8", "replace") or "unnamed"
    return None
