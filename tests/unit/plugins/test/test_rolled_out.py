# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The workloads are of a real rollout, but for what no rule looks at."""

import copy
import json
from pathlib import Path

import pytest
from ansible.errors import AnsibleError

from ansible_collections.zerotrust.baremetal.plugins.test.rolled_out import rolled_out

FIXTURE = Path(__file__).resolve().parents[2] / "fixtures/cluster/workloads.json"


@pytest.fixture
def workloads():
    return json.loads(FIXTURE.read_text())


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("agent rolled out", True),
        ("agent not available", False),
        ("status behind", False),
        ("deployment rolled out", True),
        ("deployment half available", False),
    ],
)
def test_states_of_a_rollout(workloads, name, verdict):
    assert rolled_out([workloads[name]]) is verdict


def test_all_have_to_be_rolled_out_and_none_is_not_enough(workloads):
    both = [workloads["agent rolled out"], workloads["deployment rolled out"]]
    assert rolled_out(both)
    assert not rolled_out([*both, workloads["deployment half available"]])
    assert not rolled_out([])


def test_an_agent_wanted_on_no_node_is_not_rolled_out(workloads):
    agent = copy.deepcopy(workloads["agent rolled out"])
    agent["status"].update(dict.fromkeys(("desiredNumberScheduled", "updatedNumberScheduled", "numberAvailable"), 0))
    assert not rolled_out([agent])


def test_old_pods_that_are_available_are_not_enough(workloads):
    deployment = copy.deepcopy(workloads["deployment rolled out"])
    deployment["status"]["updatedReplicas"] = 1
    assert not rolled_out([deployment])


def test_replicas_an_autoscaler_has_not_asked_for_yet(workloads):
    assert rolled_out([workloads["deployment rolled out"]], 2)
    assert not rolled_out([workloads["deployment rolled out"]], 3)


def test_what_is_not_a_workload_is_refused():
    with pytest.raises(AnsibleError, match="not str"):
        rolled_out("cilium")
    with pytest.raises(AnsibleError, match="not 'Service'"):
        rolled_out([{"kind": "Service"}])
