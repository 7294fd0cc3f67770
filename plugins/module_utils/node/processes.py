# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Processes, looked at once: which run, with what arguments, and whose a socket is."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Optional

from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.host import Host, Unreadable

# Where the sockets asked about usually are; looked at first, so that the search ends early on a busy node.
_LIKELY = ("cilium-agent", "kubelet", "kube-apiserver", "etcd", "cilium-operator", "kube-controller", "kube-scheduler")


class Processes:
    def __init__(self, host: Host) -> None:
        self._host = host
        self._names: Optional[dict[int, str]] = None
        # Some process kept its sockets to itself: then a socket without an owner says nothing.
        self.denied = False

    def names(self) -> dict[int, str]:
        """Process id to its name, as the kernel keeps it: at most 15 bytes."""
        if self._names is None:
            named = ((process, self._name(process)) for process in self._host.processes())
            self._names = {process: name for process, name in named if name}
        return self._names

    def _name(self, process: int) -> str:
        try:
            return self._host.text(f"/proc/{process}/comm").strip()
        except Unreadable:  # it has ended
            return ""

    def find(self, name: str) -> Optional[int]:
        wanted = name[:15]
        return min((process for process, found in self.names().items() if found == wanted), default=None)

    def arguments(self, process: int) -> list[str]:
        return self._host.text(f"/proc/{process}/cmdline").rstrip("\0").split("\0")

    def owners(self, inodes: Iterable[int]) -> dict[int, str]:
        """Socket inode to the name of a process that holds it; a socket of the kernel's has none."""
        wanted = {f"socket:[{inode}]": inode for inode in inodes}
        found: dict[int, str] = {}
        for process, name in sorted(self.names().items(), key=lambda item: (item[1] not in _LIKELY, item[0])):
            if len(found) == len(wanted):
                break
            folder = self._host.path(f"/proc/{process}/fd")
            try:
                descriptors = os.listdir(folder)
            except OSError as error:
                self.denied = self.denied or isinstance(error, PermissionError)
                continue
            for descriptor in descriptors:
                try:
                    inode = wanted.get(os.readlink(f"{folder}/{descriptor}"))
                except OSError:
                    continue
                if inode is not None:
                    found.setdefault(inode, name)
        return found
