# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The host firewall as rich rules of firewalld, now and in its permanent configuration, without a reload.

A reload empties other software's tables on some releases, and refuses new connections for a moment on all. Sets of addresses
cannot be had without one, so every source has its rule.
"""

from __future__ import annotations

from typing import Optional

from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.firewall.openings import Desired
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.host import Host

# Ours are known by their priority; both come before any rule without one.
_ACCEPT, _DROP = -2471, -2470
_FAMILY = {4: "ipv4", 6: "ipv6"}
_ECHO = {4: 'icmp-type name="echo-request"', 6: 'icmp-type name="echo-request"'}


class Firewalld:
    name = "firewalld"
    # Its own permanent configuration brings the rules back at boot.
    after = ""

    def __init__(self, host: Host, tool: str, zones: tuple[str, ...]) -> None:
        self._host = host
        self._tool = tool
        self._zones = zones

    def listing(self) -> str:
        """What of ours is in force, and what will be after the next start."""
        parts = []
        for zone in self._zones:
            for when in ([], ["--permanent"]):
                printed = self._host.run([self._tool, *when, f"--zone={zone}", "--list-rich-rules"])
                ours = sorted(line for line in printed.splitlines() if _is_ours(line))
                parts.append(f"{' '.join([zone, *when])}\n" + "".join(f"{line}\n" for line in ours))
        return "".join(parts) if any("rule" in part for part in parts) else ""

    def script(self, desired: Optional[Desired]) -> str:
        """Shell that puts this in force, from whatever is; with None it takes everything of ours away."""
        rules = sorted(_rules(desired)) if desired is not None else []
        lines = [_DIFFERENCE.format(tool=self._tool, accept=_ACCEPT, drop=_DROP), "wanted=$(mktemp)", "cat >\"$wanted\" <<'END'"]
        lines += [*rules, "END"]
        lines += [f'put "$wanted" --zone={zone}{when}' for zone in self._zones for when in ("", " --permanent")]
        lines.append('rm -f "$wanted"')
        return "\n".join(lines) + "\n"


# What is to come is added before what is to go is removed.
_DIFFERENCE = """\
put() {{
    wanted=$1
    shift
    had=$(mktemp)
    {tool} "$@" --list-rich-rules | grep -E 'priority="({accept}|{drop})"' | LC_ALL=C sort >"$had" || true
    LC_ALL=C comm -13 "$had" "$wanted" | sed "s/.*/--add-rich-rule='&'/" | xargs -r {tool} --quiet "$@"
    LC_ALL=C comm -23 "$had" "$wanted" | sed "s/.*/--remove-rich-rule='&'/" | xargs -r {tool} --quiet "$@"
    rm -f "$had"
}}"""


def _is_ours(line: str) -> bool:
    return any(f'priority="{priority}"' in line for priority in (_ACCEPT, _DROP))


def _rules(desired: Desired) -> set[str]:
    rules = set()
    for version in (4, 6):
        for (sources, protocol), ports in desired.groups(version).items():
            matches = [_ECHO[version]] if protocol == "icmp" else [f'port port="{port}" protocol="{protocol}"' for port in ports]
            rules |= {
                f'rule priority="{_ACCEPT}" family="{_FAMILY[version]}" source address="{source}" {match} accept'
                for source in sources
                for match in matches
            }
        rules |= {
            f'rule priority="{_DROP}" family="{_FAMILY[version]}" port port="{port}" protocol="{protocol}" drop'
            for protocol, port in desired.guarded(version)
        }
    return rules


def zones(host: Host, tool: str) -> tuple[str, ...]:
    """The zones that get packets: the default one, and those that have links or sources."""
    active = [line.split()[0] for line in host.run([tool, "--get-active-zones"]).splitlines() if line[:1].strip()]
    return tuple(sorted({host.run([tool, "--get-default-zone"]).strip(), *active}))
