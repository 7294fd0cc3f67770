# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

import base64
import ipaddress
import socket
import struct

import pytest

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import firewall, links, netlink, wireguard

attribute = netlink.attribute
GENERIC = b"\0\1\0\0"
PRIVATE, PUBLIC, PEER, PEER_2 = (bytes([value]) * 32 for value in (0xAA, 1, 2, 3))


def key(raw):
    return base64.b64encode(raw).decode()


def allowed(network):
    net = ipaddress.ip_network(network)
    family = socket.AF_INET if net.version == 4 else socket.AF_INET6
    fields = (
        attribute(1, struct.pack("=H", family)) + attribute(2, net.network_address.packed) + attribute(3, bytes([net.prefixlen]))
    )
    return attribute(0x8000, fields)


def peer(public, *networks, endpoint=b"", handshake=0, rx=0, tx=0):
    fields = (
        attribute(1, public)
        + attribute(2, PRIVATE)
        + attribute(4, endpoint)
        + attribute(6, struct.pack("=qq", handshake, 500_000_000))
    )
    fields += attribute(7, struct.pack("=Q", rx)) + attribute(8, struct.pack("=Q", tx))
    return attribute(0x8000, fields + attribute(0x8000 | 9, b"".join(map(allowed, networks))))


def reply(*peers):
    fields = attribute(1, struct.pack("=I", 7)) + attribute(2, b"cilium_wg0\0") + attribute(3, PRIVATE) + attribute(4, PUBLIC)
    return GENERIC + fields + attribute(6, struct.pack("=H", 51871)) + attribute(0x8000 | 8, b"".join(peers))


V4 = struct.pack("=H", socket.AF_INET) + struct.pack("!H", 51871) + ipaddress.ip_address("192.168.7.2").packed + b"\0" * 8
V6 = struct.pack("=H", socket.AF_INET6) + struct.pack("!HI", 51871, 0) + ipaddress.ip_address("fd00::2").packed + b"\0" * 4


def test_device():
    found = wireguard.device(
        [reply(peer(PEER, "10.244.1.0/24", "192.168.7.2/32", endpoint=V4, handshake=1795370000, rx=1184, tx=2**40))]
    )
    assert found == {
        "name": "cilium_wg0",
        "public_key": key(PUBLIC),
        "listen_port": 51871,
        "peers": [
            {
                "public_key": key(PEER),
                "endpoint": "192.168.7.2:51871",
                "allowed_ips": ["10.244.1.0/24", "192.168.7.2/32"],
                "latest_handshake": 1795370000.5,
                "rx_bytes": 1184,
                "tx_bytes": 2**40,
            }
        ],
    }


def test_no_private_or_preshared_key_comes_out():
    assert key(PRIVATE) not in repr(wireguard.device([reply(peer(PEER, "10.0.0.0/8", endpoint=V6))]))


def test_a_peer_cut_between_two_messages_is_one():
    found = wireguard.device([reply(peer(PEER, "10.244.1.0/24")), reply(peer(PEER, "10.244.2.0/24"), peer(PEER_2, "fd00::/64"))])
    assert [one["allowed_ips"] for one in found["peers"]] == [["10.244.1.0/24", "10.244.2.0/24"], ["fd00::/64"]]


def test_never_shaken_hands_is_null():
    found = wireguard.device([reply(peer(PEER, endpoint=V6))])
    assert found["peers"][0]["latest_handshake"] is None
    assert found["peers"][0]["endpoint"] == "[fd00::2]:51871"


@pytest.mark.parametrize("cut", range(0, 200, 3))
def test_a_cut_answer_does_not_raise(cut):
    wireguard.device([reply(peer(PEER, "10.0.0.0/8", endpoint=V4))[:cut]])


def test_family_id():
    assert wireguard.family_id([GENERIC + attribute(2, b"wireguard\0") + attribute(1, struct.pack("=H", 31))]) == 31
    assert wireguard.family_id([GENERIC]) is None


def test_messages_stop_at_an_impossible_length():
    good = netlink.request(18, netlink.DUMP, 1, b"abcd")
    assert len(list(netlink.messages(good + good))) == 2
    assert len(list(netlink.messages(good + struct.pack("=IHHII", 5, 1, 0, 1, 0)))) == 1
    assert len(list(netlink.messages(good + struct.pack("=IHHII", 5000, 1, 0, 1, 0)))) == 1


def link(name, index, flags, kind=None, **fields):
    data = (
        struct.pack("=BxHiII", 0, 1, index, flags, 0)
        + attribute(3, name.encode() + b"\0")
        + attribute(4, struct.pack("=I", 1420))
    )
    data += attribute(16, b"\6")
    if kind:
        data += attribute(0x8000 | 18, attribute(1, kind.encode() + b"\0"))
    if "parent" in fields:
        data += attribute(5, struct.pack("=I", fields["parent"]))
    if "netns" in fields:
        data += attribute(37, struct.pack("=i", fields["netns"]))
    return data


