# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Network policies of Kubernetes and of Cilium, put into one form: whom they select, which way they close, what they let through.

Policies add up: what any of them lets through passes, and what is selected by one that closes a way is closed to the rest.
"""

from __future__ import annotations

import functools
import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Union

from . import selection
from .selection import NAMESPACE, NAMESPACE_LABELS, Selection

KINDS = {
    "network_policies": "NetworkPolicy",
    "cilium_network_policies": "CiliumNetworkPolicy",
    "cilium_clusterwide_network_policies": "CiliumClusterwideNetworkPolicy",
}
WAYS = {"ingress": "from", "egress": "to"}
# Entities that every pod of the cluster is part of, and those that every address outside is part of.
PODS = frozenset(("all", "cluster"))
WORLD = frozenset(("all", "world"))
# The port of the mesh: to it goes everything from one of its pods to another.
HBONE = 15008
_LAST = 65535

Network = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]


@dataclass(frozen=True)
class Port:
    """A range of ports of a protocol; `first` is None for one that has a name."""

    protocol: str
    first: int | None
    last: int = 0

    def has(self, number: int) -> bool:
        return self.protocol in ("TCP", "ANY") and self.first is not None and self.first <= number <= self.last


@dataclass(frozen=True)
class Rule:
    """What one rule lets through. `ports` None: every port."""

    # No peer is named: whoever it is.
    anyone: bool = False
    pods: tuple[Selection, ...] = ()
    # Networks, each with those that are left out of it.
    networks: tuple[tuple[Network, tuple[Network, ...]], ...] = ()
    entities: frozenset[str] = frozenset()
    # By the name of a Service.
    services: bool = False
    ports: tuple[Port, ...] | None = None
    # Kinds of rules that look into what passes: http, dns and the like.
    looks_into: tuple[str, ...] = ()

    def tcp(self, number: int) -> bool:
        return self.ports is None or any(one.has(number) for one in self.ports)

    @property
    def every_pod(self) -> bool:
        return self.anyone or bool(self.entities & PODS)

    def reaches(self, address: str) -> bool:
        """Return whether an address outside of the cluster is among its peers."""
        one = ipaddress.ip_address(address)
        world = {*WORLD, f"world-ipv{one.version}"}
        return (
            self.anyone
            or bool(self.entities & world)
            or any(one in network and not any(one in left for left in out) for network, out in self.networks)
        )

    @property
    def whole_world(self) -> bool:
        """Whether every address outside is among its peers, but for some that are left out."""
        return self.anyone or bool(self.entities & WORLD) or any(network.prefixlen == 0 for network, _out in self.networks)


@dataclass(frozen=True)
class Policy:
    """One policy; of one for nodes there is none of this form."""

    kind: str
    namespace: str
    name: str
    selects: Selection
    closes: Mapping[str, bool]
    allows: Mapping[str, tuple[Rule, ...]]
    # What does not pass, whatever lets it.
    denies: Mapping[str, tuple[Rule, ...]] = field(default_factory=lambda: dict.fromkeys(WAYS, ()))

    @property
    def subject(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


def read(policies: Mapping[str, Iterable[Mapping[str, Any]]]) -> Iterator[Policy]:
    """Read what the evidence has of the three kinds, by the names it has for them."""
    for key, kind in KINDS.items():
        for one in policies.get(key) or ():
            spec, namespace = one["spec"], one["namespace"]
            if key == "network_policies":
                yield _of_kubernetes(kind, namespace, one["name"], spec)
            elif spec.get("endpointSelector") is not None:
                yield _of_cilium(kind, namespace, one["name"], spec)


def entries(item: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield what evidence keeps of a policy: one entry for each spec, of which Cilium lets several stand in one object."""
    meta = item.get("metadata") or {}
    several = list(item.get("specs") or [])
    for spec in [item["spec"], *several] if item.get("spec") else several or [{}]:
        yield {"namespace": meta.get("namespace") or "", "name": meta.get("name", ""), "spec": spec}


def closes(spec: Mapping[str, Any], way: str) -> bool:
    """Return whether a policy of Cilium closes a way to all that it does not name: by its rules, unless it says otherwise."""
    told = (spec.get("enableDefaultDeny") or {}).get(way)
    return bool(spec.get(way) or spec.get(f"{way}Deny")) if told is None else bool(told)


# --- Kubernetes ---


