# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Links, routes and listening ports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Optional

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import links as links_parser
from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import routing_rules, sockets
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node import netlink_socket, socket_tables
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.host import Host, Unreadable
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.missing import Missing
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.processes import Processes


def links(host: Host, missing: Missing) -> list[dict[str, Any]]:
    found = links_parser.links(host.netlink(netlink_socket.ROUTE, links_parser.GET_LINK, links_parser.LINK_REQUEST))
    addresses: dict[str, Any] = {}
    missing.part(addresses, "all", "links.addresses", lambda: _addresses(host))
    for link in found:
        if "all" in addresses:
            link["addresses"] = addresses["all"].get(link["index"], [])
        else:
            del link["addresses"]
        path = f"/proc/sys/net/ipv4/conf/{link['name']}/rp_filter"
        missing.part(link, "rp_filter", f"links.{link['name']}.rp_filter", partial(_number, host, path))
    # Links come and go with pods; one that has gone meanwhile is no link and no gap.
    gone = {link["name"] for link in found if "rp_filter" not in link and _gone(host, link["name"])}
    missing.forget(f"links.{name}.rp_filter" for name in gone)
    return [link for link in found if link["name"] not in gone]


def _number(host: Host, path: str) -> int:
    return int(host.text(path))


def _gone(host: Host, name: str) -> bool:
    return host.exists("/sys/class/net") and not host.exists(f"/sys/class/net/{name}")


def _addresses(host: Host) -> dict[int, list[str]]:
    return links_parser.addresses(host.netlink(netlink_socket.ROUTE, links_parser.GET_ADDRESS, links_parser.ADDRESS_REQUEST))


def default_routes(host: Host) -> list[dict[str, Any]]:
    return links_parser.default_routes(host.netlink(netlink_socket.ROUTE, links_parser.GET_ROUTE, links_parser.ROUTE_REQUEST))


def uplink(evidence: Mapping[str, Any]) -> Optional[str]:
    """The name of the link of the first default route, as far as both are known."""
    names = {link["index"]: str(link["name"]) for link in evidence.get("links", ())}
    indexes = [index for route in evidence.get("default_routes", ()) for index in route["links"]]
    return next((names[index] for index in indexes if index in names), None)


def routes(host: Host, known: Optional[Sequence[Mapping[str, Any]]]) -> dict[str, int]:
    """How many routes of the main table lead to each link: on a large cluster there is one for every node."""
    names = {link["index"]: str(link["name"]) for link in known or ()}
    replies = host.netlink(netlink_socket.ROUTE, links_parser.GET_ROUTE, links_parser.ROUTE_REQUEST)
    return dict(sorted(Counter(names.get(index, str(index)) for index in links_parser.routed(replies)).items()))


def rules(host: Host) -> list[dict[str, Any]]:
    return routing_rules.rules(host.netlink(netlink_socket.ROUTE, routing_rules.GET_RULE, routing_rules.REQUEST))


def wireguard(host: Host, known: Optional[Sequence[Mapping[str, Any]]]) -> dict[str, Any]:
    """Asks only where such a link is: the question itself would load the module."""
    if known is None:
        raise Unreadable("the links could not be read")
    names = [str(link["name"]) for link in known if link["kind"] == "wireguard"]
    if not names:
        return {"interfaces": []}
    # Loaded where there is something to parse: what is loaded on a node is compiled in every execution.
    from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.wireguard import interfaces

    return {"interfaces": interfaces(host, names)}


def ports(host: Host, missing: Missing, processes: Processes, wanted: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    found: list[sockets.Waiting] = []
    asked = {(int(port["port"]), str(port["protocol"])) for port in wanted}
    for protocol in sorted({protocol for _number, protocol in asked}):
        for lines in socket_tables.read(host, protocol):
            found.extend(item for item in sockets.waiting(lines, protocol) if (item.port, protocol) in asked)
    owners = processes.owners(item.inode for item in found if item.inode)
    seen = [_port(port, found, owners) for port in wanted]
    for port in seen:
        if processes.denied and port["listening"] and port["process"] is None:
            del port["process"]
            missing.note("ports", f"port {port['port']}: not allowed to see whose socket it is")
    return seen


def _port(port: Mapping[str, Any], found: Sequence[sockets.Waiting], owners: Mapping[int, str]) -> dict[str, Any]:
    mine = [item for item in found if (item.port, item.protocol) == (int(port["port"]), str(port["protocol"]))]
    return {
        "port": port["port"],
        "protocol": port["protocol"],
        "component": port.get("component") or "",
        "listening": bool(mine),
        "process": next((owners[item.inode] for item in mine if item.inode in owners), None),
        "addresses": sorted({item.address for item in mine}),
    }
