# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way back from a firewall that locks the controller out: armed before a change, disarmed by a fresh connection."""

from __future__ import annotations

import contextlib
from typing import Optional

from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.host import Host, Unreadable
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.refused import Refused

UNIT = "zerotrust-firewall-undo"
_FOLDER = "/var/lib/zerotrust"
SCRIPT = f"{_FOLDER}/firewall-undo.sh"
PENDING = f"{_FOLDER}/firewall-pending.json"


def arm(host: Host, seconds: int, way_back: str) -> None:
    """A timer of systemd's: it needs neither this process nor the connection. Its script takes itself away at the end."""
    if not host.exists("/run/systemd/system"):
        raise Refused(
            "this host does not run systemd, which would take the change back if it locked you out; nothing was changed"
        )
    host.make_folder(_FOLDER)
    tidy = f"rm -f {PENDING} {SCRIPT}\nrmdir {_FOLDER} 2>/dev/null || true"
    host.write(SCRIPT, f"#!/bin/sh\n(\nset -e\n{way_back})\n{tidy}\n", 0o700)
    command = ["systemd-run", "--quiet", f"--unit={UNIT}", f"--on-active={seconds}", "--timer-property=AccuracySec=1s"]
    host.run([host.tool("systemd-run") or command[0], *command[1:], "/bin/sh", SCRIPT])


def armed(host: Host) -> bool:
    """Whether a change waits for its confirmation."""
    return host.exists(PENDING)


def hold(host: Host) -> None:
    """Stop the timer. Where it is gone it has fired, or the node was restarted."""
    with contextlib.suppress(Unreadable):
        host.run([host.tool("systemctl") or "systemctl", "stop", f"{UNIT}.timer"])


def fire(host: Host) -> None:
    """Take the waiting change back now."""
    hold(host)
    if host.exists(SCRIPT):
        host.run(["/bin/sh", SCRIPT])
    forget(host)


def forget(host: Host) -> None:
    for path in (PENDING, SCRIPT):
        if host.exists(path):
            host.remove(path)
    host.remove_folder(_FOLDER)


def controller(host: Host, process: Optional[int] = None) -> Optional[tuple[str, int]]:
    """The controller's address and the port it came in by; None without ssh. sudo hides them, its parents do not."""
    process = process if process is not None else host.own_process()
    while process > 1:
        try:
            variables = host.text(f"/proc/{process}/environ").split("\0")
            parent = int(host.text(f"/proc/{process}/stat").rpartition(")")[2].split()[1])
        except Unreadable:
            return None
        for variable in variables:
            if variable.startswith("SSH_CONNECTION="):
                words = variable.partition("=")[2].split()
                return words[0].partition("%")[0], int(words[3])
        process = parent
    return None
