# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Damages a file as disks, editors, templates and people do, and as somebody would who means harm."""

from __future__ import annotations

import json
from random import Random
from typing import Any

# No damaged file is larger: what a reader does with more, its limits of size say.
LARGEST = 64 * 1024

_BYTES = (
    b"\0",
    b"\xff",
    b"\xfe\xff",
    b"\xc3",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b"\r",
    b"\t",
    b"\x1b[31m",
    b"\x85",
    b"\xe2\x80\xa8",
)
_TOKENS = (
    b"{", b"}", b"[", b"]", b":", b": ", b",", b"-", b"- ", b"#", b'"', b"'", b"\\", b"|", b">", b"&a ", b"*a", b"<<: *a",
    b"!!binary x", b"!!python/object/apply:os.system [id]", b"!!set {a}", b"!!timestamp 2026-99-99", b"---\n", b"...\n",
    b"%YAML 9.9\n", b"? ", b"=", b"null", b"~", b"true", b"no", b".inf", b".nan", b"NaN", b"Infinity", b"1e999", b"-0",
    b"0x", b"0o9", b"1_0", b"1:60:60", b"2026-01-01", b"\\ud800", b"\\u0000", b"\n", b"\n\n", b"  ", b"a: &a [*a]\n",
    b'{"a":1,"a":2}', b"{{ .Values.x }}", b"..", b"/", b"*", b"$(id)",
)  # fmt: skip
# Before a value: YAML's own tags, on what is of another kind or of no kind; those of Python and of nobody; anchors and aliases.
_TAGS = (
    b"!!binary ", b"!!binary |\n", b"!!bool ", b"!!float ", b"!!int ", b"!!map ", b"!!merge ", b"!!null ", b"!!omap ",
    b"!!pairs ", b"!!seq ", b"!!set ", b"!!str ", b"!!timestamp ", b"!!value ", b"!!foo ", b"!!python/name:os.system ",
    b"!!python/tuple ", b"!!python/object:os.system ", b"!!python/object/new:os.system ", b"!!python/object/apply:os.system ",
    b"!foo ", b"! ", b"!! ", b"!e!foo ", b"!<tag:yaml.org,2002:int> ", b"!<!> ", b"!<> ", b"!%zz ", b"!!int &z ", b"&z ",
    b"&z !!set ", b"*z ", b"*z !!str ", b"!!binary \xff", b"!!int 0x", b"!!int 0b2 ", b"!!int 1:61 ", b"!!int 9_",
    b"!!float 1e9", b"!!timestamp 2026-02-30 ",
)  # fmt: skip
# Beside a key: what is merged and cannot be, what merges itself, and keys that are none.
_MEMBERS = (
    b"<<: 1", b"<<:", b"<<: x", b"<<: [1, {a: 1}]", b"<<: [[{a: 1}]]", b"<<: {<<: {a: 1}}", b"<<: *z", b"<<: [*z, *z]",
    b"<<: &z [*z]", b"<<: &z {<<: *z}", b"<<: !!set {a}", b"<<: !foo {a: 1}", b"<<: {a: 1}\n<<: {b: 1}", b"!!str <<: {a: 1}",
    b'"<<": {a: 1}', b"? <<", b"!!merge a: {b: 1}", b"? [a, b]\n: 1", b"? {a: 1}\n: 1", b"? &z [*z]\n: 1", b"*z : 1",
    b"&z a: *z", b"z: &z [*z]", b"z: &z {a: *z}", b"z: &z !!set {? *z}", b"z: &z {? *z : 1}", b"!!int a: 1", b"!!null x: 1",
    b"!foo a: 1", b"!!binary YQ==: 1", b"=: 1", b"1: a\n1: b", b"~: 1", b"null: 1", b"true: 1", b".nan: 1", b"2026-01-01: 1",
    b"z: !!set {a, a}", b"z: !!omap [a: 1, a: 2]", b"z: !!pairs [a, b]",
)  # fmt: skip
# Before a document.
_DIRECTIVES = (
    b"%TAG ! tag:example.com,2026:\n---\n", b"%TAG !! tag:example.com,2026:\n---\n", b"%TAG !e! !\n---\n", b"%TAG !! !!\n---\n",
    b"%TAG !e! tag:a:\n%TAG !e! tag:b:\n---\n", b"%TAG\n---\n", b"%TAG ! %zz\n---\n", b"%YAML 1.1\n---\n", b"%YAML 2.0\n---\n",
    b"%YAML 1.1\n%YAML 1.1\n---\n", b"%FOO bar\n---\n", b"%TAG !! tag:yaml.org,2002:\n", b"--- !!set\n", b"--- !foo\n",
    b"--- &z\n",
)  # fmt: skip
_WEIRD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**63, -(2**70), 10**400, 0.5, 1e308, "", " ", "x", "true", "null", "1.20.2", "v1.x",
    "9" * 5000, "\0", "\n", "a" * 20000, "../../etc", "é\u2028\U0001f600", [], {}, [None], [[]], {"": None},
    {"a": {"b": {"c": []}}}, ["x", 1, {}], [{"name": None}], {"matchLabels": []},
)  # fmt: skip


