# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""On this machine's own loopback; what packet filters do to it is shown by molecule's scenario `node`."""

import contextlib
import socket
import time

import pytest

from ansible_collections.zerotrust.baremetal.plugins.module_utils.node import listener, reachability


def free(kind):
    with contextlib.closing(socket.socket(socket.AF_INET, kind)) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture
def ports():
    chosen = [("tcp", free(socket.SOCK_STREAM)), ("udp", free(socket.SOCK_DGRAM))]
    yield chosen
    listener.stop()


def tried(ports):
    wanted = [{"protocol": protocol, "port": number} for protocol, number in ports]
    found = reachability.probe([{"host": "self", "addresses": ["127.0.0.1"], "ports": wanted}], timeout=3.0)
    return {(one["protocol"], one["port"]): one["outcome"] for one in found["ports"]}


def test_what_answers_is_reached_and_nothing_stays(ports):
    assert listener.start(ports, 30) == (ports, [])
    assert tried(ports) == dict.fromkeys(ports, "reached")
    assert listener.stop()
    assert tried(ports) == dict.fromkeys(ports, "refused")
    assert not listener.stop()


def test_a_port_that_somebody_has_is_left_to_him(ports):
    with contextlib.closing(socket.socket()) as other:
        other.bind(("0.0.0.0", ports[0][1]))
        other.listen()
        assert listener.start(ports, 30) == (ports[1:], ports[:1])


def test_it_ends_by_itself(ports):
    listener.start(ports, 1)
    assert tried(ports) == dict.fromkeys(ports, "reached")
    while listener._runs():
        time.sleep(0.1)
    assert tried(ports) == dict.fromkeys(ports, "refused")


def test_the_largest_packet_of_a_way_is_measured():
    """The loopback's link carries whatever fits into an IP packet."""
    found = reachability.probe([{"host": "self", "addresses": ["127.0.0.1"], "ports": []}], timeout=2.0)["paths"][0]
    assert (found["link_mtu"], found["path_mtu"]) == (65535, 65535)
