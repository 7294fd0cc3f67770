# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import sysctl

SYSTEMD = """
# Source route verification
net.ipv4.conf.default.rp_filter = 2
net.ipv4.conf.*.rp_filter = 2
-net.ipv4.conf.all.rp_filter
"""
CILIUM = """
-net.ipv4.conf.lxc*.rp_filter = 0
-net.ipv4.conf.cilium_*.rp_filter = 0
net.ipv4.conf.all.rp_filter = 0
"""


def files(**texts):
    return [(name, sysctl.parse(text)) for name, text in texts.items()]


@pytest.mark.parametrize(
    ("key", "canonical"),
    [
        ("net.ipv4.ip_forward", "net/ipv4/ip_forward"),
        ("net/ipv4/conf/eth0.100/rp_filter", "net/ipv4/conf/eth0.100/rp_filter"),
        ("net.ipv4.conf.eth0/100.rp_filter", "net/ipv4/conf/eth0.100/rp_filter"),
        ("single", "single"),
    ],
)
def test_canonical(key, canonical):
    assert sysctl.canonical(key) == canonical
    assert sysctl.canonical(sysctl.dotted(canonical)) == canonical


def test_parse_skips_what_systemd_skips():
    lines = sysctl.parse("; no\n# no\n\nnonsense\n = 1\nkernel.panic=  10 \n-a.b\n-c.d = 1\n\x00\n")
    assert lines == [
        sysctl.Assignment("kernel/panic", "10"),
        sysctl.Assignment("a/b", None),
        sysctl.Assignment("c/d", "1"),
    ]


def test_order_by_name_over_all_folders_and_the_first_folder_hides():
    found = sysctl.order(
        [("/etc/sysctl.d", ["99-a.conf", "50-default.conf", "x"]), ("/usr/lib/sysctl.d", ["50-default.conf", "10-b.conf"])]
    )
    assert found == ["/usr/lib/sysctl.d/10-b.conf", "/etc/sysctl.d/50-default.conf", "/etc/sysctl.d/99-a.conf"]


def test_cilium_wins_over_systemd_for_pod_links_only():
    found = files(systemd=SYSTEMD, cilium=CILIUM)
    assert [entry["value"] for entry in sysctl.effective("net.ipv4.conf.lxc12.rp_filter", found)] == ["2", "0"]
    assert [entry["value"] for entry in sysctl.effective("net.ipv4.conf.eth0.rp_filter", found)] == ["2"]


def test_a_named_key_is_out_of_reach_of_patterns():
    found = files(systemd=SYSTEMD)
    assert sysctl.effective("net.ipv4.conf.all.rp_filter", found) == []
    assert sysctl.effective("net.ipv4.conf.default.rp_filter", found) == [{"path": "systemd", "value": "2"}]
    late = files(named="net.ipv4.conf.eth0.rp_filter = 1", systemd=SYSTEMD)
    assert sysctl.effective("net.ipv4.conf.eth0.rp_filter", late) == [{"path": "named", "value": "1"}]


def test_a_star_does_not_reach_over_a_slash():
    assert not sysctl.matches("net/ipv4/*/rp_filter", "net/ipv4/conf/eth0/rp_filter")
    assert sysctl.matches("net/ipv4/conf/*/rp_filter", "net/ipv4/conf/eth0.1/rp_filter")


def test_same_by_words():
    assert sysctl.same("4096\t87380\t6291456", "4096 87380 6291456")
    assert not sysctl.same("1", "0")


def test_a_pattern_longer_than_any_name_matches_nothing_and_costs_nothing():
    # fnmatch looks for the end of each bracket to the end of the pattern.
    lines = sysctl.parse("net/ipv4/" + "[" * 200_000 + "=1\n")
    assert sysctl.effective("net.ipv4.ip_forward", [("/etc/sysctl.d/x.conf", lines)]) == []
