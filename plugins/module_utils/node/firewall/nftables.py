# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The host firewall as an nftables table of its own, in one transaction.

An accept in one base chain does not spare a packet the drop of another. So where the node has base chains of its own that
drop, each is given a jump to a chain in its table, with the same openings.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple, Optional

from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.firewall.openings import Desired
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.host import Host, Unreadable

TABLE = "inet zerotrust"
_CHAIN = "zerotrust"

# Base chains of software that lets pass what it does not mean, and rewrites them as it likes.
_OTHERS = ("kube-", "cilium", "istio", "firewalld", "libvirt", "lxd", "docker", "zerotrust")
_IPTABLES_TABLES = ("filter", "nat", "mangle", "raw", "security")
_SADDR = {4: "ip saddr", 6: "ip6 saddr"}
_SET_TYPE = {4: "ipv4_addr", 6: "ipv6_addr"}
_ECHO = {4: "icmp type echo-request", 6: "icmpv6 type echo-request"}


class Hook(NamedTuple):
    """A base chain at input that drops."""

    family: str
    table: str
    chain: str

    @property
    def versions(self) -> tuple[int, ...]:
        return {"ip": (4,), "ip6": (6,)}.get(self.family, (4, 6))

    def __str__(self) -> str:
        return f"{self.family} {self.table} {self.chain}"


class Nftables:
    name = "nftables"
    # Whose start or restart empties the ruleset.
    after = "nftables.service"

    def __init__(self, host: Host, tool: str, hooks: tuple[Hook, ...]) -> None:
        self._host = host
        self._tool = tool
        self._hooks = hooks

    def listing(self) -> str:
        """What of ours is in force, as nft prints it."""
        parts = [_list(self._host, [self._tool, "-s", "list", "table", *TABLE.split()])]
        for hook in self._hooks:
            parts.append(_list(self._host, [self._tool, "-s", "list", "chain", hook.family, hook.table, _CHAIN]))
            jumps = f"jump {_CHAIN}" in _list(self._host, [self._tool, "-s", "list", "chain", *str(hook).split()])
            parts.append(f"{hook}: {'jumps' if jumps else 'does not jump'}\n")
        return "".join(parts)

    def script(self, desired: Optional[Desired]) -> str:
        """Shell that puts this in force, from whatever is; with None it takes everything of ours away."""
        lines = [_HOOKING.format(nft=self._tool), "{", "cat <<'END'"]
        lines += [f"add table {TABLE}", f"delete table {TABLE}"]
        if desired is not None:
            lines += _table(desired)
            for hook in self._hooks:
                lines += _in_foreign_table(hook, desired)
        lines.append("END")
        lines += [f"{'unhook' if desired is None else 'hook'} {hook}" for hook in self._hooks]
        lines.append(f"}} | {self._tool} -f -")
        return "\n".join(lines) + "\n"


_HOOKING = """\
hook() {{ {nft} list chain "$@" | grep -q 'jump zerotrust' || echo "insert rule $* jump zerotrust"; }}
unhook() {{
    {nft} -a list chain "$@" 2>/dev/null | sed -n "s/.*jump zerotrust.* # handle \\([0-9]*\\)$/delete rule $* handle \\1/p"
    {nft} list chain "$1" "$2" zerotrust >/dev/null 2>&1 || return 0
    echo "delete chain $1 $2 zerotrust"
}}"""


def _list(host: Host, command: list[str]) -> str:
    try:
        return host.run(command)
    except Unreadable:  # nft has one exit code for all; what is not there is not in force
        return ""


def _table(desired: Desired) -> list[str]:
    """Own sets, so that many sources stay one look-up a packet."""
    names: dict[tuple[str, ...], str] = {}
    sets, accepts, drops = [], [], []
    for version in (4, 6):
        for (sources, protocol), ports in desired.groups(version).items():
            if sources not in names:
                names[sources] = f"sources{len(names) + 1}"
                sets += _set(names[sources], version, sources)
            accepts.append(f"    {_match(protocol, ports, version)} {_SADDR[version]} @{names[sources]} accept")
        for protocol, port in desired.guarded(version):
            drops.append(f"    meta nfproto ipv{version} {protocol} dport {port} drop")
    return [
        f"table {TABLE} {{",
        *sets,
        "  chain input {",
        "    type filter hook input priority filter - 5; policy accept;",
        '    iif "lo" accept',
        "    ct state established,related accept",
        *accepts,
        *drops,
        "  }",
        "}",
    ]


def _set(name: str, version: int, sources: tuple[str, ...]) -> list[str]:
    return [
        f"  set {name} {{",
        f"    type {_SET_TYPE[version]}; flags interval; elements = {{ {', '.join(sources)} }}",
        "  }",
    ]


def _match(protocol: str, ports: list[str], version: int) -> str:
    return _ECHO[version] if protocol == "icmp" else f"{protocol} dport {{ {', '.join(ports)} }}"


def _in_foreign_table(hook: Hook, desired: Desired) -> list[str]:
    chain = f"{hook.family} {hook.table} {_CHAIN}"
    lines = [f"add chain {chain}", f"flush chain {chain}"]
    for version in hook.versions:
        for (sources, protocol), ports in desired.groups(version).items():
            match = f"{_match(protocol, ports, version)} {_SADDR[version]} {{ {', '.join(sources)} }}"
            lines.append(f"add rule {chain} {match} accept")
    return lines


def hooks(host: Host, tool: str) -> tuple[Hook, ...]:
    """The node's own base chains at input that drop packets."""
    found = []
    for chain in _entries(host, [tool, "-j", "list", "chains"], "chain"):
        if chain.get("hook") != "input" or chain.get("type") != "filter" or chain.get("family") not in ("ip", "ip6", "inet"):
            continue
        hook = Hook(chain["family"], str(chain.get("table")), str(chain.get("name")))
        if hook.table.startswith(_OTHERS) or _of_iptables(hook):
            continue
        if chain.get("policy") == "drop" or _matters(host, tool, hook):
            found.append(hook)
    return tuple(sorted(found))


def _of_iptables(hook: Hook) -> bool:
    return hook.family != "inet" and hook.table in _IPTABLES_TABLES and hook.chain == "INPUT"


def _entries(host: Host, command: list[str], kind: str) -> list[dict[str, Any]]:
    """What a listing holds of a kind."""
    try:
        entries = json.loads(host.run(command))["nftables"]
        return [entry[kind] for entry in entries if isinstance(entry.get(kind), dict)]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Unreadable(f"{' '.join(command)}: what it printed is no list of nftables in JSON") from None


def _matters(host: Host, tool: str, hook: Hook) -> bool:
    """Whether a rule of it drops, or is the jump of an earlier run."""
    rules = _entries(host, [tool, "-j", "list", "chain", *str(hook).split()], "rule")
    expressions = [rule["expr"] for rule in rules if isinstance(rule.get("expr"), list)]
    parts = [part for expression in expressions for part in expression if isinstance(part, dict)]
    return any("drop" in part or "reject" in part or part.get("jump") == {"target": _CHAIN} for part in parts)
