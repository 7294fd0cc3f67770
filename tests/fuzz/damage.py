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
        kind = random.randrange(9)
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
        else:
            content = content[:at] + content[at:until][::-1] + content[until:]
    return content[:LARGEST]


def value(given: Any, random: Random) -> Any:
    """Change some members of a JSON value, which is changed in place, and return it."""
    places = [(None, None), *_members(given)]
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


def _members(given: Any) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    waiting = [given]
    while waiting:
        here = waiting.pop()
        keys = list(here) if isinstance(here, dict) else range(len(here)) if isinstance(here, list) else ()
        found += [(here, key) for key in keys]
        waiting += [here[key] for key in keys]
    return found
