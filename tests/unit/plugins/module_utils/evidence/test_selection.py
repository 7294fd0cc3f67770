# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

import itertools

import pytest

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import label_selector, selection

SELECTORS = [
    {},
    {"matchLabels": {"app": "web"}},
    {"matchLabels": {"app": "web", "tier": "a"}},
    {"matchExpressions": [{"key": "app", "operator": "In", "values": ["web", "api"]}]},
    {"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["web"]}]},
    {"matchExpressions": [{"key": "app", "operator": "Exists"}]},
    {"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]},
    {"matchExpressions": [{"key": "tier", "operator": "NotIn", "values": ["a", "b"]}]},
]
VALUES = ("web", "api", "x", None)
PODS = [
    {key: value for key, value in (("app", app), ("tier", tier)) if value}
    for app, tier in itertools.product(VALUES, ("a", "b", None))
]


@pytest.mark.parametrize("one,other", list(itertools.product(SELECTORS, SELECTORS)))
def test_what_is_said_of_two_selectors_holds_for_every_pod(one, other):
    inner, outer = selection.of_selector(one), selection.of_selector(other)
    chosen = [[label_selector.selects(selector, pod) for pod in PODS] for selector in (one, other)]
    if selection.within(inner, outer):
        assert all(there for here, there in zip(*chosen, strict=True) if here)
    if selection.apart(inner, outer):
        assert not any(here and there for here, there in zip(*chosen, strict=True))


@pytest.mark.parametrize("selector", SELECTORS)
def test_a_pod_whose_labels_are_all_known_is_selected_as_kubernetes_does(selector):
    for pod in PODS:
        assert selection.meets(selection.of_selector(selector), pod, ("app", "tier")) is label_selector.selects(selector, pod)


def test_a_label_that_nobody_kept_may_be_any():
    both = selection.of_selector({"matchLabels": {"app": "web", "tier": "a"}})
    assert selection.meets(both, {"app": "web"}, ("app",)) is None
    assert selection.meets(both, {"app": "api"}, ("app",)) is False
    assert selection.meets(both, {}, ("app",)) is False


def test_cilium_says_where_a_label_is_from():
    assert selection.of_selector({"matchLabels": {"k8s:app": "web"}}) == selection.of_selector({"matchLabels": {"app": "web"}})
    kept = selection.of_selector({"matchLabels": {"k8s.io/app": "web"}})
    assert kept[0].key == "k8s.io/app"


def test_a_namespace_is_known_by_its_labels_and_its_name():
    shop = selection.of_namespace("shop", {"team": "a"})
    assert selection.within(shop, selection.of_selector({"matchLabels": {"team": "a"}}, selection.NAMESPACE_LABELS))
    assert selection.within(
        shop, selection.of_selector({"matchLabels": {"kubernetes.io/metadata.name": "shop"}}, selection.NAMESPACE_LABELS)
    )
    assert selection.apart(shop, selection.of_selector({"matchLabels": {"k8s:io.kubernetes.pod.namespace": "desk"}}))
