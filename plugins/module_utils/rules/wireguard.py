# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about WireGuard between every two nodes."""

from __future__ import annotations

import math
from collections.abc import Mapping

from ..evidence import peer_digest, peers
from ..evidence.bundle import Evidence, Missing, View, dotted
from . import facts
from .facts import VERIFY, is_false, is_true, listed
from .rule import Answer, Catalogue, Fail, Pass

CATALOGUE = Catalogue("network")

_WIREGUARD = "https://docs.cilium.io/en/stable/security/network/encryption-wireguard/"

CIL_035 = CATALOGUE.rule(
    "ZT-CIL-035",
    "blocker",
    stages=("network",),
    title="Every node is a WireGuard peer of every other, by the key it publishes, and is sent to",
    why="To a node that is no peer, or known by an old key, pods send plain or not at all. Of a peer whose addresses are "
    "not allowed WireGuard takes and sends nothing, however well it shakes hands.",
    remediation="Restart the Cilium agent on the node that misses the peer or its address; delete a CiliumNode whose node is "
    "gone.",
    source=_WIREGUARD,
)


def _cilium_nodes(evidence: Evidence) -> View:
    found = evidence.api.view("cilium")["nodes"]
    if found is None:
        raise Missing("api.cilium.nodes", "there are no CiliumNodes: Cilium's operator has not run")
    return evidence.api.view("cilium").view("nodes")


def _interface(evidence: Evidence, host: str) -> View | None:
    for interface in evidence.node(host).view("wireguard").view("interfaces"):
        if interface["name"] == "cilium_wg0":
            return interface  # type: ignore[no-any-return]
    return None


def _published(evidence: Evidence) -> tuple[dict[str, str | None], dict[str, str], list[str]]:
    """Return the keys that CiliumNodes publish: by node, the nodes by key, and the nodes that publish none."""
    if "published" not in evidence.memo:
        by_node = {name: node.get("public_key") for name, node in _cilium_nodes(evidence).raw.items()}
        names = {key: name for name, key in by_node.items() if key}
        evidence.memo["published"] = by_node, names, sorted(name for name, key in by_node.items() if not key)
    return evidence.memo["published"]  # type: ignore[no-any-return]


@CIL_035.check(each=facts.answering_nodes, moments=VERIFY)
def _peers(evidence: Evidence, host: str) -> Answer:
    if not facts.feature(evidence, "wireguard"):
        return None
    interface = _interface(evidence, host)
    if interface is None:
        return Fail("there is no interface cilium_wg0", "Look at the log of the Cilium agent on this node for 'wireguard'.")
    own = facts.node_name(evidence, host)
    published, names, unpublished = _published(evidence)
    if own not in published:
        return Fail(f"there is no CiliumNode {own}", "Restart the Cilium agent on this node.")
    if published[own] != interface["public_key"]:
        return Fail("its own key is not the one its CiliumNode publishes", "Restart the Cilium agent on this node.")
    absent, strangers, unclear, count = _differing(evidence, interface, own, names)
    said = []
    if absent:
        said.append(f"no peer for {listed(absent)}")
    if unpublished:
        said.append(f"no key published by {listed(unpublished)}")
    if strangers:
        said.append(f"{strangers} peers whose key no CiliumNode publishes")
    if unclear:
        said.append("more keys differ than its evidence can name")
    said += _shut(evidence, interface, names)
    expected = len(published) - 1
    return Fail("; ".join(said) + f" ({count} of {expected} peers)") if said else Pass(f"{count} of {expected} peers")


def _shut(evidence: Evidence, interface: View, names: Mapping[str, str]) -> list[str]:
    """Say to which peers nothing can be sent. Those that are no node are told of anyway."""
    nodes = _cilium_nodes(evidence).raw
    listed_peers = interface.view("peers").raw
    more = 0
    if "all_peers" in interface:
        every = interface.view("all_peers").view("shut")
        listed_peers = every.view("peers").raw
        more = int(every["count"]) - len(listed_peers)
    known = [(names[peer["public_key"]], peer) for peer in listed_peers if peer["public_key"] in names]
    # Tunnel or not, Cilium allows a node's own address; with native routing those of its pods besides.
    shut = sorted(name for name, peer in known if nodes[name]["addresses"] and not peers.allows(peer, nodes[name]["addresses"]))
    said = [f"no address is allowed of {listed(shut)}" + (f" and up to {more} more" if more else "")] if shut else []
    if more and not shut:
        raise Missing(
            f"{dotted(interface.path)}.all_peers.shut",
            f"of {more} peers it is not seen whether their address in Kubernetes is allowed: it is not the one they answer from",
        )
    if not _carries_pods(evidence):
        return said
    if "all_peers" in interface:
        bare = int(interface.view("all_peers")["without_pods"])
        return [*said, f"no pod's address is allowed of {bare} peers"] if bare else said
    podless = [name for name, peer in known if nodes[name]["pod_cidrs"] and not peers.allows(peer, nodes[name]["pod_cidrs"])]
    return [*said, f"no pod's address is allowed of {listed(sorted(podless))}"] if podless else said


def _carries_pods(evidence: Evidence) -> bool:
    """Return whether each peer has a pod for certain whose address has to be allowed: the one that answers health checks."""
    config = facts.cilium_config(evidence)
    checked = not is_false(config.get("enable-health-checking")) and not is_false(config.get("enable-endpoint-health-checking"))
    return config.get("routing-mode") == "native" and checked


