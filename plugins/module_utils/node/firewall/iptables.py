# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The host firewall as a chain of its own, first in INPUT; one transaction for each IP version.

It serves ufw too: ufw's own chains come after, its reload leaves INPUT alone, and hundreds of its rules would take minutes.
"""

from __future__ import annotations

from typing import Optional

from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.firewall.openings import Desired
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.host import Host, Unreadable

CHAIN = "ZEROTRUST"
_PROGRAMS = {4: "iptables", 6: "ip6tables"}
_ECHO = {4: "-p icmp --icmp-type echo-request", 6: "-p ipv6-icmp --icmpv6-type echo-request"}
# What the multiport match takes; a range counts for two.
_PORTS_A_RULE = 15


class Iptables:
    def __init__(self, host: Host, folder: str, ufw: bool) -> None:
        self._host = host
        self._folder = folder
        self.name = "ufw" if ufw else "iptables"
        self.after = "ufw.service" if ufw else "netfilter-persistent.service iptables.service ip6tables.service"

    def listing(self) -> str:
        """What of ours is in force, as iptables prints it."""
        parts = []
        for program in _PROGRAMS.values():
            try:
                saved = self._host.run([f"{self._folder}/{program}", "-w", "10", "-S"])
            except Unreadable:  # a kernel without IPv6
                continue
            ours = [line for line in saved.splitlines() if line.split()[1:2] == [CHAIN] or line == f"-A INPUT -j {CHAIN}"]
            parts.append("".join(f"{program} {line}\n" for line in ours))
        return "".join(parts)

    def script(self, desired: Optional[Desired]) -> str:
        """Shell that puts this in force, from whatever is; with None it takes everything of ours away."""
        lines = [_REMOVING if desired is None else _PUTTING]
        for version, program in _PROGRAMS.items():
            if version == 6:
                lines.append("[ -e /proc/net/if_inet6 ] || exit 0")
            path = f"{self._folder}/{program}"
            lines += [f"remove {path}"] if desired is None else [f"put {path} <<'END'", *_rules(desired, version), "END"]
        return "\n".join(lines) + "\n"


_PUTTING = f"""\
put() {{
    {{
        echo '*filter'
        cat
        "$1" -w 10 -C INPUT -j {CHAIN} 2>/dev/null || echo '-I INPUT 1 -j {CHAIN}'
        echo COMMIT
    }} | "$1-restore" -w 10 --noflush
}}"""

_REMOVING = f"""\
remove() {{
    "$1" -w 10 -S {CHAIN} >/dev/null 2>&1 || return 0
    {{
        echo '*filter'
        "$1" -w 10 -C INPUT -j {CHAIN} 2>/dev/null && echo '-D INPUT -j {CHAIN}'
        echo '-F {CHAIN}'
        echo '-X {CHAIN}'
        echo COMMIT
    }} | "$1-restore" -w 10 --noflush
}}"""


def _rules(desired: Desired, version: int) -> list[str]:
    # Naming the chain empties it, within the transaction.
    lines = [
        f":{CHAIN} - [0:0]",
        f"-A {CHAIN} -i lo -j ACCEPT",
        f"-A {CHAIN} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
    ]
    for (sources, protocol), ports in desired.groups(version).items():
        matches = [_ECHO[version]] if protocol == "icmp" else [_multiport(protocol, some) for some in _portions(ports)]
        lines += [f"-A {CHAIN} -s {source} {match} -j ACCEPT" for source in sources for match in matches]
    lines += [f"-A {CHAIN} -p {protocol} --dport {port.replace('-', ':')} -j DROP" for protocol, port in desired.guarded(version)]
    return lines


def _multiport(protocol: str, ports: list[str]) -> str:
    return f"-p {protocol} -m multiport --dports {','.join(port.replace('-', ':') for port in ports)}"


def _portions(ports: list[str]) -> list[list[str]]:
    found: list[list[str]] = [[]]
    room = _PORTS_A_RULE
    for port in ports:
        needed = 2 if "-" in port else 1
        if needed > room:
            found.append([])
            room = _PORTS_A_RULE
        found[-1].append(port)
        room -= needed
    return found
