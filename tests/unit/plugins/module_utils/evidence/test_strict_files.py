# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

import datetime
import json

import pytest
import yaml

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import strict_json, strict_yaml


def values(text):
    return [one.value for one in strict_yaml.documents(text, "f.yaml")]


def test_each_key_has_its_line():
    (document,) = strict_yaml.documents("# c\na: 1\nb:\n  c:\n    - d: 1\n  e: {f: 2}\n", "f.yaml")
    assert document.lines == {"a": 2, "b": 3, "b.c": 4, "b.c.0": 5, "b.c.0.d": 5, "b.e": 6, "b.e.f": 6}
    assert document.value == {"a": 1, "b": {"c": [{"d": 1}], "e": {"f": 2}}}


def test_documents_know_where_they_begin():
    assert [(one.line, one.value) for one in strict_yaml.documents("a: 1\n---\n# c\nb: 2\n---\n", "f.yaml")] == [
        (1, {"a": 1}),
        (4, {"b": 2}),
        (6, None),
    ]


def test_what_a_merge_brings_has_the_line_it_is_written_in():
    (document,) = strict_yaml.documents("x: &x\n  a: 1\ny:\n  <<: *x\n  b: 2\n", "f.yaml")
    assert document.value["y"] == {"a": 1, "b": 2}
    assert document.lines["y.a"] == 2


def test_everything_read_is_json():
    text = "d: 2026-11-22\nt: 2026-11-22T10:00:00Z\nb: !!binary aGk=\nn: .nan\ni: -.inf\nf: 1.5\ne: [=, ~]\n"
    assert values(text) == [
        {"d": "2026-11-22", "t": "2026-11-22T10:00:00Z", "b": "aGk=", "n": ".nan", "i": "-.inf", "f": 1.5, "e": ["=", None]}
    ]
    json.dumps(values(text), allow_nan=False)


def test_a_key_is_a_text_whatever_it_looks_like():
    assert values("8080: a\ntrue: b\n~: c\n2026-11-22: d\n") == [{"8080": "a", "true": "b", "~": "c", "2026-11-22": "d"}]
    with pytest.raises(strict_yaml.EqualKeys):
        values('1: a\n"1": b\n')


@pytest.mark.parametrize(
    "text,said",
    [
        ("a: 1\nb: [1\nc: 2\n", "f.yaml:3: "),
        ("a: 1\nb:\n  c: 1\n  c: 2\n", "f.yaml:4: the key c stands here and in line 3"),
        ("a: {b: 1, b: 1}", "f.yaml:1: the key b stands here and in line 1"),
        ("a: &a\n  b: *a\n", "f.yaml:1: an alias stands inside its own anchor"),
        ("a: {{ .Values.x }}\n", "f.yaml:1: a key must be a plain text"),
        ("a: !!python/object/apply:os.system [id]\n", "f.yaml:1: "),
        ("a: !!set {b}\n", "f.yaml:1: "),
        ("a: *b\n", "f.yaml:1: "),
        ("a: \x00\n", "f.yaml"),
        ("[" * 1000000, "f.yaml:1: it is nested"),
        ("- " * 100000, "f.yaml:1: it is nested"),
        ("? " * 100000, "f.yaml:1: it is nested"),
        ("- " * 201 + "a", "f.yaml:1: it is nested"),
        ("*" + "a: 1\nb: *a" + "[" * 201 + "]" * 201, "f.yaml:1: "),
        # What libyaml takes for the beginning of a line, and Python does not.
        ("\ufeff" + "- " * 100000, "f.yaml:1: it is nested"),
        ("a:\r " + "- " * 100000, "f.yaml:2: it is nested"),
        ("a:\u2028 " + "- " * 100000, "f.yaml:2: it is nested"),
        ("a: 1\nb: !!str {c: 1}", "f.yaml:2: "),
        ("a: 1\nb: !!map c", "f.yaml:2: "),
        ("a: 1\nb: !!seq c", "f.yaml:2: "),
        ("a: 1\nb: !!timestamp {c: 1}", "f.yaml:2: "),
        ("a: 1\nb: !!bool maybe", "f.yaml:2: this is no bool that can be read"),
        ("a: 1\nb: !!int ''", "f.yaml:2: this is no int that can be read"),
        ("a: 1\nb: !!float x", "f.yaml:2: this is no float that can be read"),
        ("a: 1\nb: " + "9" * 5000, "f.yaml:2: this is no int that can be read"),
        ("a: 1\nb: !!map [c]", "f.yaml:2: "),
        ("<<: {a: 1,\n  a: 2}\nb: 1", "f.yaml:2: the key a stands here and in line 1"),
        ("x: 1\n<<: {a: 1}\n<<: {b: 1}", "f.yaml:3: the key << stands here and in line 2"),
        ("x: 1\n<<: 4", "f.yaml:2: only mappings can be merged by <<"),
        ("<<: {" * 5000, "f.yaml:1: it is nested"),
        ("a: é\nb: é\nc: \0\n", "f.yaml:3: control characters are not allowed"),
        ("a: 2024-13-45\nb: 99999999999999999999:99\nc: !!int x", "f.yaml"),
        ("a: " + "{a: " * 3000 + "1" + "}" * 3000, "f.yaml"),
    ],
)
def test_what_is_refused_is_named_with_its_line(text, said):
    with pytest.raises(strict_yaml.YamlError) as error:
        values(text)
    assert str(error.value).startswith(said)