def _bombs(random: Random) -> bytes:
    depth = random.choice((10, 100, 300, 3000, 20000))
    return random.choice(
        (
            b"[" * depth,
            b"{a: " * depth,
            b'{"a":' * depth + b"1" + b"}" * depth,
            b"- " * depth + b"x",
            b"".join(b" " * at + b"a:\n" for at in range(min(depth, 300))),
            b"a0: &a0 [x,x]\n"
            + b"".join(b"a%d: &a%d [*a%d,*a%d]\n" % (at, at, at - 1, at - 1) for at in range(1, min(depth, 60))),
            b"a0: &a0 {x: y}\n"
            + b"".join(b"a%d: &a%d {<<: [*a%d,*a%d]}\n" % (at, at, at - 1, at - 1) for at in range(1, min(depth, 25))),
            b"9" * depth,
            b"1." + b"0" * depth,
            b"x" * depth,
            b"'" * depth,
            b'\\"' * depth,
            b"k: v\n" * min(depth, 3000),
            b"&a " * min(depth, 300),
            b"=" * depth,
            b" " * depth,
        )
    )


def text(content: bytes, random: Random) -> bytes:
    """Change some bytes, lines or stretches."""
    for _step in range(random.choice((1, 1, 1, 2, 3, 8))):
        at = random.randrange(len(content) + 1)
        until = min(len(content), at + random.choice((1, 2, 8, 40, 400)))
        kind = random.randrange(11)
        if kind == 0 and content:
            changed = bytearray(content)
            changed[at - 1] ^= 1 << random.randrange(8)
            content = bytes(changed)
        elif kind == 1:
            content = content[:at] + content[until:]
        elif kind == 2:
            content = content[:at] + content[at:until] * random.choice((2, 3, 50)) + content[until:]
        elif kind == 3:
            content = content[:at] + random.choice(_TOKENS) + content[at:]
        elif kind == 4:
            content = content[:at] + random.choice(_BYTES) + content[random.choice((at, until)) :]
        elif kind == 5:
            content = content[:at] + _bombs(random) + content[random.choice((at, until)) :]
        elif kind == 6:
            content = content[:at]
        elif kind == 7:
            lines = content.split(b"\n")
            one, other = random.randrange(len(lines)), random.randrange(len(lines))
            lines[one] = random.choice((lines[other], lines[other] + lines[one], b" " * random.randrange(9) + lines[one].strip()))
            content = b"\n".join(lines)
        elif kind >= 9:
            content = _tagged(content, random)
        else:
            content = content[:at] + content[at:until][::-1] + content[until:]
    return content[:LARGEST]


def _tagged(content: bytes, random: Random) -> bytes:
    """Put a tag before a value, a strange member beside a key, or a directive before a document."""
    lines = content.split(b"\n")
    at = random.randrange(len(lines))
    line = lines[at]
    kind = random.randrange(5)
    if kind == 0:
        lines.insert(at, line[: len(line) - len(line.lstrip())] + random.choice(_MEMBERS))
    elif kind == 1:
        starts = [number for number, one in enumerate(lines) if one.startswith(b"---")] or [0]
        lines.insert(random.choice(starts), random.choice(_DIRECTIVES).removesuffix(b"\n"))
    elif kind == 2:
        # An anchor, and behind it, perhaps inside of it, what stands for it.
        lines[at] = _before_value(line, b"&z ")
        after = random.randrange(at, min(len(lines), at + 6))
        lines[after] = lines[after].partition(b": ")[0] + random.choice((b": *z", b": [*z]", b": {<<: *z}", b": {<<: [*z, *z]}"))
    else:
        lines[at] = _before_value(line, random.choice(_TAGS))
    return b"\n".join(lines)


def _before_value(line: bytes, tag: bytes) -> bytes:
    for begin in (b": ", b"- ", b":"):
        key, mark, found = line.partition(begin)
        if mark:
            return key + mark.rstrip() + b" " + tag + found
    return tag + line


def value(given: Any, random: Random) -> Any:
    """Change some members of a JSON value, which is changed in place, and return it."""
    places = [(None, None), *members(given)]
    for _step in range(random.choice((1, 1, 1, 2, 4))):
        above, key = random.choice(places)
        new = random.choice(_WEIRD)
        if above is None:
            # The whole of it, and that seldom.
            if random.random() < 0.05:
                return json.loads(json.dumps(new))
            continue
        kind = random.randrange(6)
        try:
            if kind == 0:
                del above[key]
            elif kind == 1 and isinstance(above, dict):
                above[random.choice((f"{key}x", str(key).upper(), "", "name"))] = above.pop(key)
            elif kind == 2:
                other, place = random.choice(places[1:])
                above[key] = json.loads(json.dumps(other[place]))
            elif kind == 3:
                above[key] = [above[key]] if random.random() < 0.5 else {"x": above[key]}
            else:
                above[key] = json.loads(json.dumps(new))
        except (KeyError, IndexError):
            # An earlier step took it away.
            continue
    return given


def members(given: Any) -> list[tuple[Any, Any]]:
    """Return each mapping or list of a value with each of its keys or places."""
    found: list[tuple[Any, Any]] = []
    waiting = [given]
    while waiting:
        here = waiting.pop()
        keys = list(here) if isinstance(here, dict) else range(len(here)) if isinstance(here, list) else ()
        found += [(here, key) for key in keys]
        waiting += [here[key] for key in keys]
    return found
