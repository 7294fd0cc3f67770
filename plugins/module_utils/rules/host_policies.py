# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cilium's host firewall: its policies are on the node's way in beside the host's own firewall, and both have to let in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..evidence import network_policy, platform_ports
from ..evidence.bundle import Evidence, Missing
from . import facts
from .facts import is_true, listed
from .rule import Answer, Catalogue, Fail, Pass

CATALOGUE = Catalogue("network")

Policy = Mapping[str, Any]
Port = Mapping[str, Any]

# Entities that other nodes are part of.
_NODES = {"all", "cluster", "remote-node"}
# Peers that are nodes or not, which only their labels say.
_BY_LABELS = ("fromNodes", "fromEndpoints")

CIL_041 = CATALOGUE.rule(
    "ZT-CIL-041",
    "blocker",
    stages=("network",),
    title="Cilium's host firewall lets nodes reach one another",
    why="A clusterwide policy with a nodeSelector closes its nodes to everything that it does not name. Without the ports "
    "between nodes, tunnel, WireGuard and health checks end there, and pods of different nodes no longer meet.",
    remediation="Add to the policy's ingress: - fromEntities: [remote-node]; or name the ports in its toPorts. Try it first with "
    "policyAuditMode.",
    source="https://docs.cilium.io/en/stable/security/host-firewall/",
)


def _on(evidence: Evidence) -> bool:
    if evidence.moment == "verify":
        return is_true(facts.cilium_config(evidence).get("enable-host-firewall", "false"))
    return "cilium" in evidence.charts and is_true(facts.effective(evidence, "chart cilium").find("hostFirewall.enabled", False))


def _of_hosts(evidence: Evidence) -> dict[str, Policy]:
    """Policies that select nodes, by their subjects."""
    return {
        f"CiliumClusterwideNetworkPolicy {one['name']}": one
        for one in facts.policies(evidence, "cilium_clusterwide_network_policies")
        if one["spec"].get("nodeSelector") is not None
    }


@CIL_041.check(each=_of_hosts, when=_on)
def _between_nodes(evidence: Evidence, subject: str) -> Answer:
    every = _of_hosts(evidence)
    needed = platform_ports.between_nodes(evidence.desired.view("features").raw)
    return _judged(every[subject], list(every.values()), needed)


def _judged(policy: Policy, policies: Sequence[Policy], needed: Sequence[Port]) -> Pass | Fail:
    spec = policy["spec"]
    denied = [port for port in needed if _any(spec.get("ingressDeny"), port)]
    if denied:
        return Fail(f"its ingressDeny shuts out {_names(denied)} between nodes")
    if not network_policy.closes(spec, "ingress"):
        return Pass("it closes nothing that comes in")
    lacking = [port for port in needed if not _lets_in(policy, port)]
    nobody = [port for port in lacking if not any(_lets_in(other, port) for other in policies)]
    if nobody:
        return Fail(f"it closes its nodes, and lets other nodes in to none of {_names(nobody)}")
    as_wide = [other for other in policies if _as_wide(other, policy)]
    elsewhere = [port for port in lacking if not any(_lets_in(other, port) for other in as_wide)]
    if elsewhere:
        raise Missing(
            "api.nodes", f"whether the policies that let in {_names(elsewhere)} select the nodes of {policy['name']} is not seen"
        )
    return Pass(f"lets nodes in to {_names(needed)}")


def _as_wide(other: Policy, policy: Policy) -> bool:
    """Whether it selects at least the nodes of the policy; said only where that needs no labels of nodes."""
    selector = other["spec"]["nodeSelector"]
    return not any(selector.values()) or selector == policy["spec"]["nodeSelector"]


def _lets_in(policy: Policy, port: Port) -> bool:
    return _any(policy["spec"].get("ingress"), port)


def _any(rules: Any, port: Port) -> bool:
    return any(_of_nodes(rule) and _has(rule, port) for rule in rules or [])


def _of_nodes(rule: Policy) -> bool:
    """A rule of ports alone is for everybody; one with nothing in it is for nobody."""
    if any(rule.get(key) for key in _BY_LABELS):
        raise Missing("api.policies.cilium_clusterwide_network_policies", "which nodes a rule means by their labels is not seen")
    if any(key.startswith("from") for key in rule):
        return bool(_NODES & set(rule.get("fromEntities") or []))
    return bool(rule.get("toPorts"))


def _has(rule: Policy, port: Port) -> bool:
    """`icmps` alone is about no port."""
    if not rule.get("toPorts"):
        return not rule.get("icmps")
    return any(_is(one, port) for several in rule["toPorts"] for one in several.get("ports") or [])


def _is(one: Policy, port: Port) -> bool:
    if str(one.get("protocol") or "ANY").lower() not in ("any", port["protocol"]):
        return False
    first = str(one.get("port") or "0")
    # 0 is every port; a name is one of a container's.
    return first == "0" or (first.isdigit() and int(first) <= port["port"] <= int(one.get("endPort") or first))


def _names(ports: Sequence[Port]) -> str:
    return listed(f"{one['port']}/{one['protocol']}" for one in ports)
