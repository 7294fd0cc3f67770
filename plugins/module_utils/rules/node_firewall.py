# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about the node's firewall."""

from __future__ import annotations

from dataclasses import dataclass

from ..evidence import lets_in, platform_ports, versions
from ..evidence.bundle import Evidence, Missing, View, dotted
from . import facts
from .facts import listed
from .rule import Answer, Catalogue, Fail, Pass

CATALOGUE = Catalogue("node")

NODE_051 = CATALOGUE.rule(
    "ZT-NODE-051",
    "blocker",
    stages=("node", "network"),
    title="One firewall rules the node",
    why="firewalld and ufw each take the whole packet filter for theirs: what one opens the other closes, and a reload of either "
    "undoes the other.",
    remediation="Turn one of them off: systemctl disable --now firewalld, or: ufw disable",
    source="https://firewalld.org/documentation/concepts.html",
)


@NODE_051.check(each=facts.answering_nodes)
def _one_firewall(evidence: Evidence, host: str) -> Answer:
    managers = evidence.node(host).view("firewall").view("managers").raw
    if len(managers) > 1:
        return Fail(f"{' and '.join(managers)} are both on")
    return Pass(f"{managers[0]} alone" if managers else "neither firewalld nor ufw is on")


NODE_052 = CATALOGUE.rule(
    "ZT-NODE-052",
    "high",
    stages=("node", "network"),
    title="A reload of the firewall leaves Cilium's rules alone",
    why="Cilium writes its rules when its agent starts and does not look at them again. A reload that empties the whole packet "
    "filter cuts pods off until somebody restarts the agent.",
    remediation="With firewalld: FirewallBackend=nftables in /etc/firewalld/firewalld.conf, no direct rules (policies and rich "
    "rules do the same), and firewalld 2.0 or newer, or none on this node; FlushAllOnReload does not matter for it. In "
    "/etc/nftables.conf replace 'flush ruleset' by 'delete table' for the site's own tables.",
    source="https://github.com/firewalld/firewalld/issues/863",
)


@NODE_052.check(each=facts.answering_nodes)
def _flushes(evidence: Evidence, host: str) -> Answer:
    node = evidence.node(host)
    firewall = node.view("firewall")
    flushes = firewall.view("flushes").raw
    if flushes:
        return Fail(f"{listed(flushes)}")
    if "firewalld" not in firewall.view("managers").raw:
        return Pass("nothing that is enabled flushes all rules")
    return _firewalld_flushes(firewall.view("firewalld"), node.view("os"))


def _firewalld_flushes(firewalld: View, system: View) -> Answer:
    """Measured with 1.3.3 (Debian 12) and 2.3.1 (Debian 13), with both backends, with and without direct rules."""
    version = firewalld["version"]
    if firewalld["backend"] == "iptables":
        return Fail(f"firewalld {version} has FirewallBackend=iptables: a reload empties the tables of iptables")
    if firewalld["direct"]:
        return Fail(f"firewalld {version} has direct rules (/etc/firewalld/direct.xml): a reload empties the tables of iptables")
    spares = versions.at_least(version, "2.0")
    if spares is None:
        raise Missing(dotted(firewalld.path), f"firewalld says {version!r} of its version")
    if spares:
        return Pass(f"firewalld {version} with nftables and without direct rules touches its own table alone")
    if versions.at_least(version, "1.2.5") and "rhel" in (system["id"], *system["id_like"]):
        raise Missing(
            dotted(firewalld.path),
            f"firewalld {version} of {system['id']}: Red Hat is said to have ported back that a reload spares the tables of "
            "iptables; see by: iptables -N zt; firewall-cmd --reload; iptables -X zt, which complains if they were emptied",
        )
    return Fail(f"firewalld {version}: before 2.0 every reload empties the tables of iptables")


NODE_053 = CATALOGUE.rule(
    "ZT-NODE-053",
    "medium",
    stages=("node", "network"),
    title="No change of the firewall waits for its confirmation",
    why="An earlier run changed the firewall and could not come back in. Its timer takes the change back; until then, or where "
    "the timer was lost, the rules in force are not those of the inventory.",
    remediation="Wait a minute and run again; the next run of the node stage takes the change back first.",
    source="docs/evidence.md",
)


@NODE_053.check(each=facts.answering_nodes)
def _waiting(evidence: Evidence, host: str) -> Answer:
    firewall = evidence.node(host).view("firewall")
    if firewall["waiting"]:
        return Fail("a change waits in /var/lib/zerotrust/firewall-pending.json")
    return Pass(f"{firewall['zerotrust']}, confirmed" if firewall["zerotrust"] else "none of ours")


NODE_054 = CATALOGUE.rule(
    "ZT-NODE-054",
    "high",
    stages=("node", "network"),
    title="The node's firewall knows every node of the inventory, and no other",
    why="A node that was down while another was added refuses it: their pods do not reach one another. An address that was a "
    "node's once stays let in after it has become somebody else's.",
    remediation="Run site.yml --tags node: it brings the firewall of every node that answers up to date.",
    source="docs/evidence.md",
)


