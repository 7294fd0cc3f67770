# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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


same_each_time = settings(derandomize=True, deadline=None, database=None, max_examples=300)
NUMBERS = st.lists(st.integers(0, 40) | st.integers(0, 10**17), min_size=3, max_size=3).map(
    lambda parts: ".".join(map(str, parts))
)
# As semver.org has them: no leading zero in a number, and words of letters, digits and hyphens.
WORDS = st.integers(0, 10**17).map(str) | st.from_regex(r"[0-9]?[A-Za-z-][0-9A-Za-z-]{0,3}", fullmatch=True)
CANDIDATES = st.tuples(NUMBERS, st.lists(WORDS, max_size=3)).map(
    lambda parts: "-".join(filter(None, (parts[0], ".".join(parts[1]))))
)
BUILDS = st.from_regex(r"(\+[0-9A-Za-z.-]{1,8})?", fullmatch=True)


def precedence(left, right):
    """Compare as clause 11 of semver.org says it, step by step."""
    (one, _dash, words), (two, _dash, others) = left.partition("-"), right.partition("-")
    numbers, more = ([int(part) for part in text.split(".")] for text in (one, two))
    if numbers != more:
        return -1 if numbers < more else 1
    if not words or not others:
        return (not words) - (not others)
    for word, other in itertools.zip_longest(words.split("."), others.split(".")):
        if word is None or other is None:
            return -1 if word is None else 1
        if word == other:
            continue
        if word.isdigit() and other.isdigit():
            return -1 if int(word) < int(other) else 1
        if word.isdigit() or other.isdigit():
            return -1 if word.isdigit() else 1
        return -1 if word < other else 1
    return 0


@same_each_time
@given(found=st.lists(CANDIDATES, min_size=2, max_size=6), build=BUILDS)
def test_versions_have_the_one_order_of_semver(found, build):
    for one, two in itertools.product(found, repeat=2):
        assert versions.compare(one, two) == -versions.compare(two, one) == precedence(one, two)
        assert versions.compare(one + build, f"v{two}") == versions.compare(one, two)


@same_each_time
@given(numbers=NUMBERS, words=st.lists(WORDS, min_size=1, max_size=3))
def test_a_candidate_comes_before_its_release_and_reaches_it(numbers, words):
    candidate = f"{numbers}-{'.'.join(words)}"
    assert versions.compare(candidate, numbers) == -1
    assert versions.at_least(candidate, numbers)


@same_each_time
@given(
    numbers=NUMBERS, suffix=st.sampled_from(["+deb13-amd64", "-41-amd64", "-427.el9.x86_64", "-1071-azure", "+k3s1", "+rke2r1-x"])
)
def test_what_a_distribution_adds_changes_no_number(numbers, suffix):
    assert versions.numbers(numbers + suffix) == versions.numbers(numbers)
    assert versions.minor(numbers + suffix) == versions.minor(numbers)
