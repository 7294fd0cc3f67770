# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the host firewall shall let in: ports, each with who may come and why."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Optional, Union

from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.refused import Refused

Network = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]

PROTOCOLS = ("tcp", "udp", "icmp")
ANYONE = ("0.0.0.0/0", "::/0")
_PORT = re.compile(r"^(\d{1,5})(?:-(\d{1,5}))?$")


class Opening(NamedTuple):
    """`port`: one, a range like 30000-32767, or empty for icmp (echo requests). `sources`: networks, sorted."""

    protocol: str
    port: str
    sources: tuple[str, ...]
    reason: str

    @property
    def name(self) -> str:
        return f"{self.port}/{self.protocol}" if self.port else self.protocol

    @property
    def bounds(self) -> tuple[int, int]:
        first, _dash, last = self.port.partition("-")
        return int(first), int(last or first)

    def of(self, version: int) -> list[str]:
        """Its sources of one IP version."""
        return [source for source in self.sources if network(source).version == version]

    def anyone(self, version: int) -> bool:
        return any(network(source).prefixlen == 0 for source in self.of(version))


class Desired(NamedTuple):
    """`guard`: nobody but an opening's sources may use its port."""

    openings: tuple[Opening, ...]
    guard: bool

    def guarded(self, version: int) -> list[tuple[str, str]]:
        """(protocol, port) that are closed to everyone whom no opening lets in."""
        if not self.guard:
            return []
        asked = [opening for opening in self.openings if opening.port]
        open_to_all = {(one.protocol, one.port) for one in asked if one.anyone(version)}
        return sorted({(one.protocol, one.port) for one in asked} - open_to_all)

    def groups(self, version: int) -> dict[tuple[tuple[str, ...], str], list[str]]:
        """(sources, protocol) to the ports they may use: what backends write one rule for."""
        found: dict[tuple[tuple[str, ...], str], list[str]] = {}
        for opening in self.openings:
            sources = tuple(opening.of(version))
            if sources:
                ports = found.setdefault((sources, opening.protocol), [])
                if opening.port not in ports:
                    ports.append(opening.port)
        return found

    def as_dict(self) -> dict[str, Any]:
        return {
            "guard": self.guard,
            "openings": [dict(opening._asdict(), sources=list(opening.sources)) for opening in self.openings],
        }


def network(text: str) -> Network:
    return ipaddress.ip_network(text)


def desired(entries: Sequence[Mapping[str, Any]], guard: bool) -> Desired:
    """From the module's options; whatever is wrong is told with the entry it stands in."""
    openings = {_opening(number, entry) for number, entry in enumerate(entries, start=1)}
    return Desired(tuple(sorted(openings)), guard)


def _opening(number: int, entry: Mapping[str, Any]) -> Opening:
    where = f"openings, entry {number}"
    protocol, port = str(entry["protocol"]), str(entry.get("port") or "")
    if protocol not in PROTOCOLS:
        raise Refused(f"{where}: there is no protocol {protocol!r}; write one of {', '.join(PROTOCOLS)}")
    if (protocol == "icmp") != (port == ""):
        raise Refused(f"{where}: {'icmp has no ports' if port else f'{protocol} needs a port'}")
    if port:
        _check_port(where, port)
    return Opening(protocol, port, _sources(where, entry.get("sources") or ()), " ".join(str(entry.get("reason") or "").split()))


def _check_port(where: str, port: str) -> None:
    found = _PORT.match(port)
    if not found:
        raise Refused(f"{where}: {port!r} is no port; write one like 4240, or a range like 30000-32767")
    first, last = int(found.group(1)), int(found.group(2) or found.group(1))
    if not 1 <= first <= last <= 65535:
        raise Refused(f"{where}: {port!r} is no port or range between 1 and 65535")


def _sources(where: str, given: Iterable[Any]) -> tuple[str, ...]:
    networks = [_network(where, str(source)) for source in given]
    if not networks:
        raise Refused(f"{where}: it names no sources; write {' and '.join(ANYONE)} to let everyone in")
    fours = ipaddress.collapse_addresses(one for one in networks if isinstance(one, ipaddress.IPv4Network))
    sixes = ipaddress.collapse_addresses(one for one in networks if isinstance(one, ipaddress.IPv6Network))
    return tuple(str(one) for one in (*fours, *sixes))


def _network(where: str, source: str) -> Network:
    try:
        return network(source)
    except ValueError as error:
        raise Refused(f"{where}: {source!r} is neither an address nor a network: {error}") from None


def both(earlier: Optional[Desired], later: Desired) -> Desired:
    """Everything that either lets in: what is in force while the other nodes still follow the earlier one."""
    if earlier is None:
        return Desired(later.openings, False)
    return Desired(tuple(sorted({*earlier.openings, *later.openings})), earlier.guard and later.guard)


def opened(earlier: Optional[Desired], later: Desired) -> list[str]:
    """Who gets in to where, that did not before."""
    return _difference(later, earlier)


def closed(earlier: Optional[Desired], later: Desired) -> list[str]:
    """Who got in to where, and does not any more; guarding closes a port to everyone else."""
    gone = _difference(earlier, later) if earlier is not None else []
    if later.guard and (earlier is None or not earlier.guard):
        gone.append("the ports above to everyone else")
    return gone


def _difference(one: Optional[Desired], other: Optional[Desired]) -> list[str]:
    have = _pairs(other)
    return sorted(f"{name} from {source}" for name, source in _pairs(one) - have)


def _pairs(which: Optional[Desired]) -> set[tuple[str, str]]:
    if which is None:
        return set()
    return {(opening.name, source) for opening in which.openings for source in opening.sources}


def keeps_out(which: Desired, address: str, port: int) -> Optional[Opening]:
    """The opening whose guard would refuse this TCP connection; None when it gets in."""
    if not which.guard:
        return None
    client = ipaddress.ip_address(address)
    client = getattr(client, "ipv4_mapped", None) or client
    if client.is_loopback:
        return None
    meant = [one for one in which.openings if one.protocol == "tcp" and one.bounds[0] <= port <= one.bounds[1]]
    if not meant or any(client in network(source) for one in meant for source in one.of(client.version)):
        return None
    return meant[0]
