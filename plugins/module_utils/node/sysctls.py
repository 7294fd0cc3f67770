# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kernel settings: their values, and the files that set them at boot."""

from __future__ import annotations

import os
from functools import partial
from typing import Any

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import sysctl, ufw
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node import origin
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.host import Host
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.missing import Missing

# A pod's link that does not exist yet: what a new one starts with, and what systemd-udevd then makes of it.
NEW_POD_LINK = "net.ipv4.conf.lxc*.rp_filter"


def files(host: Host, missing: Missing) -> list[tuple[str, list[sysctl.Assignment]]]:
    """Every sysctl.d file in the order systemd-sysctl applies them, and ufw's, which it applies when it starts."""
    folders = []
    for folder in sysctl.FOLDERS:
        if folder == "/lib/sysctl.d" and host.is_link("/lib"):
            continue
        found: dict[str, Any] = {}
        missing.part(found, "names", "sysctls", partial(host.names_or_none, folder))
        folders.append((folder, found.get("names", [])))
    applied = []
    for path in sysctl.order(folders):
        read: dict[str, Any] = {}
        if os.path.realpath(host.path(path)) == "/dev/null":  # the way to mask a file of that name
            continue
        missing.part(read, "lines", f"sysctls.files.{path}", partial(_assignments, host, path))
        applied.append((path, read.get("lines", [])))
    read = {}
    missing.part(read, "ufw", f"sysctls.files.{ufw.CONF}", lambda: _ufw(host))
    return [*applied, *read.get("ufw", [])]


def _ufw(host: Host) -> list[tuple[str, list[sysctl.Assignment]]]:
    path = ufw.sysctl_file(host.maybe(ufw.CONF) or "", host.maybe(ufw.DEFAULTS) or "")
    return [(path, _assignments(host, path))] if path.startswith("/") and host.exists(path) else []


def _assignments(host: Host, path: str) -> list[sysctl.Assignment]:
    return sysctl.parse(host.text(path))


def _value(host: Host, key: str) -> str:
    return " ".join(host.text("/proc/sys/" + sysctl.canonical(key)).split())


def read(host: Host, missing: Missing) -> dict[str, dict[str, Any]]:
    applied = files(host, missing)
    found: dict[str, dict[str, Any]] = {}
    for key in sysctl.KEYS:
        found[key] = {"files": sysctl.effective(key, applied)}
        missing.part(found[key], "value", f"sysctls.{key}.value", partial(_value, host, key))
    found[NEW_POD_LINK] = {"files": sysctl.effective(NEW_POD_LINK.replace("*", "0"), applied)}
    _origins(host, missing, [entry for one in found.values() for entry in one["files"]])
    default = found["net.ipv4.conf.default.rp_filter"]
    if "value" in default:
        found[NEW_POD_LINK]["value"] = default["value"]
    return found


def _origins(host: Host, missing: Missing, entries: list[dict[str, Any]]) -> None:
    """Only of files applied after ours, which are few: to ask a package manager takes long."""
    known: dict[str, Any] = {}
    for path in sorted({entry["path"] for entry in entries}):
        if sysctl.after_ours(path):
            missing.part(known, path, f"sysctls.files.{path}", partial(origin.of, host, path))
    for entry in entries:
        entry.update(known.get(entry["path"], {}))
