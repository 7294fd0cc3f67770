# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Evidence about the node's firewall: who rules it, what empties other software's rules, and what of ours waits."""

from __future__ import annotations

import re
from typing import Any

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import lets_in
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.firewall import backend, drift, state, undo
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.host import Host
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.missing import Missing

_FIREWALLD = "/etc/firewalld/firewalld.conf"
_NFTABLES = "/etc/nftables.conf"
_NFTABLES_ENABLED = (
    "/etc/systemd/system/sysinit.target.wants/nftables.service",
    "/etc/systemd/system/multi-user.target.wants/nftables.service",
)
_FLUSHES = re.compile(r"^\s*flush\s+ruleset\b", re.MULTILINE)


def read(host: Host, missing: Missing) -> dict[str, Any]:
    """`managers`: firewalld and ufw, where they are on; `flushes`: files that make a reload empty everybody's rules."""
    active = backend.managers(host)
    found: dict[str, Any] = {"managers": active, "flushes": _flushing(host, active), "waiting": undo.armed(host)}
    read: dict[str, Any] = {}
    missing.part(read, "kept", "firewall.zerotrust", lambda: state.read(host))
    if "kept" not in read:
        return found
    kept = read["kept"]
    found["zerotrust"] = kept.backend if kept is not None else None
    if kept is not None and kept.desired is not None:
        found["lets_in"] = lets_in.listing(vars(opening) for opening in kept.desired.openings)
        # A manager that is off cannot be asked; that it is off says enough.
        if not found["waiting"] and (kept.backend not in backend.MANAGERS or kept.backend in active):
            missing.part(found, "drift", "firewall.drift", lambda: drift.read(host, kept))
    return found


def _flushing(host: Host, active: list[str]) -> list[str]:
    found = []
    if "firewalld" in active and re.search(r"^FlushAllOnReload=yes", host.maybe(_FIREWALLD) or "", re.MULTILINE | re.IGNORECASE):
        found.append(f"{_FIREWALLD}: FlushAllOnReload=yes")
    if any(map(host.exists, _NFTABLES_ENABLED)) and _FLUSHES.search(host.maybe(_NFTABLES) or ""):
        found.append(f"{_NFTABLES}: flush ruleset")
    return found
