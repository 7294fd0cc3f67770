# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about the ways between nodes, as they were tried before there was a network stage to ask."""

from __future__ import annotations

from collections.abc import Iterator

from ..evidence.bundle import Evidence, Missing, View
from . import facts
from .facts import PREFLIGHT, listed
from .rule import Catalogue, Fail, Pass

CATALOGUE = Catalogue("node")

_FIREWALL = "https://docs.cilium.io/en/stable/operations/system_requirements/#firewall-rules"


def tried(evidence: Evidence) -> list[str]:
    """Nodes whose ways were to be tried: all that answer, as long as Cilium is not there to tell."""
    hosts = facts.answering_nodes(evidence)
    if len(hosts) < 2 or any("ways" in evidence.node(host) for host in hosts):
        return hosts if len(hosts) > 1 else []
    try:
        installed = evidence.api.view("cilium")["config"] is not None
    except Missing:
        installed = False
    return [] if installed else hosts


NODE_011 = CATALOGUE.rule(
    "ZT-NODE-011",
    "high",
    stages=("node", "network"),
    title="Nodes reach one another on the ports that Cilium needs",
    why="With WireGuard's or the tunnel's port filtered, pods reach pods on their own node and none on the other; without the "
    "health port nobody notices.",
    remediation="Open the port between the nodes in what stands between them; node_firewall opens it on the nodes themselves.",
    source=_FIREWALL,
)


@NODE_011.check(each=tried, moments=PREFLIGHT)
def _ports_reached(evidence: Evidence, host: str) -> Iterator[Pass | Fail]:
    """About the node that is not reached: it is the same finding for all who tried."""
    asked, failed = 0, []
    for other in tried(evidence):
        if other == host:
            continue
        for port in evidence.node(other).view("ways").view("ports"):
            if port["host"] != host:
                continue
            asked += 1
            if port["outcome"] != "reached":
                failed.append((str(port["port"]), str(port["protocol"]), str(port["outcome"]), other))
    if not asked:
        raise Missing(f"nodes.{host}.ways", "no other node tried to reach it")
    if not failed:
        yield Pass(f"{asked} ways")
    said = []
    for number, protocol, outcome in sorted({one[:3] for one in failed}):
        by = sorted(other for *what, other in failed if what == [number, protocol, outcome])
        said.append(f"{number}/{protocol} is {outcome} from {listed(by)}: {_likely(evidence, host, number, protocol, outcome)}")
    if said and facts.node_stage_ahead(evidence) and evidence.desired.view("nodes").view(host).get("opens", False):
        raise Missing(
            f"nodes.{host}.ways",
            f"{listed(said, 3)}; the node stage opens the node's own firewall first, and the network gate tells what is left",
        )
    yield from map(Fail, said)


def _likely(evidence: Evidence, host: str, number: str, protocol: str, outcome: str) -> str:
    """Which side filters, as far as all that was tried tells."""
    if outcome in ("refused", "unreachable"):
        return f"a packet filter of {host}, or of a router before it, rejects it"
    into, out_of = set(), set()
    for other in tried(evidence):
        for port in evidence.node(other).view("ways").view("ports"):
            if (str(port["port"]), str(port["protocol"])) != (number, protocol):
                continue
            reached = port["outcome"] == "reached"
            if port["host"] == host:
                into.add(reached)
            if other == host:
                out_of.add(reached)
    if into == {False} and out_of == {True}:
        return f"it gets out of {host} and not in, so {host} or what stands before it drops it"
    if into == {False} and out_of == {False}:
        return "it gets neither in nor out, so what stands between the nodes drops it"
    return "only some reach it, so what stands between them and it drops it"


NODE_050 = CATALOGUE.rule(
    "ZT-NODE-050",
    "high",
    stages=("node", "network"),
    title="The way between nodes carries packets as large as their links'",
    why="Cilium sizes packets by the MTU of the node's link. Where something on the way carries less and says nothing, small "
    "requests succeed and large answers never arrive.",
    remediation="Set the MTU of the nodes' links (or Cilium's MTU) to what the way carries, or let the way carry their size.",
    source="https://docs.cilium.io/en/stable/operations/performance/tuning/#mtu",
)


@NODE_050.check(each=tried, moments=PREFLIGHT)
def _path_mtu(evidence: Evidence, host: str) -> Pass | Fail:
    paths = list(evidence.node(host).view("ways").view("paths"))
    silent = [str(path["host"]) for path in paths if path["path_mtu"] is None]
    if not paths or len(silent) == len(paths):
        raise Missing(
            f"nodes.{host}.ways.paths", "no echo came back from any node: echo requests are filtered, or there is no IPv4"
        )
    small = [f"{path['path_mtu']} to {path['host']} (the link carries {path['link_mtu']})" for path in paths if _smaller(path)]
    return Fail(f"at most {listed(small)}") if small else Pass(f"{listed(sorted({str(path['link_mtu']) for path in paths}))}")


def _smaller(path: View) -> bool:
    return path["path_mtu"] is not None and int(path["path_mtu"]) < int(path["link_mtu"])