def test_links():
    replies = [
        link("cilium_wg0", 7, 0x1, "wireguard"),
        link("lxc1", 9, 0x1, "veth", parent=2, netns=0),
        link("bond0.5", 3, 0, "vlan", parent=2),
    ]
    found = links.links([*replies, b""])
    assert [(one["name"], one["kind"], one["up"], one["parent"], one["mtu"]) for one in found] == [
        ("cilium_wg0", "wireguard", True, None, 1420),
        ("lxc1", "veth", True, None, 1420),
        ("bond0.5", "vlan", False, 2, 1420),
    ]
    assert found[0]["operstate"] == "up"


def test_addresses():
    def address(index, prefix, packed, kind=1):
        return struct.pack("=BBBBI", 2, prefix, 0, 0, index) + attribute(kind, packed)

    local = struct.pack("=BBBBI", 2, 32, 0, 0, 3) + attribute(1, bytes([10, 9, 9, 9])) + attribute(2, bytes([10, 0, 0, 1]))
    found = links.addresses([address(2, 24, bytes([192, 168, 7, 2])), address(2, 64, bytes(15) + b"\1"), local, b"x"])
    assert found == {2: ["192.168.7.2/24", "::1/64"], 3: ["10.0.0.1/32"]}


def test_kube_proxy_chains_only():
    def chain(table, name):
        return b"\2\0\0\0" + attribute(1, table.encode() + b"\0") + attribute(3, name.encode() + b"\0")

    names = ["KUBE-SVC-ABC", "KUBE-SERVICES", "KUBE-KUBELET-CANARY", "KUBE-FIREWALL", "CILIUM_POST_nat", "KUBE-SERVICES-2"]
    replies = [chain("nat", name) for name in names] + [chain("kube-proxy", "services"), chain("kube-proxy", "service-X")]
    assert firewall.count(firewall.chains(replies)) == (2, 2)


def test_saved_chains():
    text = "# Generated\n*nat\n:PREROUTING ACCEPT [0:0]\n:KUBE-SEP-X - [0:0]\n-A PREROUTING -j KUBE-SERVICES\nCOMMIT\n"
    assert firewall.saved_chains(text) == ["PREROUTING", "KUBE-SEP-X"]
    assert firewall.service_chains(firewall.saved_chains(text)) == 1


def route(family=2, length=0, table=254, kind=1, fields=b""):
    return struct.pack("=BBBBBBBBI", family, length, 0, 0, table, 3, 0, kind, 0) + fields


def test_the_default_route_of_a_real_machine():
    """As kernel 6.18 answered: default via 192.0.2.1 dev eth0, which is link 4."""
    reply = bytes.fromhex("02000000fe0300010000000008000f00fe00000008000500c00002010800040004000000")
    assert links.default_routes([reply]) == [{"family": "ipv4", "links": [4], "gateway": "192.0.2.1", "metric": 0}]


def test_routes_that_are_no_default_of_the_main_table():
    out = attribute(4, struct.pack("=I", 3))
    others = [
        route(length=24, fields=out),
        route(table=255, fields=out),
        route(fields=out + attribute(15, struct.pack("=I", 2004))),
        route(kind=7, fields=out),
        route(family=7, fields=out),
        b"\0",
    ]
    assert links.default_routes(others) == []


def test_routes_are_counted_by_their_link():
    hops = b"".join(struct.pack("=HBBi", 16, 0, 0, index) + attribute(5, b"\xc0\0\2\1") for index in (3, 5))
    out = attribute(4, struct.pack("=I", 3))
    replies = [route(length=24, fields=out), route(fields=attribute(9, hops)), route(table=255, fields=out), b"\0"]
    assert links.routed(replies) == [3, 3, 5]


def test_a_default_route_over_several_links():
    hops = b"".join(struct.pack("=HBBi", 16, 0, 0, index) + attribute(5, b"\xc0\0\2\1") for index in (3, 5))
    (found,) = links.default_routes([route(fields=attribute(9, hops) + attribute(6, struct.pack("=I", 100)))])
    assert found == {"family": "ipv4", "links": [3, 5], "gateway": None, "metric": 100}
    assert links.default_routes([route(fields=attribute(9, struct.pack("=HBBi", 0, 0, 0, 3) * 3))])[0]["links"] == [3]


def test_chains_of_other_networks():
    names = ["cali-FORWARD", "cali-INPUT", "FLANNEL-POSTRTG", "KUBE-SERVICES", "CILIUM_FORWARD", "ISTIO_POSTRT", "INPUT"]
    assert firewall.networks(names) == {"Calico": 2, "Flannel": 1}
