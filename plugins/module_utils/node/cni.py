# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The CNI folders of a node."""

from __future__ import annotations

import os
import stat
from typing import Any

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import conflist
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.host import Host, Unreadable
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.missing import Missing


def read(host: Host, missing: Missing, conf_dir: str, bin_dir: str) -> dict[str, Any]:
    found: dict[str, Any] = {"conf_dir": conf_dir, "bin_dir": bin_dir}
    names: dict[str, list[str]] = {}
    missing.part(names, "conf", "cni.files", lambda: host.names_or_none(conf_dir))
    if "conf" in names:
        found["files"] = [file(host, conf_dir, name) for name in conflist.runtime_order(names["conf"])]
        found["leftovers"] = conflist.leftovers(names["conf"])
        known = {*(one["name"] for one in found["files"]), *found["leftovers"]}
        found["others"] = [_owned(host, conf_dir, name) for name in names["conf"] if name not in known]
        found["runtime_reads"] = found["files"][0]["name"] if found["files"] else None
        found["istio_reads"] = conflist.istio_reads(found["files"])
    missing.part(found, "binaries", "cni.binaries", lambda: binaries(host, bin_dir))
    return found


def binaries(host: Host, folder: str) -> list[dict[str, Any]]:
    return [
        {**_owned(host, folder, name), "executable": os.access(host.path(f"{folder}/{name}"), os.X_OK)}
        for name in host.names_or_none(folder)
    ]


def _owned(host: Host, folder: str, name: str) -> dict[str, Any]:
    """Whose a file is, and who may do what with it. A link to nothing is nobody's."""
    try:
        status = host.stat(f"{folder}/{name}")
    except Unreadable:
        return {"name": name}
    return {"name": name, "mode": f"{stat.S_IMODE(status.st_mode):04o}", "owner": status.st_uid}


def file(host: Host, folder: str, name: str) -> dict[str, Any]:
    path = f"{folder}/{name}"
    try:
        status = host.stat(path)
        facts = {"mtime": status.st_mtime, "mode": f"{stat.S_IMODE(status.st_mode):04o}"}
        chain = conflist.parse(host.read(path), name)
    except Unreadable as unreadable:
        # The runtime meets the same file and cannot read it either: that is a fact about it, not a gap.
        return {"name": name, "valid": False, "error": str(unreadable), "cni_name": None, "cni_version": None, "plugins": []}
    return {"name": name, **chain, **facts}
