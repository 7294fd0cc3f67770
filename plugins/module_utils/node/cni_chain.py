# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The chain of CNI plugins on a node: which file the runtime reads, who wrote it, and whether it is the one that is wanted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Optional

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import conflist
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node import cni, origin
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.host import Host, Unreadable


def read(host: Host, conf_dir: str, bin_dirs: Sequence[str]) -> dict[str, Any]:
    names = host.names_or_none(conf_dir)
    files = [_file(host, conf_dir, name) for name in conflist.runtime_order(names)]
    first = files[0] if files else None
    chain = conflist.types(first) if first and first["valid"] else []
    there = {one["name"] for folder in bin_dirs for one in cni.binaries(host, folder) if one["executable"]}
    for file in files:
        file["read"] = file is first
    istio_reads = conflist.istio_reads(files)
    return {
        "conf_dir": conf_dir,
        "bin_dirs": list(bin_dirs),
        "files": files,
        "runtime_reads": first["path"] if first else None,
        "chain": chain,
        "istio_reads": f"{conf_dir}/{istio_reads}" if istio_reads else None,
        "missing_binaries": [kind for kind in dict.fromkeys(chain) if kind not in there],
        "leftovers": _set_aside(host, conf_dir, names) + _of_others(files),
    }


def _file(host: Host, folder: str, name: str) -> dict[str, Any]:
    path = f"{folder}/{name}"
    found = {"path": path, **cni.file(host, folder, name)}
    try:
        found.update(origin.of(host, path))
    except Unreadable:
        # A link to nothing, or gone meanwhile: `error` says it already.
        found["mtime"] = None
    return {"package": None, "mode": None, **found, "written_by": conflist.writers(found)}


def _set_aside(host: Host, folder: str, names: Sequence[str]) -> list[dict[str, Any]]:
    """What Cilium renamed. The name before tells what it is."""
    return [
        {
            "path": f"{folder}/{name}",
            "written_by": conflist.writers(conflist.parse(_text(host, f"{folder}/{name}"), name[: -len(conflist.LEFTOVER)])),
            "reason": "Cilium set it aside, as cni.exclusive was on",
        }
        for name in conflist.leftovers(names)
    ]


def _text(host: Host, path: str) -> bytes:
    try:
        return host.read(path)
    except Unreadable:
        return b""


def _of_others(files: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Files behind the one that is read, of networks that are not in it: they come into use as soon as it goes."""
    return [
        {"path": file["path"], "written_by": file["written_by"], "reason": "another network's, and not read"}
        for file in files[1:]
        if set(file["written_by"]) - set(files[0]["written_by"])
    ]


def wrong(found: Mapping[str, Any], wanted: Sequence[str]) -> Optional[str]:
    """In one sentence what keeps the runtime from the wanted chain, and what to do; None when nothing does."""
    said = shown(wanted)
    if not found["files"]:
        return (
            f"there is no CNI file in {found['conf_dir']}, wanted is {said}. Start the agent that writes it, or set conf_dir to "
            "the folder that the runtime reads"
        )
    first = found["files"][0]
    path = first["path"]
    if not first["valid"]:
        return f"{path}, which the runtime reads, is damaged: {first['error']}. Delete it, and have {said} written anew"
    if found["chain"] != list(wanted):
        return f"{path}, which the runtime reads, chains {shown(found['chain'])}, wanted is {said}. {_way(found, wanted)}"
    if found["missing_binaries"]:
        absent = ", ".join(found["missing_binaries"])
        return (
            f"{path} chains {said}, but {absent} cannot be run from {', '.join(found['bin_dirs'])}. Install what brings it, make "
            "it executable, or set bin_dirs to the folders of the runtime"
        )
    return None


def _way(found: Mapping[str, Any], wanted: Sequence[str]) -> str:
    first, *behind = found["files"]
    for file in behind:
        if file["valid"] and conflist.types(file) == list(wanted):
            return f"{file['path']} has it: remove {first['path']}, or rename it so that it sorts behind"
    who = " and ".join(first["written_by"])
    again = f"have {who} write it anew (restart the agent on this node)" if who else "write them into its plugins in this order"
    return f"Either {again}, or set chain: [{', '.join(found['chain'])}]"


def shown(chain: Sequence[str]) -> str:
    return " -> ".join(chain)
