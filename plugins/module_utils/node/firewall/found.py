# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Evidence about the node's firewall: who rules it, what empties other software's rules, and what of ours waits."""

from __future__ import annotations

import re
from typing import Any

from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.firewall import backend, state, undo
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.host import Host
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.missing import Missing

_FIREWALLD = "/etc/firewalld/firewalld.conf"
_DIRECT = "/etc/firewalld/direct.xml"
_NFTABLES = "/etc/nftables.conf"
_NFTABLES_ENABLED = (
    "/etc/systemd/system/sysinit.target.wants/nftables.service",
    "/etc/systemd/system/multi-user.target.wants/nftables.service",
)
_FLUSHES = re.compile(r"^\s*flush\s+ruleset\b", re.MULTILINE)


def read(host: Host, missing: Missing) -> dict[str, Any]:
    """`managers`: firewalld and ufw, where they are on; `firewalld`: what decides whether its reload spares others' rules;
    `flushes`: files that make a start empty everybody's."""
    active = backend.managers(host)
    found: dict[str, Any] = {"managers": active, "flushes": _flushing(host), "waiting": undo.armed(host)}
    if "firewalld" in active:
        missing.part(found, "firewalld", "firewall.firewalld", lambda: _firewalld(host))
    read: dict[str, Any] = {}
    missing.part(read, "kept", "firewall.zerotrust", lambda: state.read(host))
    if "kept" not in read:
        return found
    kept = read["kept"]
    found["zerotrust"] = kept.backend if kept is not None else None
    if kept is not None and kept.desired is not None:
        # Loaded where there is something to list: what is loaded on a node is compiled in every execution.
        from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import lets_in

        found["lets_in"] = lets_in.listing(opening._asdict() for opening in kept.desired.openings)
        # A manager that is off cannot be asked; that it is off says enough.
        if not found["waiting"] and (kept.backend not in backend.MANAGERS or kept.backend in active):
            from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.firewall import drift

            missing.part(found, "drift", "firewall.drift", lambda: drift.read(host, kept))
    return found


def _firewalld(host: Host) -> dict[str, Any]:
    """`direct`: whether it has rules that it writes with iptables, whatever its backend is."""
    backend_of = re.search(r"^FirewallBackend=(\w+)", host.maybe(_FIREWALLD) or "", re.MULTILINE)
    return {
        "version": host.run([host.tool("firewall-cmd") or "firewall-cmd", "--version"]).strip(),
        "backend": backend_of.group(1).lower() if backend_of else "nftables",
        "direct": re.search(r"<(rule|chain|passthrough)\b", host.maybe(_DIRECT) or "") is not None,
    }


def _flushing(host: Host) -> list[str]:
    if any(map(host.exists, _NFTABLES_ENABLED)) and _FLUSHES.search(host.maybe(_NFTABLES) or ""):
        return [f"{_NFTABLES}: flush ruleset"]
    return []
