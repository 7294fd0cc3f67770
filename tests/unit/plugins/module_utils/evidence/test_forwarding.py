# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What real firewalls do with the packets of pods; real packets fared the same (fixtures/node/forwarding)."""

import json
from pathlib import Path

import pytest

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import forwarding, iptables_rules, nftables_rules

FIXTURES = Path(__file__).parents[3] / "fixtures" / "node" / "forwarding"
CILIUM = """\
-A CILIUM_FORWARD -o cilium_host -m comment --comment "cilium: any->cluster on cilium_host forward accept" -j ACCEPT
-A CILIUM_FORWARD -i cilium_host -m comment --comment "cilium: cluster->any on cilium_host forward accept (nodeport)" -j ACCEPT
-A CILIUM_FORWARD -i lxc+ -m comment --comment "cilium: cluster->any on lxc+ forward accept" -j ACCEPT
-A CILIUM_FORWARD -i cilium_net -m comment --comment "cilium: cluster->any on cilium_net forward accept (nodeport)" -j ACCEPT
"""
FEEDER = '-A FORWARD -m comment --comment "cilium-feeder: CILIUM_FORWARD" -j CILIUM_FORWARD\n'


def saved(name):
    return (FIXTURES / f"{name}.iptables-save").read_text()


def verdicts(chains, base="FORWARD", uplink="eth0"):
    return [one.verdict for one in forwarding.outcomes(chains, base, uplink)]


def of(text, uplink="eth0"):
    return verdicts(iptables_rules.parse(text, "filter"), uplink=uplink)


def table(*rules, policy="drop"):
    chain = {"family": "inet", "table": "site", "name": "forward", "hook": "forward", "policy": policy}
    entries = [{"chain": chain}, *({"rule": {"chain": "forward", "expr": list(rule)}} for rule in rules)]
    return nftables_rules.parse(json.dumps({"nftables": entries}))


def match(left, right, op="=="):
    return {"match": {"op": op, "left": left, "right": right}}


IN, OUT = {"meta": {"key": "iifname"}}, {"meta": {"key": "oifname"}}


@pytest.mark.parametrize("name", ["docker", "ufw", "firewalld-backend-iptables"])
def test_what_drops_lets_pods_through_once_cilium_has_put_its_chain_before_it(name):
    text = saved(name)
    assert of(text) == ["refused", "refused"]
    first = text.index("-A FORWARD")
    assert of(text[:first] + FEEDER + CILIUM + text[first:]) == ["passes", "passes"]
    # Behind a rule that refuses all it comes too late.
    assert of(text[:first] + "-A FORWARD -j DROP\n" + FEEDER + CILIUM + text[first:]) == ["refused", "refused"]


def test_firewalld_refuses_in_a_table_of_its_own_what_goes_to_pods():
    chains = nftables_rules.parse((FIXTURES / "firewalld.json").read_text())
    found = forwarding.outcomes(chains, "filter_FORWARD", "eth0")
    assert [(one.way, one.verdict, one.by) for one in found] == [("from pods", "passes", ""), ("to pods", "refused", "reject")]
    assert verdicts(chains, "filter_FORWARD", "eth1") == ["refused", "refused"]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("-A FORWARD -j ACCEPT", ["passes", "passes"]),
        ("-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT", ["refused", "refused"]),
        ("-A FORWARD -m conntrack --ctstate NEW -j ACCEPT", ["passes", "passes"]),
        ("-A FORWARD -i lxc+ -j ACCEPT", ["passes", "refused"]),
        ("-A FORWARD ! -o docker0 -j ACCEPT", ["passes", "passes"]),
        ("-A FORWARD ! -i lxc+ -j ACCEPT", ["refused", "passes"]),
        ("-A FORWARD -p udp -j ACCEPT", ["refused", "refused"]),
        ("-A FORWARD -m mark --mark 0x4000/0x4000 -j ACCEPT", ["refused", "refused"]),
        ("-A FORWARD -s 10.244.0.0/16 -j ACCEPT", ["unclear", "unclear"]),
        ("-A FORWARD -i lxc+ -s 10.244.0.0/16 -j ACCEPT", ["unclear", "refused"]),
        ("-A FORWARD -j NFQUEUE --queue-num 0", ["unclear", "unclear"]),
        ("-A FORWARD -j LOG --log-prefix 'x'", ["refused", "refused"]),
        ('-A FORWARD -j "', ["unclear", "unclear"]),
    ],
)
def test_what_a_rule_does_before_a_policy_that_drops(rule, expected):
    assert of(f"*filter\n:FORWARD DROP [0:0]\n{rule}\nCOMMIT\n") == expected


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("-A FORWARD -d 10.96.0.9/32 -p tcp --dport 80 -j REJECT", ["passes", "passes"]),
        ("-A FORWARD -j REJECT --reject-with icmp-host-prohibited", ["refused", "refused"]),
        ("-A FORWARD -g AWAY\n:AWAY - [0:0]\n-A AWAY -i eth0 -j DROP", ["passes", "refused"]),
        (
            "-A FORWARD -j AWAY\n-A FORWARD -j DROP\n:AWAY - [0:0]\n-A AWAY -i lxc+ -j RETURN\n-A AWAY -j ACCEPT",
            ["refused", "passes"],
        ),
    ],
)
def test_an_exception_is_passed_over_and_a_refusal_of_all_is_not(rule, expected):
    assert of(f"*filter\n:FORWARD ACCEPT [0:0]\n{rule}\nCOMMIT\n") == expected