def _differing(evidence: Evidence, interface: View, own: str, names: Mapping[str, str]) -> tuple[list[str], int, bool, int]:
    """Return the nodes that are no peer, how many peers are no node, whether more differ, and how many peers there are."""
    if "all_peers" not in interface:
        have = {peer["public_key"] for peer in interface.view("peers").raw}
        absent = sorted(names[key] for key in names.keys() - have if names[key] != own)
        return absent, len(have - names.keys()), False, len(have)
    if "every key" not in evidence.memo:
        evidence.memo["every key"] = peer_digest.Published(names)
    every = interface.view("all_peers")
    count = int(every["count"])
    try:
        found = evidence.memo["every key"].difference(str(interface["public_key"]), count, str(every["keys"]))
    except peer_digest.DigestError as error:
        raise Missing(dotted((*every.path, "keys")), str(error)) from None
    return sorted(names[key] for key in found.absent), found.strangers, found.unclear, count


CIL_036 = CATALOGUE.rule(
    "ZT-CIL-036",
    "high",
    stages=("network",),
    title="Every WireGuard peer shakes hands",
    why="A peer without handshake carries nothing: the port is closed, or the other side has another key.",
    remediation="Open 51871/udp between all nodes; then compare the keys (ZT-CIL-035).",
    source="https://www.wireguard.com/protocol/",
)

_SESSION_S = peers.QUIET_S
# Starting a handshake over, a slow machine, the time between reading one node and the other.
_SLACK_S = 60


def _probe_interval(evidence: Evidence, count: int) -> float | None:
    """Return how often something is sent to every peer for certain, in seconds; None when nothing is.

    cilium-health probes the health endpoint of every node. In tunnel mode everything in the tunnel is encrypted, also what the
    agent itself sends; with native routing only if nodes are encrypted too.
    """
    config = facts.cilium_config(evidence)
    keepalive = str(config.get("wireguard-persistent-keepalive") or "0s")
    if keepalive not in ("0s", "0", ""):
        return float(_SESSION_S)
    probing = not is_false(config.get("enable-health-checking")) and not is_false(config.get("enable-endpoint-health-checking"))
    carried = config.get("routing-mode") == "tunnel" or is_true(config.get("encrypt-node"))
    if not probing or not carried:
        return None
    # The agent's own formula: the interval grows with the logarithm of the number of addresses, two of them for each node.
    return (10 + 50) * math.log1p(4 * (count + 1))


def _youngest_agent(evidence: Evidence, names: set[str]) -> float:
    """Return for how many seconds every agent of these nodes has been ready."""
    from ..evidence import certificate

    if "agents" not in evidence.memo:
        pods = evidence.api.view("pods").view("kube-system").raw
        evidence.memo["agents"] = {
            pod["node"]: pod.get("ready_since") for pod in pods if pod["labels"].get("k8s-app") == "cilium"
        }
    now = certificate.moment(evidence.collected_at)
    since = [evidence.memo["agents"].get(name) for name in names]
    return min((now - certificate.moment(one)).total_seconds() if one else 0.0 for one in since)


@CIL_036.check(each=facts.answering_nodes, moments=VERIFY)
def _handshakes(evidence: Evidence, host: str) -> Answer:
    if not facts.feature(evidence, "wireguard"):
        return None
    interface = _interface(evidence, host)
    if interface is None:
        raise Missing(f"nodes.{host}.wireguard.interfaces", "there is no interface cilium_wg0")
    listed_peers = interface.view("peers").raw
    every = interface.view("all_peers").raw if "all_peers" in interface else None
    count = int(every["count"]) if every else len(listed_peers)
    names = _published(evidence)[1]
    now = float(evidence.node(host).view("clock")["epoch"])
    interval = _probe_interval(evidence, count)
    limit = _SESSION_S + _SLACK_S + (interval or 0)
    never: list[str] = []
    silent: list[str] = []
    idle: list[str] = []
    newest = now - float(every["oldest_handshake"]) if every and every["oldest_handshake"] is not None else 0.0
    for peer in listed_peers:
        name = names.get(peer["public_key"], "a peer that no CiliumNode names")
        if peer.get("latest_handshake") is None:
            (never if peer.get("tx_bytes") or interval else idle).append(name)
            continue
        age = now - float(peer["latest_handshake"])
        newest = max(newest, age)
        if age > limit:
            (silent if interval else idle).append(f"{name} ({_age(age)} ago)")
    # Those that are not listed are no worse than the last one that is.
    unlisted = int(every["quiet"]) - len(listed_peers) if every else 0
    more = f", and up to {unlisted} more that its evidence does not list" if unlisted > 0 else ""
    young = _youngest_agent(evidence, {facts.node_name(evidence, host), *never})
    if never and young < limit:
        raise Missing(
            f"nodes.{host}.wireguard.interfaces",
            f"no handshake yet with {listed(never)}{more}, but an agent has been ready for {_age(young)} only; "
            f"traffic makes one within {_age(limit)}",
        )
    if never:
        return Fail(f"no handshake ever with {listed(never)}{more}")
    if silent:
        return Fail(f"last handshake with {listed(silent)}{more}; traffic makes one at least every {_age(limit)}")
    if idle:
        raise Missing(
            f"nodes.{host}.wireguard.interfaces",
            f"no handshake of late with {listed(idle)}{more}; nothing sends to every peer in this mode, so silence may be peace "
            "or trouble",
        )
    return Pass(f"{count} peers, the oldest handshake {_age(newest)} ago") if count else Pass("no other node")


def _age(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"
