# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A setting that the kernel changes with another: to switch forwarding on or off also says whether ICMP redirects are accepted.

Seen on 6.1 and 6.12, and in net/ipv4/devinet.c (inet_forward_change): 0 with forwarding, 1 without, whatever it was before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

FORWARDING = "net/ipv4/ip_forward"
ACCEPT = "net/ipv4/conf/all/accept_redirects"


def recorded_for(asked: Iterable[str], key: str) -> bool:
    """Whether this is remembered because somebody asks for forwarding, and not for itself."""
    return key == ACCEPT and FORWARDING in asked


def after(forwarding: str, now: str, target: Mapping[str, tuple[str, bool]]) -> str:
    """What it is to be once forwarding has its new value: what is asked for or taken back, else what the kernel makes of it
    where the node is to forward. Where it is not and nothing is known of before, it stays."""
    if ACCEPT in target:
        return target[ACCEPT][0]
    return "0" if forwarding.split() == ["1"] else now
