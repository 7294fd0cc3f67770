# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
"""The lab's own network: one namespace a cluster, so that clusters share addresses and no packet leaves."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from ztlab.console import LabError

GATEWAY = "192.168.66.1"
PREFIX = 24
POD_CIDR = "10.244.0.0/16"
SERVICE_CIDR = "10.96.0.0/16"
DNS_ADDRESS = "10.96.0.10"


def node_address(number: int) -> str:
    return f"192.168.66.{10 + number}"


def node_mac(number: int) -> str:
    return f"52:54:00:66:00:{number:02x}"


class Namespace:
    """The network namespace of a cluster, with one bridge."""

    def __init__(self, cluster: str) -> None:
        self.name = f"ztlab-{cluster}"
        self.path = Path("/run/netns") / self.name

    @property
    def exists(self) -> bool:
        return self.path.exists()

    def inside(self, *command: str) -> list[str]:
        return ["nsenter", f"--net={self.path}", *command]

    def create(self) -> None:
        if self.exists:
            return
        _ip("netns", "add", self.name)
        self._in("link", "set", "lo", "up")
        self._in("link", "add", "br0", "type", "bridge", "stp_state", "0")
        self._in("address", "add", f"{GATEWAY}/{PREFIX}", "dev", "br0")
        self._in("link", "set", "br0", "up")
        # The API server answers pods of every node: their packets must not be filtered on the way back.
        subprocess.run(self.inside("sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv4.conf.all.rp_filter=0"), check=True)

    def add_tap(self, name: str) -> None:
        if name not in self._links():
            self._in("tuntap", "add", "dev", name, "mode", "tap")
            self._in("link", "set", name, "master", "br0", "up")

    def route(self, cidr: str, via: str) -> None:
        self._in("route", "replace", cidr, "via", via)

    def delete(self) -> None:
        if self.exists:
            _ip("netns", "delete", self.name)

    def _links(self) -> set[str]:
        return {link["ifname"] for link in json.loads(_ip("-n", self.name, "-j", "link"))}

    def _in(self, *words: str) -> None:
        _ip("-n", self.name, *words)


def _ip(*words: str) -> str:
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise LabError(f"`ip {' '.join(words)}`: {done.stderr.strip()}")
    return done.stdout
