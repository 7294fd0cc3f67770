# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

import struct

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import routing_rules
from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence.netlink import attribute
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node import netlink_socket


def rule(family=2, table=254, **fields):
    numbers = {"priority": 6, "mark": 10, "table": 15, "mask": 16}
    header = struct.pack("=BBBBBBBBI", family, 0, 0, 0, table, 0, 0, 1, 0)
    return header + b"".join(attribute(numbers[key], struct.pack("=I", value)) for key, value in fields.items())


def test_rules_are_told_in_the_order_they_are_asked():
    replies = [rule(priority=32766, table=254), rule(table=0, priority=9, mark=0x200, mask=0xF00), b"\0", rule(family=128)]
    assert routing_rules.rules([rule(family=10, priority=100), *replies]) == [
        {"family": "ipv4", "priority": 9, "mark": 0x200, "mask": 0xF00, "table": 0},
        {"family": "ipv4", "priority": 32766, "mark": 0, "mask": 0, "table": 254},
        {"family": "ipv6", "priority": 100, "mark": 0, "mask": 0, "table": 254},
    ]


def test_the_rules_of_this_machine():
    """Every Linux machine looks up its own addresses and the main table."""
    replies = netlink_socket.ask(netlink_socket.ROUTE, routing_rules.GET_RULE, routing_rules.REQUEST)
    assert {255, 254} <= {one["table"] for one in routing_rules.rules(replies)}
