# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a chain that drops is Cilium's to open, nobody's, or not to be told."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from firing.case import values
from firing.node_firewall import firewalld
from healthy import forwards, healthy

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence.bundle import Evidence
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules import engine
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules.catalogue import RULES
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules.rule import STAGES

FORWARDS, SERVICES = (next(rule for rule in RULES if rule.id == one) for one in ("ZT-NODE-057", "ZT-NODE-058"))
DROPPED = forwards("iptables", "ip", "filter", "FORWARD", "refused", "policy drop")


def verdict(bundle, rule=FORWARDS):
    findings = engine.run(Evidence(bundle), [rule], bundle["moment"], STAGES).findings
    return next(finding.verdict for finding in findings if finding.subject == "n1")


def with_chains(moment, chains):
    bundle = healthy(moment)
    bundle["nodes"]["n1"]["forwarding"] = chains
    return bundle


def test_cilium_opens_iptables_once_it_runs_and_no_other_table():
    assert verdict(with_chains("preflight", DROPPED)) == "PASS"
    assert verdict(with_chains("verify", DROPPED)) == "FAIL"
    assert verdict(with_chains("preflight", forwards("nftables", "inet", "site", "forward", "refused", "policy drop"))) == "FAIL"
    assert verdict(with_chains("preflight", forwards("iptables", "ip", "mangle", "FORWARD", "refused", "policy drop"))) == "FAIL"


@pytest.mark.parametrize("key", ["installIptablesRules", "prependIptablesChains"])
def test_a_chain_that_cilium_is_told_not_to_put_first_opens_nothing(key):
    bundle = with_chains("preflight", DROPPED)
    values(bundle, "cilium", **{key: False})
    assert verdict(bundle) == "FAIL"


def test_ipv6_counts_where_cilium_serves_it():
    bundle = with_chains("verify", forwards("iptables", "ip6", "filter", "FORWARD", "refused", "policy drop"))
    assert verdict(bundle) == "PASS"
    values(bundle, "cilium", ipv6={"enabled": True})
    assert verdict(bundle) == "FAIL"


def test_who_may_be_meant_is_unknown_unless_the_pods_networks_are_named():
    bundle = with_chains("verify", forwards("nftables", "inet", "site", "forward", "unclear", "ip saddr 10.244.0.0/16 accept"))
    bundle["desired"]["pod_cidrs"] = []
    assert verdict(bundle) == "UNKNOWN"
    bundle["desired"]["pod_cidrs"] = ["10.244.0.0/16"]
    assert verdict(bundle) == "PASS"


def test_packets_that_pass_no_chain_are_not_known_to_be_dropped():
    bundle = with_chains("verify", DROPPED)
    values(bundle, "cilium", bpf={"masquerade": True, "hostLegacyRouting": False})
    assert verdict(bundle) == "UNKNOWN"
    del bundle["nodes"]["n1"]["forwarding"]
    assert verdict(bundle) == "UNKNOWN"


@pytest.mark.parametrize(
    ("version", "expected"), [("1.1.1", "PASS"), ("1.2.1", "FAIL"), ("1.3.4", "FAIL"), ("2.3.1", "PASS"), ("?", "UNKNOWN")]
)
def test_firewalld_beside_services_is_judged_by_what_was_reported(version, expected):
    bundle = healthy()
    firewalld(bundle, "n1", version=version)
    assert verdict(bundle, SERVICES) == expected
