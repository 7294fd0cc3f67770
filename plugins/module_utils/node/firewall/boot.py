# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What brings the firewall back at boot, and after a restart of the service that empties it."""

from __future__ import annotations

import os
from typing import Optional

from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.firewall.backend import Backend
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.firewall.openings import Desired
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.host import Host

SCRIPT = "/etc/zerotrust/firewall.sh"
UNIT = "zerotrust-firewall.service"
UNIT_FILE = f"/etc/systemd/system/{UNIT}"

_HEAD = "Written by zerotrust.baremetal.node_firewall, which replaces any change made here."
_UNIT = """\
# {head}
[Unit]
Description=Host firewall of zerotrust.baremetal
DefaultDependencies=no
After=local-fs.target {after}
PartOf={after}
ReloadPropagatedFrom={after}
Before=network-online.target kubelet.service shutdown.target
Conflicts=shutdown.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh {script}
ExecReload=/bin/sh {script}

[Install]
WantedBy=multi-user.target {after}
"""


def files(backend: Backend, desired: Optional[Desired]) -> dict[str, Optional[str]]:
    """Path to text; None where there shall be no such file."""
    if desired is None or not backend.after:
        return {SCRIPT: None, UNIT_FILE: None}
    return {
        SCRIPT: f"#!/bin/sh\n# {_HEAD}\nset -eu\n{backend.script(desired)}",
        UNIT_FILE: _UNIT.format(head=_HEAD, after=backend.after, script=SCRIPT),
    }


def differs(host: Host, wanted: dict[str, Optional[str]]) -> bool:
    return any(host.maybe(path) != text for path, text in wanted.items())


def put(host: Host, wanted: dict[str, Optional[str]]) -> None:
    systemctl = host.tool("systemctl") or "systemctl"
    if wanted[UNIT_FILE] is None and host.exists(UNIT_FILE):
        # Without --now: it would run no ExecStop, and what is in force is not its business.
        host.run([systemctl, "disable", "--quiet", UNIT])
    for path, text in wanted.items():
        if text is not None:
            host.make_folder(os.path.dirname(path))
            host.write(path, text, 0o755 if path == SCRIPT else 0o644)
        elif host.exists(path):
            host.remove(path)
    host.remove_folder(os.path.dirname(SCRIPT))
    host.run([systemctl, "daemon-reload"])
    if wanted[UNIT_FILE] is not None:
        host.run([systemctl, "enable", "--quiet", UNIT])
