# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names and values as `helm template --set` was seen to read them."""

import pytest

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import helm_set


@pytest.mark.parametrize(
    "name,value,made",
    [
        ("a", "true", {"a": True}),
        ("a.b", "1450", {"a": {"b": 1450}}),
        ("a.b", "-1", {"a": {"b": -1}}),
        ("a.b", "1.5", {"a": {"b": "1.5"}}),
        ("a", "007", {"a": "007"}),
        ("a", "0", {"a": 0}),
        ("a", "", {"a": ""}),
        ("a", "null", {"a": None}),
        ("a", "{x,2,true}", {"a": ["x", 2, True]}),
        ("a", "{}", {"a": [""]}),
        ("a", "True", {"a": True}),
        ("a", "+1", {"a": 1}),
        ("a", "-0", {"a": 0}),
        ("a", "9223372036854775808", {"a": "9223372036854775808"}),
        ("a", r"{x\,y,z}", {"a": ["x,y", "z"]}),
        ("a", "x,y", {"a": "x,y"}),
        ("a[1].b", "x", {"a": [None, {"b": "x"}]}),
        (r"nodeSelector.kubernetes\.io/os", "linux", {"nodeSelector": {"kubernetes.io/os": "linux"}}),
    ],
)
def test_a_value_is_put_where_its_name_leads(name, value, made):
    values = {}
    helm_set.put(values, name, value)
    assert values == made


def test_as_text_nothing_gets_a_type():
    values = {"a": {"b": 1, "c": 2}}
    assert helm_set.put(values, "a.b", "true", as_text=True) == "a.b"
    assert values == {"a": {"b": "true", "c": 2}}


def test_a_list_as_text_is_one_of_texts():
    values = {}
    helm_set.put(values, "a", "{1,true}", as_text=True)
    assert values == {"a": ["1", "true"]}


def test_what_was_no_mapping_becomes_one():
    values = {"a": "x"}
    helm_set.put(values, "a.b", "1")
    assert values == {"a": {"b": 1}}


def test_a_list_that_does_not_end_is_refused():
    with pytest.raises(helm_set.SetError):
        helm_set.put({}, "a", "{x")


@pytest.mark.parametrize("name", ["", ".", "a.", ".a", "a..b", "a[x]", "[0]", "a[99999]", "a=b", "a]"])
def test_a_name_that_leads_nowhere_is_refused(name):
    with pytest.raises(helm_set.SetError):
        helm_set.put({}, name, "x")
