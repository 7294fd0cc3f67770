# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is pending on a node is what its two modules would change, and nothing of it is done."""

import pytest
from machine import process

from ansible_collections.zerotrust.baremetal.plugins.module_utils.node import baseline, baseline_input, pending

BASELINE = {"sysctls": [{"name": "net.ipv4.ip_forward", "value": "1", "reason": "pods"}], "networkmanager_foreign": False}
NO_FIREWALL = {"state": "absent"}
OPENING = {"port": "4240", "sources": ["192.0.2.1"]}


def options(**given):
    defaults = {name: argument.get("default") for name, argument in baseline_input.ARGUMENTS.items()}
    return {**defaults, **given}


def test_a_node_as_wanted_has_nothing_pending(node):
    wanted = {"baseline": BASELINE, "firewall": NO_FIREWALL}
    before = node.tree()
    first = pending.read(node, wanted)
    assert first["baseline"]["changed"]
    assert "net.ipv4.ip_forward" in [change["name"] for change in first["baseline"]["sysctls_changed"]]
    assert node.tree() == before
    baseline.apply(node, baseline.plan(node, baseline_input.desired(options(**BASELINE))))
    second = pending.read(node, wanted)
    assert (second["baseline"]["changed"], second["firewall"]["changed"], second["firewall"]["left_open"]) == (False, False, [])


def test_a_conflict_is_told_although_nothing_is_pending(node):
    baseline.apply(node, baseline.plan(node, baseline_input.desired(options(**BASELINE))))
    node.put("/etc/sysctl.d/99-zzzzz-hardening.conf", "net.ipv4.ip_forward = 0\n")
    found = pending.read(node, {"baseline": BASELINE, "firewall": NO_FIREWALL})["baseline"]
    assert not found["changed"]
    assert [(conflict["path"], conflict["wins"]) for conflict in found["conflicts"]] == [
        ("/etc/sysctl.d/99-zzzzz-hardening.conf", True)
    ]


def test_a_refusal_stands_where_the_outcome_would_and_spares_the_other_part(node):
    process(node, 90, "firewalld")
    node.put("/etc/ufw/ufw.conf", "ENABLED=yes\n")
    found = pending.read(node, {"baseline": BASELINE, "firewall": {"openings": [OPENING]}})
    assert "two firewalls rule this node" in found["firewall"]["refused"]
    assert "changed" not in found["firewall"] and found["baseline"]["changed"]


@pytest.mark.parametrize(
    ("wanted", "part", "said"),
    [
        ({"baseline": {"sysctl": []}, "firewall": NO_FIREWALL}, "baseline", "sysctl. Supported parameters include"),
        ({"baseline": {"sysctls": [{"name": "kernel.x"}]}, "firewall": NO_FIREWALL}, "baseline", "missing required arguments"),
        ({"baseline": BASELINE, "firewall": {"phase": "ajar"}}, "firewall", "value of phase must be one of: open, close"),
        ({"baseline": BASELINE, "firewall": {"undo_after": 1}}, "firewall", "undo_after is 1"),
        (
            {"baseline": BASELINE, "firewall": {"openings": [{"port": "http", "sources": ["::/0"]}]}},
            "firewall",
            "'http' is no port",
        ),
    ],
)
def test_wrong_options_are_told_as_the_module_tells_them(node, wanted, part, said):
    assert said in pending.read(node, wanted)[part]["refused"]