def _of_kubernetes(kind: str, namespace: str, name: str, spec: Mapping[str, Any]) -> Policy:
    # The API server fills in types that are not given so.
    types = spec.get("policyTypes") or ["Ingress", *(["Egress"] if "egress" in spec else [])]
    here = _in(namespace)
    allows = {
        way: tuple(_kubernetes_rule(rule, rule.get(peers), here) for rule in spec.get(way) or []) for way, peers in WAYS.items()
    }
    return Policy(
        kind,
        namespace,
        name,
        (*selection.of_selector(spec.get("podSelector")), *here),
        {way: way.capitalize() in types for way in WAYS},
        allows,
    )


def _kubernetes_rule(rule: Mapping[str, Any], peers: Any, here: Selection) -> Rule:
    ports = None
    if rule.get("ports"):
        ports = tuple(_port(one.get("port"), one.get("endPort"), str(one.get("protocol") or "TCP")) for one in rule["ports"])
    blocks = [peer["ipBlock"] for peer in peers or [] if peer.get("ipBlock")]
    return Rule(
        anyone=not peers,
        pods=tuple(_kubernetes_peer(peer, here) for peer in peers or [] if not peer.get("ipBlock")),
        networks=_networks((block.get("cidr"), block.get("except")) for block in blocks),
        ports=ports,
    )


def _kubernetes_peer(peer: Mapping[str, Any], here: Selection) -> Selection:
    pods = selection.of_selector(peer.get("podSelector"))
    if peer.get("namespaceSelector") is None:
        return (*pods, *here)
    return (*pods, *selection.of_selector(peer["namespaceSelector"], NAMESPACE_LABELS))


def _in(namespace: str) -> Selection:
    return (selection.Requirement(NAMESPACE, "In", frozenset([namespace])),) if namespace else ()


# --- Cilium ---


def _of_cilium(kind: str, namespace: str, name: str, spec: Mapping[str, Any]) -> Policy:
    here = _in(namespace)
    return Policy(
        kind,
        namespace,
        name,
        (*selection.of_selector(spec["endpointSelector"]), *here),
        {way: closes(spec, way) for way in WAYS},
        *(
            {way: tuple(_cilium_rule(rule, peers, here) for rule in spec.get(way + deny) or []) for way, peers in WAYS.items()}
            for deny in ("", "Deny")
        ),
    )


def _cilium_rule(rule: Mapping[str, Any], peers: str, here: Selection) -> Rule:
    ports, into = _to_ports(rule)
    sets = [(one.get("cidr"), one.get("except")) for one in rule.get(f"{peers}CIDRSet") or []]
    return Rule(
        # With nothing in it at all it is for nobody.
        anyone=bool(rule) and not any(key.startswith(peers) and key != "toPorts" for key in rule),
        pods=tuple(_cilium_peer(one, here) for one in rule.get(f"{peers}Endpoints") or [] if not _reserved(one)),
        networks=_networks([*((one, None) for one in rule.get(f"{peers}CIDR") or []), *sets]),
        entities=frozenset(rule.get(f"{peers}Entities") or []),
        services=bool(rule.get(f"{peers}Services")),
        ports=ports,
        looks_into=into,
    )


def _cilium_peer(selector: Mapping[str, Any], here: Selection) -> Selection:
    chosen = selection.of_selector(selector)
    return chosen if selection.by_namespace(chosen) else (*chosen, *here)


def _reserved(selector: Mapping[str, Any]) -> bool:
    """Return whether it is about what is no pod: the host, the world."""
    return any(one.key.startswith("reserved:") for one in selection.of_selector(selector))


def _to_ports(rule: Mapping[str, Any]) -> tuple[tuple[Port, ...] | None, tuple[str, ...]]:
    given = rule.get("toPorts") or []
    into = sorted({key for one in given for key, inner in (one.get("rules") or {}).items() if inner})
    if not given:
        # What is about ICMP is about no port.
        return (() if rule.get("icmps") else None), ()
    found = [one for several in given for one in several.get("ports") or []]
    ports = tuple(_port(one.get("port"), one.get("endPort"), str(one.get("protocol") or "ANY")) for one in found)
    return ports if all(one.get("ports") for one in given) else None, tuple(into)


# --- Both ---


def _port(first: Any, last: Any, protocol: str) -> Port:
    if first in (None, "", 0, "0"):
        return Port(protocol.upper(), 0, _LAST)
    if not str(first).isdigit():
        return Port(protocol.upper(), None)
    return Port(protocol.upper(), int(first), int(last or first))


def _networks(given: Iterable[tuple[Any, Any]]) -> tuple[tuple[Network, tuple[Network, ...]], ...]:
    found = ((_network(str(cidr)), tuple(_network(str(one)) for one in out or [])) for cidr, out in given if cidr)
    return tuple((network, tuple(one for one in out if one)) for network, out in found if network)


@functools.cache
def _network(text: str) -> Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
