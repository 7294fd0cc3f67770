# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A document of a file as `strict_yaml` and `strict_json` read it: its value, and where its keys stand."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

MERGE = "tag:yaml.org,2002:merge"

# Keys by the key above them; with none below it, all of what is there.
Branches = Mapping[str, "Branches"]


def branches(paths: Iterable[Sequence[str]]) -> Branches:
    """Put paths into the form in which `lines_below` takes them. None of them begins with another."""
    tree: dict[str, Any] = {}
    for path in paths:
        here = tree
        for name in path:
            here = here.setdefault(name, {})
    return tree


class Document:
    """One document: its value, its first line, and the line of each key and entry by its dotted path (`items.0.kind`).

    Lines are made when somebody asks, which of most manifests nobody does, and of the nodes of YAML, which are many times as
    large as the value: who keeps values does not keep documents. JSON is read without nodes, and has only the first line.
    """

    def __init__(self, value: Any, line: int, node: Any = None) -> None:
        self.value = value
        self.line = line
        self._node = node

    @functools.cached_property
    def lines(self) -> dict[str, int]:
        lines: dict[str, int] = {}
        if self._node is not None:
            _learn_lines(self._node, (), lines)
        return lines

    def lines_below(self, tree: Branches) -> dict[str, int]:
        """Return the lines of these keys, and of those right below the last of each path, and no others."""
        lines: dict[str, int] = {}
        if self._node is not None:
            _lines_below(self._node, tree, "", lines)
        return lines

    def entries(self, name: str) -> list[Document]:
        """Return what is in the list of this key, each as a document of its own."""
        items = self.value[name]
        node = _below(self._node, name)
        if node is None or node.id != "sequence":
            return [Document(item, self.line) for item in items]
        return [Document(item, one.start_mark.line + 1, one) for item, one in zip(items, node.value, strict=True)]


def _below(node: Any, name: str) -> Any:
    """Return the node of a key's value; None where there is none."""
    if node is not None and node.id == "mapping":
        for key, inner in node.value:
            if key.value == name and key.tag != MERGE:
                return inner
    return None


def _lines_below(node: Any, tree: Branches, path: str, lines: dict[str, int]) -> None:
    if node.id != "mapping":
        return
    for key, inner in node.value:
        name = key.value
        if not tree:
            lines[f"{path}{name}"] = key.start_mark.line + 1
        elif name in tree and key.tag != MERGE:
            lines[f"{path}{name}"] = key.start_mark.line + 1
            _lines_below(inner, tree[name], f"{path}{name}.", lines)


def _learn_lines(node: Any, path: tuple[str, ...], lines: dict[str, int]) -> None:
    if node.id == "mapping":
        # What is merged first: the keys that stand here themselves go over it, as their values do.
        for key, inner in node.value:
            if key.tag == MERGE:
                for one in reversed(inner.value) if inner.id == "sequence" else (inner,):
                    _learn_lines(one, path, lines)
        for key, inner in node.value:
            if key.tag != MERGE:
                here = (*path, str(key.value))
                lines[".".join(here)] = key.start_mark.line + 1
                _learn_lines(inner, here, lines)
    elif node.id == "sequence":
        for index, inner in enumerate(node.value):
            here = (*path, str(index))
            lines[".".join(here)] = inner.start_mark.line + 1
            _learn_lines(inner, here, lines)
