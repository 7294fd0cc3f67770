# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

import math

import pytest
from ansible.errors import AnsibleFilterError
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.zerotrust.baremetal.plugins.filter.disruption_budget import FilterModule

disruption_budget = FilterModule().filters()["disruption_budget"]


def budget(**spec):
    return {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "web"}, "spec": spec}


def test_a_manifest_and_a_number_of_pods():
    one = disruption_budget(budget(minAvailable="50%", selector={"matchLabels": {"app": "web"}}), 3)
    assert (one["name"], one["namespace"], one["selector_is"], one["allowed"]) == ("web", "", "labels", 1)
    assert "status" not in one


def test_without_a_number_nothing_is_counted():
    assert disruption_budget(budget(selector={}))["allowed"] is None
    assert disruption_budget(budget(selector={}))["selector_is"] == "empty"
    assert disruption_budget(budget())["selector_is"] == "none"


def test_a_list_gives_a_list():
    live = {**budget(maxUnavailable=1), "status": {"disruptionsAllowed": 2}}
    assert [one["allowed"] for one in disruption_budget([live, budget(minAvailable=2)], 2)] == [1, 0]
    assert disruption_budget([live])[0]["status"]["allowed"] == 2
    assert disruption_budget([]) == []


@pytest.mark.parametrize(
    ("given", "replicas", "said"),
    [
        ("kind: PodDisruptionBudget", None, "as a mapping, or a list of them, not 'str'"),
        ({"kind": "Deployment"}, None, "not 'Deployment'"),
        ([budget(), 7], None, "not 'int'"),
        (budget(minAvailable="half"), 2, 'spec.minAvailable is "half", expected is a whole number, or a share such as 50%'),
        ({"kind": "PodDisruptionBudget"}, None, "metadata is not there"),
        (budget(), "2", "replicas is '2', expected is a whole number"),
        (budget(), True, "replicas is True"),
        (budget(), -1, "replicas is -1"),
        (budget(minAvailable="\ud83d"), None, "a text in it has half a character"),
    ],
)
def test_anything_else_is_refused_in_words(given, replicas, said):
    with pytest.raises(AnsibleFilterError) as error:
        disruption_budget(given, replicas)
    assert said in str(error.value)


LIMITS = st.none() | st.integers(0, 12) | st.integers(0, 2**31 - 1) | st.integers(0, 150).map(lambda share: f"{share}%")


def scaled(limit, total):
    """intstr.GetScaledValueFromIntOrPercent of Kubernetes, rounding up."""
    return math.ceil(float(limit[:-1]) * float(total) / 100) if isinstance(limit, str) else limit


def counted(least, most, pods):
    """getExpectedPodCount and updatePdbStatus of the disruption controller, where every pod is healthy."""
    needed = 0
    if most is not None:
        needed = max(pods - scaled(most, pods), 0)
    elif least is not None:
        needed = scaled(least, pods)
    allowed = pods - needed
    return 0 if pods <= 0 or allowed <= 0 else allowed


@settings(derandomize=True, deadline=None, database=None, max_examples=500)
@given(least=LIMITS, most=LIMITS, pods=st.integers(0, 40) | st.integers(0, 5000))
def test_what_is_allowed_is_what_the_controller_counts(least, most, pods):
    spec = {key: value for key, value in (("minAvailable", least), ("maxUnavailable", most)) if value is not None}
    assert disruption_budget(budget(selector={}, **spec), pods)["allowed"] == counted(least, most, pods)
