# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import versions


@pytest.mark.parametrize(
    "less,more",
    [
        ("1.9.0", "1.10.0"),
        ("1.20.0-rc.1", "1.20.0"),
        ("1.20.0-pre.0", "1.20.0-rc.0"),
        ("1.20.0-rc.2", "1.20.0-rc.10"),
        ("v1.31", "1.31.1"),
        ("1.20.0-1", "1.20.0-alpha"),
    ],
)
def test_order(less, more):
    assert versions.compare(less, more) == -1
    assert versions.compare(more, less) == 1


@pytest.mark.parametrize("one,other", [("v1.36.3+k3s1", "1.36.3"), ("1.31", "1.31.0")])
def test_what_does_not_count(one, other):
    assert versions.compare(one, other) == 0


@pytest.mark.parametrize("text", ["", "latest", "v", None, "kwok"])
def test_no_version(text):
    assert versions.parse(text) is None
    assert versions.compare(text, "1.0") is None
    assert versions.at_least(text, "1.0") is None


def test_a_candidate_reaches_its_release():
    assert versions.at_least("1.20.0-rc.1", "1.20") is True
    assert versions.at_least("1.19.9", "1.20") is False


def test_minor_ranges():
    assert versions.in_minor_range("v1.36.3", "1.32", "1.36") is True
    assert versions.in_minor_range("v1.9.3", "1.32", "1.36") is False
    assert versions.in_minor_range("x", "1.32", "1.36") is None


def test_what_is_pinned_is_supported():
    for project, version in versions.PINNED.items():
        first, end = versions.SUPPORTED[project]
        assert versions.at_least(version, first)
        assert not versions.at_least(version, end)
        assert versions.kubernetes_range(project, version)
    assert versions.pinned("ztunnel") == versions.PINNED["istio"]
    with pytest.raises(KeyError):
        versions.pinned("linkerd")


def test_numbers_without_end_are_no_version():
    assert versions.parse("9" * 5000) is None
    assert versions.parse("1." + "9" * 5000) is None
    assert versions.parse("1.2.3-rc." + "9" * 5000) < versions.parse("1.2.3")