def test_a_bomb_of_aliases_is_refused():
    text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in range(1, 9):
        text += f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]\n"
    with pytest.raises(strict_yaml.YamlError, match=r"f.yaml:1: its aliases unfold"):
        values(text)


def test_what_is_written_down_is_no_bomb_however_much_it_is():
    keys = {f"k{at}": "v" for at in range(120_000)}
    assert values("a: &a 1\nb: *a\nc: " + json.dumps(keys)) == [{"a": 1, "b": 1, "c": keys}]


def test_merges_are_read_as_kubernetes_reads_them():
    text = 'x: &x {a: 1, b: {c: 1}}\ny: &y\n  a: 2\n  d: 2\n  <<: {a: 3, e: 3}\nz:\n  f: 4\n  <<: [*x, *y]\n  d: 4\n"<<": 5\n'
    (read,) = strict_yaml.documents(text, "f.yaml")
    assert read.value == {
        "x": {"a": 1, "b": {"c": 1}},
        "y": {"a": 2, "d": 2, "e": 3},
        "z": {"a": 1, "b": {"c": 1}, "d": 4, "e": 3, "f": 4},
        "<<": 5,
    }
    assert (read.lines["z.a"], read.lines["z.b.c"], read.lines["z.d"], read.lines["z.e"]) == (1, 1, 9, 5)


def test_merges_inside_merges_take_no_time_of_their_own():
    assert values("{<<: " * 190 + "{a: 1}" + ", b: 1}" * 190) == [{"a": 1, "b": 1}]


@pytest.mark.parametrize(
    "plain",
    [
        None,
        *"yYnNtfoO~<.",
        "yes",
        "No",
        "on",
        "OFF",
        "true",
        "False",
        "null",
        "Null",
        "017",
        "0o17",
        "0x1F",
        "0b11",
        "1_000",
        "-1",
        "+12",
        "1:30",
        "1e3",
        "1.5e+3",
        ".5",
        "1.",
        "2026-01-01",
        "v1",
        "nginx",
        "-a",
        "1.2.3",
    ],
)
def test_plain_words_and_numbers_are_what_the_library_takes_them_for(plain):
    for written in ([plain or ""], [plain or "", "x", plain or ""]):
        text = "\n".join(f"- {one}" for one in written)
        read = [
            word if isinstance(one, (str, datetime.date)) else one
            for one, word in zip(yaml.safe_load(text), written, strict=True)
        ]
        assert values(text) == [read]
        assert values(text.replace("- ", "- '").replace("\n", "'\n") + "'") == [written]


def test_aliases_as_people_use_them_are_no_bomb():
    assert values("a: &a {b: 1}\nc: *a\nd: [*a, *a]\n") == [{"a": {"b": 1}, "c": {"b": 1}, "d": [{"b": 1}, {"b": 1}]}]


def test_json_values_follow_one_another():
    given = '\n{"a":\n1}\n{"b": [2]} [\n] 7'
    found = [(one.value, one.line) for one in strict_json.documents(given, "f.json")]
    assert found == [({"a": 1}, 2), ({"b": [2]}, 4), ([], 4), (7, 5)]
    assert strict_json.documents(" \n", "f.json") == []


@pytest.mark.parametrize(
    "text,said",
    [
        ('{"a": 1,\n 2}', "f.json:2: "),
        ('{"a": 1,\n "a": 2}', "f.json:2: the key a stands here and in line 1"),
        # Two values are no YAML, so the line is not known.
        ('{"a": 1}\n{"b": 1, "b": 2}', "f.json"),
        ('["[[\\"[",\n' + "[" * 200000, "f.json:2: it is nested too deeply"),
        ("9" * 5000, "f.json: "),
        ('"\\ud800"', "f.json: it has an escape that is half a character"),
    ],
)
def test_json_that_is_refused_is_named(text, said):
    with pytest.raises(ValueError) as error:
        strict_json.documents(text, "f.json")
    assert str(error.value).startswith(said)


def test_equal_keys_are_named_although_the_reader_of_lines_knows_no_escape_in_two_halves():
    with pytest.raises(strict_json.JsonError, match=r"^x: the key a stands twice"):
        strict_json.documents('{"x": "\\ud83d\\ude00", "a": 1, "a": 2}', "x")
