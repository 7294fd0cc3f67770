# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys a chart knows, as its values.yaml, comments in it and its schema have them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

# Istio keeps its defaults under a key of their own, so that a profile can come between them and the user's values.
ISTIO_DEFAULTS = "_internal_defaults_do_not_set"

# What templates do with a value: ask whether it is there (`if`), write it into a text, hand on all of it (`toYaml`), compare it
# as a number or as true or false, compare it with a text, ask what kind it is.
# And of what is written: whether it is all that is written, as it stands. Of a mapping or a list: whether all that is in it is
# read, whatever its key is, whether keys are read by name, and whether it is handed on where Kubernetes takes texts only.
TESTED, PRINTED, WHOLE, COUNTED, WORDS, EITHER, WRITTEN, ANY, NAMED, TEXTS = (1 << bit for bit in range(10))


@dataclass
class Node:
    """A key the chart knows.

    `free`: neither values nor schema say what belongs below it; `use`: what templates do with it; `each`: what they do with
    whatever is below it.
    """

    children: dict[str, Node] = field(default_factory=dict)
    free: bool = False
    use: int = 0
    each: Node | None = None

    @property
    def open(self) -> bool:
        """Whether anything may stand below it: all of it has its effect, or nobody says which keys have one."""
        return bool(self.use & (WHOLE | ANY)) or (self.free and not self.use & NAMED)

    def add(self, path: list[str]) -> Node:
        here = self
        for key in path:
            here = here.children.setdefault(key, Node())
        return here

    def reads(self, path: Iterable[str | None]) -> Node:
        """Return what a template reads by this path, in which None is any key."""
        here = self
        for key in path:
            if key is None:
                here.each = here = here.each or Node()
            else:
                here.use |= NAMED
                here = here.children.setdefault(key, Node())
        return here

    def at(self, path: list[str]) -> Node | None:
        here: Node | None = self
        for key in path:
            here = here.children.get(key) if here else None
        return here

    def walk(self, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Node]]:
        for key, child in self.children.items():
            yield (*path, key), child
            yield from child.walk((*path, key))


def learn_values(known: Node, values: Mapping[str, Any]) -> None:
    for key, value in values.items():
        node = known.add([str(key)])
        if isinstance(value, Mapping) and value:
            learn_values(node, value)
        elif not isinstance(value, (bool, int, float, str)):
            # {}, [], null: the chart says nothing about what belongs there.
            node.free = True


# In a comment only what looks like a key of a chart, so no word that begins a sentence.
_KEY = re.compile(r"^(?P<indent>\s*)(?:(?P<hash>#)(?P<inner>\s*)(?P<named>[a-z]\w*)|(?P<key>[A-Za-z_][\w./-]*)):(?:\s|$)")


def learn_comments(known: Node, text: str) -> None:
    """Learn keys that values.yaml only names in a comment: `# hostNamespaceOnly: false`."""
    stack: list[tuple[int, str]] = []
    for line in text.splitlines():
        match = _KEY.match(line)
        if not match:
            continue
        indent = len(match["indent"]) + (max(len(match["inner"]) - 1, 0) if match["hash"] else 0)
        key = match["named"] or match["key"]
        while stack and stack[-1][0] >= indent:
            stack.pop()
        path = [above for _indent, above in stack if above != ISTIO_DEFAULTS]
        if match["hash"]:
            parent = known.at(path)
            if parent is not None and key not in parent.children:
                parent.add([key]).free = True
        stack.append((indent, key))


def learn_schema(known: Node, schema: Mapping[str, Any]) -> None:
    for key, inner in (schema.get("properties") or {}).items():
        node = known.add([key])
        kinds = inner.get("type")
        kinds = [kinds] if isinstance(kinds, str) else kinds or []
        if inner.get("properties"):
            learn_schema(node, inner)
        elif "object" in kinds or "array" in kinds or not kinds:
            node.free = True
