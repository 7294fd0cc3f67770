# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small part of what tests/fuzz/run.py does: the same damaged files each time, a few hundred of each kind."""

import json
import sys
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "fuzz"))

from artefacts import ARTEFACTS

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import conflist, plain_yaml, strict_json, strict_yaml

# What is judged takes a hundred times as long as one file of a node.
JUDGED = ("manifests", "kustomizations", "bundle", "packed", "values", "report", "accepted")
READ = [name for name in ARTEFACTS if not name.startswith(JUDGED)]
FOLDERS = [name for name in ARTEFACTS if name.startswith(JUDGED)]

# cryptography warns of what it reads and will refuse one day.
pytestmark = pytest.mark.filterwarnings("ignore")

same_each_time = {"derandomize": True, "deadline": None, "database": None}
seeds = st.integers(0, 2**32)

TEXTS = st.text(
    st.characters(codec="utf-8", exclude_characters="\x85\u2028\u2029\ufeff", min_codepoint=32, exclude_categories=["Cc", "Cs"])
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.parametrize("kind", READ)
@settings(max_examples=300, **same_each_time)
@given(seed=seeds)
def test_a_damaged_file_is_read_or_refused(kind, seed):
    ARTEFACTS[kind].read(ARTEFACTS[kind].damaged(Random(seed)))


@pytest.mark.parametrize("kind", FOLDERS)
@settings(max_examples=40, **same_each_time)
@given(seed=seeds)
def test_what_is_damaged_is_judged_or_refused(kind, seed):
    ARTEFACTS[kind].read(ARTEFACTS[kind].damaged(Random(seed)))


@settings(max_examples=300, **same_each_time)
@given(value=VALUES)
def test_json_is_read_as_it_was_written_by_both_readers(value):
    written = json.dumps(value)
    assert [one.value for one in strict_json.documents(written, "x")] == [value]
    (document,) = strict_yaml.documents(json.dumps(value, ensure_ascii=False), "x")
    assert json.dumps(document.value) == written


@settings(max_examples=300, **same_each_time)
@given(content=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_with_a_reason(content):
    text = content.decode("utf-8", "replace")
    for read, refusals in (
        (lambda: strict_json.documents(text, "x"), strict_json.JsonError),
        (lambda: strict_yaml.documents(text, "x"), strict_yaml.YamlError),
        (lambda: plain_yaml.parse(text), plain_yaml.Unknown),
    ):
        try:
            read()
        except refusals as error:
            assert str(error)
    assert conflist.parse(content)["error"] or conflist.parse(content)["valid"]


@settings(max_examples=200, **same_each_time)
@given(value=st.dictionaries(TEXTS, VALUES, min_size=1, max_size=3), at=st.randoms(use_true_random=False))
def test_a_key_that_stands_twice_is_refused(value, at):
    key = at.choice(list(value))
    pairs = [*value.items(), (key, None)]
    for escaped in (True, False):
        members = (f"{json.dumps(one, ensure_ascii=escaped)}: {json.dumps(inner)}" for one, inner in pairs)
        written = "{" + ", ".join(members) + "}"
        # The line is known to the reader of YAML, and that one refuses what is escaped in two halves.
        with pytest.raises((strict_json.JsonError, strict_yaml.EqualKeys), match=r"^x(:1)?: the key "):
            strict_json.documents(written, "x")
    with pytest.raises(strict_yaml.EqualKeys, match=r"^x:1: the key "):
        strict_yaml.documents("{" + ", ".join(f"{json.dumps(one, ensure_ascii=False)}: 1" for one, _inner in pairs) + "}", "x")
