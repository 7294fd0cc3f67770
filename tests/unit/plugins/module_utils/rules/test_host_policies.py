# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Policies of Cilium's host firewall that keep nodes together, alone or with others, and those that cannot be judged."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from firing.host_policies import SSH, host_policy
from healthy import healthy

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence.bundle import Evidence
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules import engine
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules.catalogue import RULES
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules.rule import STAGES

RULE = next(rule for rule in RULES if rule.id == "ZT-CIL-041")
NODES = {"fromEntities": ["remote-node"]}
WORKERS = {"matchLabels": {"role": "worker"}}


def verdicts(bundle):
    findings = engine.run(Evidence(bundle), [RULE], "verify", STAGES).findings
    return {one.subject.rpartition(" ")[2]: (one.verdict, one.message) for one in findings}


@pytest.mark.parametrize(
    "spec",
    [
        {"ingress": [SSH, NODES]},
        {"ingress": [SSH, {"toPorts": [{"ports": [{"port": "0", "protocol": "ANY"}]}]}]},
        {"ingress": [SSH], "enableDefaultDeny": {"ingress": False}},
        {"egress": [{"toEntities": ["all"]}]},
        {"ingress": [NODES], "ingressDeny": [{"fromEntities": ["world"]}]},
    ],
)
def test_what_lets_nodes_in(spec):
    bundle = healthy()
    host_policy(bundle, **spec)
    assert verdicts(bundle)["hosts"][0] == "PASS"


def test_another_that_selects_as_many_nodes_lets_them_in():
    bundle = healthy()
    host_policy(bundle, selector=WORKERS, ingress=[SSH])
    host_policy(bundle, "nodes", ingress=[NODES])
    assert {name: verdict for name, (verdict, _message) in verdicts(bundle).items()} == {"hosts": "PASS", "nodes": "PASS"}


def test_whether_another_selects_the_same_nodes_is_not_seen():
    bundle = healthy()
    host_policy(bundle, ingress=[SSH])
    host_policy(bundle, "nodes", selector=WORKERS, ingress=[NODES])
    verdict, message = verdicts(bundle)["hosts"]
    assert verdict == "UNKNOWN"
    assert "select the nodes of hosts is not seen" in message


def test_nodes_by_their_labels_are_not_seen():
    bundle = healthy()
    host_policy(bundle, ingress=[{"fromNodes": [WORKERS]}])
    assert verdicts(bundle)["hosts"][0] == "UNKNOWN"


def test_a_host_firewall_that_is_off_is_not_asked():
    bundle = healthy()
    host_policy(bundle, ingress=[SSH])
    bundle["api"]["cilium"]["config"]["enable-host-firewall"] = "false"
    assert verdicts(bundle) == {}