def test_without_an_uplink_a_rule_about_other_links_may_fit():
    text = "*filter\n:FORWARD DROP [0:0]\n-A FORWARD -o eth0 -j ACCEPT\nCOMMIT\n"
    assert of(text) == ["passes", "refused"]
    assert of(text, uplink=None) == ["unclear", "refused"]


def test_other_tables_are_no_ones_business():
    assert of("*nat\n:POSTROUTING ACCEPT [0:0]\n-A FORWARD -j DROP\nCOMMIT\n") == ["passes", "passes"]
    assert iptables_rules.incompatible("# Table `filter' is incompatible, use 'nft' tool.\n")


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ([match({"ct": {"key": "state"}}, ["established", "related"], "in"), {"accept": None}], ["refused", "refused"]),
        ([match(IN, {"set": ["lxc*", "cilium_*"]}), {"counter": None}, {"accept": None}], ["passes", "refused"]),
        ([match(OUT, "@links"), {"accept": None}], ["unclear", "unclear"]),
        ([match(IN, "eth0", "!="), {"accept": None}], ["passes", "refused"]),
        ([{"vmap": {"key": IN, "data": {"set": [["lxc*", {"accept": None}], ["eth0", {"drop": None}]]}}}], ["passes", "refused"]),
        ([{"vmap": {"key": IN, "data": "@verdicts"}}], ["unclear", "unclear"]),
        ([{"xt": {"type": "match", "name": "comment"}}, {"accept": None}], ["passes", "passes"]),
        ([{"xt": {"type": "match", "name": "set"}}, {"accept": None}], ["unclear", "unclear"]),
        ([match({"meta": {"key": "nfproto"}}, "ipv6"), {"accept": None}], ["refused", "refused"]),
        ([match({"payload": {"protocol": "ip6", "field": "daddr"}}, "fd00::1"), {"accept": None}], ["refused", "refused"]),
        ([{"limit": {"rate": 5, "per": "second"}}, {"accept": None}], ["unclear", "unclear"]),
        ([{"jump": {"target": "nowhere"}}], ["refused", "refused"]),
        ([{"queue": None}], ["unclear", "unclear"]),
    ],
)
def test_what_a_rule_of_nftables_does_before_a_policy_that_drops(rule, expected):
    assert verdicts(table(rule), "forward") == expected


def test_the_rule_that_may_accept_is_named_with_its_networks():
    network = {"prefix": {"addr": "10.244.0.0", "len": 16}}
    rule = [match({"payload": {"protocol": "ip", "field": "saddr"}}, network), {"accept": None}]
    assert forwarding.outcomes(table(rule), "forward", "eth0")[0].by == "ip saddr 10.244.0.0/16 accept"


@pytest.mark.parametrize("text", ["*filter\n:FORWARD\n-A \n-A FORWARD\n", "*filter\n:\n", "\x00", ""])
def test_what_is_no_listing_of_iptables_is_no_accident(text):
    assert of(text) in (["passes", "passes"], ["refused", "refused"])


def test_chains_that_call_each_other_end():
    assert of("*filter\n:FORWARD DROP\n-A FORWARD -j A\n-A A -j B\n-A B -j A\n-A B -i lxc+ -j ACCEPT\n") == ["passes", "refused"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"nftables": [{"rule": {"chain": "x", "expr": [{}]}}, {"chain": {"name": "x"}}]}',
        '{"nftables": [{"rule": {"chain": "x"}}]}',
        '{"nftables": [{"chain": {}}]}',
    ],
)
def test_what_is_no_table_is_said_to_be_none(text):
    with pytest.raises(nftables_rules.Unknown, match="no table in JSON"):
        nftables_rules.parse(text)
