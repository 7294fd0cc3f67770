# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Peers of the host firewall: what counts as up to date, and when it is asked."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from healthy import healthy

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import lets_in, platform_ports
from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence.bundle import Evidence
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules import engine
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules.catalogue import RULES
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules.rule import STAGES

RULE, FLUSHES = (next(rule for rule in RULES if rule.id == one) for one in ("ZT-NODE-054", "ZT-NODE-052"))


def verdicts(bundle, stages=STAGES):
    findings = engine.run(Evidence(bundle), [RULE], bundle["moment"], stages).findings
    return {finding.subject: finding.verdict for finding in findings}


def grown(moment):
    """A third node in the inventory that the firewalls of the others do not know."""
    bundle = healthy(moment)
    bundle["desired"]["nodes"]["n3"] = {"node_name": "node3", "ips": ["192.0.2.13"]}
    return bundle


def test_before_the_node_stage_old_peers_are_what_it_is_there_for():
    assert verdicts(grown("preflight")) == {}
    assert verdicts(grown("preflight"), ("network",)) == {"n1": "FAIL", "n2": "FAIL"}
    assert verdicts(grown("verify"), ("node",)) == {"n1": "FAIL", "n2": "FAIL"}


@pytest.mark.parametrize(
    ("source", "verdict"), [("192.0.2.8/29", "FAIL"), ("192.0.2.12/32", "PASS"), ("10.244.3.0/24", "FAIL"), ("::/0", "FAIL")]
)
def test_only_ports_for_nodes_alone_are_closed_to_pods(source, verdict):
    bundle = healthy()
    one = next(one for one in bundle["nodes"]["n1"]["firewall"]["lets_in"] if one["port"] == "51871")
    one["sources"] = lets_in.collapsed([*one["sources"], source])
    assert verdicts(bundle)["n1"] == verdict


def test_api_servers_of_the_site_are_no_strangers():
    bundle = healthy()
    one = next(one for one in bundle["nodes"]["n1"]["firewall"]["lets_in"] if one["port"] == "10250")
    one["sources"].append("198.51.100.7/32")
    assert verdicts(bundle)["n1"] == "PASS"


def test_many_nodes_are_compared_by_their_digest():
    bundle = healthy()
    for number in range(300):
        bundle["desired"]["nodes"][f"m{number}"] = {
            "node_name": f"m{number}",
            "ips": [f"10.9.{number // 100}.{number % 100 * 2}"],
        }
    for host in ("n1", "n2"):
        bundle["nodes"][host]["firewall"]["lets_in"] = lets_in.listing(platform_ports.openings(bundle["desired"]))
    assert "digest" in bundle["nodes"]["n1"]["firewall"]["lets_in"][0]
    assert (verdicts(bundle)["n1"], verdicts(bundle)["n2"]) == ("PASS", "PASS")
    bundle["desired"]["nodes"]["m0"]["ips"] = ["10.9.9.9"]
    assert verdicts(bundle)["n1"] == "FAIL"


def test_a_node_without_our_firewall_has_no_peers_to_know():
    bundle = grown("verify")
    firewall = bundle["nodes"]["n1"]["firewall"]
    firewall["zerotrust"] = None
    del firewall["lets_in"], firewall["drift"]
    assert verdicts(bundle)["n1"] == "PASS"
    del bundle["nodes"]["n2"]["firewall"]["lets_in"]
    assert verdicts(bundle)["n2"] == "UNKNOWN"


@pytest.mark.parametrize(
    ("system", "version", "verdict"),
    [
        ("debian", "2.3.1", "PASS"),
        ("debian", "1.3.3", "FAIL"),
        ("rhel", "1.3.4", "UNKNOWN"),
        ("rhel", "0.9.11", "FAIL"),
        ("debian", "FirewallD is not running", "UNKNOWN"),
    ],
)
def test_a_reload_of_firewalld_is_judged_by_what_was_seen_of_it(system, version, verdict):
    bundle = healthy("preflight")
    node = bundle["nodes"]["n1"]
    node["os"] = {**node["os"], "id": system, "id_like": []}
    node["firewall"] |= {"managers": ["firewalld"], "firewalld": {"version": version, "backend": "nftables", "direct": False}}
    findings = engine.run(Evidence(bundle), [FLUSHES], "preflight", STAGES).findings
    assert {finding.subject: finding.verdict for finding in findings}["n1"] == verdict
