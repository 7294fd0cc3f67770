# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about what the node's packet filter does with the packets of pods."""

from __future__ import annotations

from ..evidence import forwarding, versions
from ..evidence.bundle import Evidence, Missing, View
from . import facts
from .facts import listed
from .rule import Answer, Catalogue, Fail, Pass

CATALOGUE = Catalogue("node")

NODE_057 = CATALOGUE.rule(
    "ZT-NODE-057",
    "high",
    stages=("network",),
    title="The node's packet filter forwards the packets of pods",
    why="Docker, ufw and hardening roles drop what the node forwards. kube-proxy's rules let pods' packets through; once they "
    "are gone, only Cilium's own do, and those count in the FORWARD chain of iptables alone: a drop in any other is final.",
    remediation="Where iptables is named: leave installIptablesRules and prependIptablesChains of the Cilium values on; if "
    "Cilium's chain is gone, restart the agent on the node. With firewalld: put cilium_+ and lxc+ into the zone trusted, and add "
    "a policy from ANY to trusted with target ACCEPT. In a table of the site's own: accept what comes in or goes out by lxc* or "
    "cilium_* in its forward chain.",
    source="https://github.com/cilium/cilium/issues/42202",
)


@NODE_057.check(each=facts.answering_nodes)
def _forwards(evidence: Evidence, host: str) -> Answer:
    families = {"ip", "inet", *(["ip6"] if facts.family(evidence, "ipv6") else [])}
    chains = [one for one in evidence.node(host).view("forwarding") if one["family"] in families]
    coming = [one for one in chains if one["verdict"] != forwarding.PASSES and _cilium_will_accept(evidence, one)]
    left = [one for one in chains if one["verdict"] != forwarding.PASSES and one not in coming and not _for_pods(evidence, one)]
    refused = _by_chain([one for one in left if one["verdict"] == forwarding.REFUSED])
    if not left:
        said = f"{len({_name(one) for one in chains})} chains see forwarded packets and let those of pods through"
        return Pass(f"{said}, {listed(_by_chain(coming))} once Cilium is there" if coming else said)
    if _bypassed(evidence):
        raise Missing(
            f"nodes.{host}.forwarding",
            f"{listed(_by_chain(left))}; with bpf.masquerade and without bpf.hostLegacyRouting pods' packets pass no chain, "
            "unless the agent falls back",
        )
    if refused:
        return Fail(f"dropped or rejected: {listed(refused)}")
    raise Missing(f"nodes.{host}.forwarding", f"whether they pass hangs on more than links: {listed(_by_chain(left))}")


def _cilium_will_accept(evidence: Evidence, one: View) -> bool:
    """Before Cilium runs: its chain comes first in iptables' FORWARD when its agent starts."""
    if evidence.moment == "verify" or one["tool"] != "iptables" or one["table"] != "filter" or "cilium" not in evidence.charts:
        return False
    values = facts.effective(evidence, "chart cilium")
    return not any(facts.is_false(values.find(key, True)) for key in ("installIptablesRules", "prependIptablesChains"))


def _for_pods(evidence: Evidence, one: View) -> bool:
    """Whether the rule that may accept them names the pods' addresses."""
    networks = evidence.desired.raw.get("pod_cidrs") or ()
    return bool(one["verdict"] == forwarding.UNCLEAR and any(str(network) in str(one["rule"]) for network in networks))


def _bypassed(evidence: Evidence) -> bool:
    if "cilium" not in evidence.charts:
        return False
    values = facts.effective(evidence, "chart cilium")
    return facts.is_true(values.find("bpf.masquerade", False)) and not facts.is_true(values.find("bpf.hostLegacyRouting", False))


def _by_chain(found: list[View]) -> list[str]:
    """Both ways of a chain by the same rule are said once."""
    ways: dict[tuple[str, str], list[str]] = {}
    for one in found:
        ways.setdefault((_name(one), str(one["rule"])), []).append(str(one["way"]))
    return [f"{' and '.join(each)} by {name} ({rule})" for (name, rule), each in ways.items()]


def _name(one: View) -> str:
    return f"{one['tool']} {one['family']} {one['table']} {one['chain']}"


NODE_058 = CATALOGUE.rule(
    "ZT-NODE-058",
    "medium",
    stages=("node", "network"),
    title="firewalld and kube-proxy replacement go together",
    why="With firewalld 1.2.1 to 1.3.4 and Cilium in kube-proxy's place, TCP connections of pods were seen to time out while UDP "
    "and ICMP passed.",
    remediation="Turn firewalld off on the node (node_firewall keeps its ports without it), or try TCP from a pod to a Service "
    "and to the outside on one such node first, and accept this finding.",
    source="https://github.com/cilium/cilium/issues/35388",
)


@NODE_058.check(each=facts.answering_nodes)
def _firewalld_and_services(evidence: Evidence, host: str) -> Answer:
    if not facts.feature(evidence, "kube_proxy_replacement"):
        return None
    firewall = evidence.node(host).view("firewall")
    if "firewalld" not in firewall.view("managers").raw:
        return Pass("firewalld is not on")
    version = firewall.view("firewalld")["version"]
    at_least, beyond = versions.at_least(version, "1.2.1"), versions.at_least(version, "1.3.5")
    if at_least is None or beyond is None:
        raise Missing(f"nodes.{host}.firewall.firewalld.version", f"firewalld says {version!r} of its version")
    return Fail(f"firewalld {version}") if at_least and not beyond else Pass(f"no report about firewalld {version}")
