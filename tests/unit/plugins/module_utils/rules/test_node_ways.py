# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from healthy import healthy

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence.bundle import Evidence
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules import engine, node_ways
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules.rule import STAGES


def verdicts(bundle, stages=STAGES):
    found = engine.run(Evidence(bundle), node_ways.CATALOGUE.rules, "preflight", stages).findings
    return {(one.id, one.subject): one.verdict for one in found}


def without_ways(bundle):
    for node in bundle["nodes"].values():
        del node["ways"]
    return bundle


def test_ways_that_nobody_tried_are_unknown_before_there_is_cilium():
    bundle = without_ways(healthy("preflight"))
    bundle["api"]["cilium"]["config"] = None
    assert set(verdicts(bundle).values()) == {"UNKNOWN"}


def test_where_cilium_is_its_peers_tell():
    assert verdicts(without_ways(healthy("preflight"))) == {}


def test_a_node_that_nobody_tried_is_unknown_and_the_others_are_judged():
    bundle = healthy("preflight")
    del bundle["nodes"]["n1"]["ways"]
    found = verdicts(bundle)
    assert found["ZT-NODE-011", "n2"] == "UNKNOWN"
    assert found["ZT-NODE-011", "n1"] == "PASS"


def test_filtered_echoes_leave_the_size_unknown():
    bundle = healthy("preflight")
    bundle["nodes"]["n1"]["ways"]["paths"][0]["path_mtu"] = None
    assert verdicts(bundle)["ZT-NODE-050", "n1"] == "UNKNOWN"


def test_a_single_node_has_no_ways():
    bundle = healthy("preflight")
    del bundle["nodes"]["n2"], bundle["desired"]["nodes"]["n2"]
    assert verdicts(bundle) == {}


def test_what_the_node_stage_may_open_is_not_known_to_be_closed_elsewhere():
    bundle = healthy("preflight")
    for one in bundle["nodes"]["n1"]["ways"]["ports"]:
        one["outcome"] = "silent"
    assert verdicts(bundle)["ZT-NODE-011", "n2"] == "FAIL"
    bundle["desired"]["nodes"]["n2"]["opens"] = True
    assert verdicts(bundle)["ZT-NODE-011", "n2"] == "UNKNOWN"
    assert verdicts(bundle, ("network",))["ZT-NODE-011", "n2"] == "FAIL"