@dataclass(frozen=True)
class _Port:
    """`others`: the inventory need not know everybody who may use it; then there is no digest to compare."""

    port: platform_ports.Port
    sources: tuple[str, ...]
    digest: str
    others: bool


def _expected(evidence: Evidence) -> list[_Port]:
    """The ports that are for nodes, and who is to be let in to each."""
    if "ports for nodes" not in evidence.memo:
        desired = evidence.desired.raw
        openings = {(one["port"], one["protocol"]): tuple(one["sources"]) for one in platform_ports.openings(desired)}
        digests = {sources: lets_in.digest(lets_in.collapsed(sources)) for sources in set(openings.values())}
        evidence.memo["ports for nodes"] = [
            _Port(
                port,
                openings[port.port, port.protocol],
                digests[openings[port.port, port.protocol]],
                others="control_plane" in port.callers or ("pods" in port.callers and not desired.get("pod_cidrs")),
            )
            for port in platform_ports.wanted(desired["features"])
            if "nodes" in port.callers and (port.port, port.protocol) in openings
        ]
    return evidence.memo["ports for nodes"]  # type: ignore[no-any-return]


@NODE_054.check(each=facts.answering_nodes)
def _peers(evidence: Evidence, host: str) -> Answer:
    if facts.node_stage_ahead(evidence):
        return None
    firewall = evidence.node(host).view("firewall")
    if firewall["zerotrust"] is None:
        return Pass("no firewall of ours")
    have = {(one["port"], one["protocol"], one["reason"]): one for one in firewall.view("lets_in")}
    differs: dict[str, list[str]] = {}
    expected = _expected(evidence)
    for one in expected:
        for what in _differences(evidence, one, have.get((one.port.port, one.port.protocol, one.port.component))):
            differs.setdefault(what, []).append(_name(one.port))
    if differs:
        return Fail("; ".join(f"{what} ({listed(ports, 4)})" for what, ports in list(differs.items())[:6]))
    return Pass(f"{len(expected)} ports for the nodes of the inventory")


def _differences(evidence: Evidence, wanted: _Port, have: View | None) -> list[str]:
    if have is None:
        return ["lets nobody in"]
    if "digest" in have:
        # Of so many the evidence tells only whether they are the same.
        if wanted.others or have["digest"] == wanted.digest:
            return []
        return [f"its {have['count']} networks are not those of the inventory"]
    sources = have.view("sources").raw
    # Nodes that are up to date all say the same, and of most ports.
    key = f"{wanted.digest} {wanted.others} from {' '.join(sources)}"
    if key not in evidence.memo:
        absent = lets_in.outside(wanted.sources, sources)
        strangers = [] if wanted.others else lets_in.outside(sources, lets_in.collapsed(wanted.sources))
        evidence.memo[key] = [
            *([f"does not let in {listed(_owners(evidence, absent), 4)}"] if absent else []),
            *([f"still lets in {listed(strangers, 4)}, which is none of the cluster"] if strangers else []),
        ]
    return evidence.memo[key]  # type: ignore[no-any-return]


def _owners(evidence: Evidence, absent: list[str]) -> list[str]:
    """Addresses with the node they are of."""
    of = {str(address): host for host, node in evidence.desired.view("nodes").raw.items() for address in node["ips"]}
    return [f"{of[address]} ({address})" if address in of else address for address in absent]


def _name(port: platform_ports.Port) -> str:
    return f"{port.port}/{port.protocol}" if port.port else port.protocol


NODE_055 = CATALOGUE.rule(
    "ZT-NODE-055",
    "high",
    stages=("node", "network"),
    title="The host firewall is as it was put in force",
    why="Somebody, or another program, changed or emptied our rules or the files that bring them back at boot: what was closed "
    "may be open, and what was open closed.",
    remediation="Find out who did; then run site.yml --tags node, which writes them again.",
    source="docs/evidence.md",
)


@NODE_055.check(each=facts.answering_nodes)
def _drift(evidence: Evidence, host: str) -> Answer:
    if facts.node_stage_ahead(evidence):
        return None
    firewall = evidence.node(host).view("firewall")
    ours, managers = firewall["zerotrust"], [str(one) for one in firewall.view("managers").raw]
    if ours is None:
        return Pass("no firewall of ours")
    if ours in ("firewalld", "ufw") and ours not in managers:
        return Fail(f"it was written for {ours}, which is off", f"Turn {ours} on again, or run once with node_firewall: none.")
    if managers and ours not in managers:
        return Fail(
            f"it was written for {ours}, and {listed(managers)} rules the node now",
            "Run site.yml --tags node once with node_firewall: none, which takes the old rules away, and then again.",
        )
    if firewall["waiting"]:
        return None
    drift = firewall.view("drift")
    rules = [str(line) for line in drift.view("rules").raw]
    files = [
        f"{one['path']} was changed at {facts.moment_of(one['mtime'])}" if one["mtime"] is not None else f"{one['path']} is gone"
        for one in drift.view("files")
    ]
    if rules:
        files.insert(0, f"{listed(rules, 3)}; nothing records who changed the rules")
    return Fail("; ".join(files)) if files else Pass(f"{ours}, as it was put in force")
