# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of the baseline: where they are and what stands in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import cilium_links, network_manager, networkd, sysctl

MODULES = "/etc/modules-load.d/60-zerotrust.conf"
SYSCTLS = sysctl.OURS
NETWORKD = networkd.DROP_IN
NETWORK_MANAGER = "/etc/NetworkManager/conf.d/60-zerotrust.conf"
STATE = "/var/lib/zerotrust/baseline.json"

_HEAD = "# Written by zerotrust.baremetal.node_baseline, which replaces any change made here.\n"


class Module(NamedTuple):
    name: str
    reason: str


class Sysctl(NamedTuple):
    """`key` is canonical (see evidence/sysctl.py) and may be a pattern."""

    key: str
    value: str
    reason: str


def modules(wanted: Sequence[Module]) -> str:
    return _HEAD + "".join(f"\n# {module.reason}\n{module.name}\n" for module in wanted)


def sysctls(wanted: Sequence[Sysctl]) -> str:
    return _HEAD + "".join(f"\n# {line.reason}\n{_optional(line)}{sysctl.dotted(line.key)} = {line.value}\n" for line in wanted)


def _optional(line: Sysctl) -> str:
    """The links of a pattern come and go: systemd must not call it a failure when there is none."""
    return "-" if sysctl.is_pattern(line.key) else ""


def networkd_drop_in() -> str:
    reason = "Cilium's routes and rules are not networkd's: by default it deletes them on its next restart or link event."
    return f"{_HEAD}\n# {reason}\n[Network]\n{networkd.ROUTES}=no\n{networkd.RULES}=no\n"


def network_manager_drop_in() -> str:
    reason = "Cilium's links are not NetworkManager's: it would ask for addresses on them and drop the routes they carry."
    # Added to what others list: a plain = would take their links out.
    links = ";".join(f"interface-name:{pattern}" for pattern in cilium_links.PATTERNS)
    return f"{_HEAD}\n# {reason}\n[keyfile]\n{network_manager.KEY}+={links}\n"
