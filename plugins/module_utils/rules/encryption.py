# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about what keeps encryption between nodes, and the way to them, from working as it was asked for."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from ..evidence import versions
from ..evidence.bundle import Evidence, Missing, View
from . import facts
from .facts import PREFLIGHT, VERIFY, is_true, listed
from .network import CONFIG
from .rule import Answer, Catalogue, Fail, Pass

CATALOGUE = Catalogue("network")

CIL_050 = CATALOGUE.rule(
    "ZT-CIL-050",
    "high",
    stages=("network",),
    title="No two CiliumNodes have one address",
    why="Agents send to a node by the address of its CiliumNode. One that was left behind by a node that is gone, or by a name "
    "that "
    "changed, takes its packets and encrypts them with a key that nobody has any more.",
    remediation="kubectl delete ciliumnode <the one without a node>, then restart the Cilium agents one by one.",
    source="https://github.com/cilium/cilium/issues/31921",
)


@CIL_050.check(moments=VERIFY)
def _one_address(evidence: Evidence) -> Iterator[Pass | Fail]:
    found = evidence.api.view("cilium")["nodes"]
    if found is None:
        raise Missing("api.cilium.nodes", "there are no CiliumNodes: Cilium's operator has not run")
    owners: dict[str, list[str]] = {}
    for name, node in found.raw.items():
        for address in dict.fromkeys(node["addresses"]):
            owners.setdefault(address, []).append(name)
    shared = {address: names for address, names in owners.items() if len(names) > 1}
    for address, names in shared.items():
        yield Fail(f"it is that of {listed(sorted(names), 4)}", subject=f"address {address}")
    if not shared:
        yield Pass(f"{len(owners)} addresses of {len(found.raw)} CiliumNodes")


CIL_051 = CATALOGUE.rule(
    "ZT-CIL-051",
    "high",
    stages=("network",),
    title="What WireGuard makes of a packet fits through the node's link",
    why="WireGuard adds 60 bytes to a packet over IPv4 and 80 over IPv6. A larger MTU than what that leaves cuts every large "
    "packet "
    "in two, and where fragments are dropped, small requests work and large ones hang.",
    remediation="Leave MTU out of cilium_values, or set it to what the links between the nodes carry; then restart the Cilium "
    "agents.",
    source="https://github.com/cilium/cilium/issues/37919",
)
# Header and tag of WireGuard, UDP, and the IP header of either family.
_OVERHEAD = {4: 60, 6: 80}


@CIL_051.check(each=facts.answering_nodes, moments=VERIFY)
def _fits(evidence: Evidence, host: str) -> Answer:
    if not facts.feature(evidence, "wireguard"):
        return None
    links = evidence.node(host).view("links").raw
    tunnel = next((link for link in links if link["name"] == "cilium_wg0"), None)
    if tunnel is None:
        # Said by ZT-CIL-035.
        return None
    # As the kernel writes them: of very many links none is parsed.
    own = {str(one): one.version for one in map(ipaddress.ip_address, facts.addresses(evidence, host))}
    room = [
        (link, own[address])
        for link in links
        for address in (one.partition("/")[0] for one in link["addresses"])
        if address in own
    ]
    if not room:
        raise Missing(f"nodes.{host}.links", "no link has an address that the inventory or Kubernetes says the node has")
    # Between nodes that have both, packets go over IPv4.
    over = min(family for _link, family in room)
    for link, family in room:
        if family != over:
            continue
        most = int(link["mtu"]) - _OVERHEAD[family]
        if int(tunnel["mtu"]) > most:
            return Fail(
                f"the MTU of cilium_wg0 is {tunnel['mtu']}; {link['name']} carries {link['mtu']}, which leaves {most} over "
                f"IPv{family}"
            )
    return Pass(f"{tunnel['mtu']} in {listed(sorted({str(link['mtu']) for link, _family in room}))}")


CIL_052 = CATALOGUE.rule(
    "ZT-CIL-052",
    "high",
    stages=("network",),
    title="Encryption between nodes leaves control-plane nodes out",
    why="With nodeEncryption a node reaches the API server only through WireGuard, and learns the key for it only from the API "
    "server. "
    "So Cilium leaves control-plane nodes out by a label; with an empty list a node whose key changed is locked out.",
    remediation="Take node-encryption-opt-out-labels out of extraConfig: its default is node-role.kubernetes.io/control-plane.",
    source="https://docs.cilium.io/en/stable/security/network/encryption-wireguard/#node-to-node-encryption-beta",
)
_OPT_OUT = "node-encryption-opt-out-labels"


@CIL_052.check(each=facts.planned("cilium"), moments=PREFLIGHT)
def _opt_out_planned(evidence: Evidence, subject: str) -> Answer:
    values = facts.effective(evidence, subject)
    extra = values.find("extraConfig")
    given = extra.get(_OPT_OUT) if isinstance(extra, View) else None
    return _opt_out(is_true(values.find("encryption.nodeEncryption")), given)


@CIL_052.check(moments=VERIFY, subject=CONFIG)
def _opt_out_live(evidence: Evidence) -> Answer:
    config = facts.cilium_config(evidence)
    return _opt_out(is_true(config.get("encrypt-node")), config.get(_OPT_OUT))


def _opt_out(encrypted: bool, labels: object) -> Answer:
    if not encrypted:
        return Pass("nodes themselves are not encrypted")
    if labels is not None and not str(labels).strip():
        return Fail(f"{_OPT_OUT} is empty")
    return Pass(f"left out are nodes with {labels or 'node-role.kubernetes.io/control-plane'}")


CIL_053 = CATALOGUE.rule(
    "ZT-CIL-053",
    "high",
    stages=("network", "enforcement"),
    title="Where policy is always enforced, kubelet's probes get through",
    why="Since Cilium 1.20.0 a pod that no ingress policy selects is not reached by its own node when policy is always enforced: "
    "readiness and liveness probes fail.",
    remediation="Set policyEnforcementMode: default, and deny by a CiliumClusterwideNetworkPolicy.",
    source="https://github.com/cilium/cilium/issues/48444",
    versions="Cilium >= 1.20",
)


@CIL_053.check(each=facts.planned("cilium"))
def _always(evidence: Evidence, subject: str) -> Answer:
    mode = facts.effective(evidence, subject).get("policyEnforcementMode")
    version = str(facts.chart(evidence, subject)["version"])
    if mode != "always":
        return Pass(f"policyEnforcementMode is {mode or 'default'}")
    if versions.at_least(version, "1.20.0"):
        return Fail(f"policyEnforcementMode is always, and Cilium {version} then keeps the node's probes out")
    return Pass(f"policyEnforcementMode is always, and Cilium {version} lets the node in")
