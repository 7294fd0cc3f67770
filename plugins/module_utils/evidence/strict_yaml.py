# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""YAML as people write it, read strictly: each key with its line, and refused where two readers would read it differently.

PyYAML takes the last of two equal keys without a word, and unfolds aliases without end; Kubernetes and Helm refuse both.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

# Aliases may stand for so many more nodes than are written down.
_UNFOLDED = 100_000
# No object of Kubernetes comes near it; the schemas of CRDs have some thirty levels.
_DEPTH = 200
_TAG = "tag:yaml.org,2002:"
_BASE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class YamlError(ValueError):
    """The text is not what it should be; the message begins with `file:line`."""


@dataclass
class Document:
    """One document: its value, its first line, and the line of each key by its dotted path (`cni.exclusive`)."""

    value: Any
    line: int
    lines: dict[str, int]


class _Loader(_BASE):  # type: ignore[misc]
    """Gives nothing but what JSON has, as Helm and kubectl do: a date stays the text it is written as."""


def _text(_loader: Any, node: Any) -> str:
    return str(node.value)


def _float(loader: Any, node: Any) -> float | str:
    value = loader.construct_yaml_float(node)
    return value if math.isfinite(value) else str(node.value)


# `value` is a lone `=`, as the enumerations of some CRDs have it.
for _name in ("timestamp", "binary", "value"):
    _Loader.add_constructor(_TAG + _name, _text)
_Loader.add_constructor(_TAG + "float", _float)
for _name in ("set", "omap", "pairs"):
    _Loader.add_constructor(_TAG + _name, _Loader.construct_undefined)


def documents(text: str, name: str) -> list[Document]:
    """Read every document of a file. `name` is the file's, for messages."""
    loader = None
    try:
        _refuse_deep(text, name)
        loader = _Loader(text)
        return [_document(loader, node, name) for node in _nodes(loader)]
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        said = getattr(error, "problem", None) or getattr(error, "reason", None) or " ".join(str(error).split())
        raise YamlError(f"{name}{f':{mark.line + 1}' if mark else ''}: {said}") from None
    except ValueError as error:
        if isinstance(error, YamlError):
            raise
        # A number or date that Python has no value for.
        raise YamlError(f"{name}: {error}") from None
    finally:
        if loader is not None:
            loader.dispose()


def _refuse_deep(text: str, name: str) -> None:
    """Refuse what is nested too deeply before nodes are made of it: libyaml's reader of nodes ends the process there."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _DEPTH:
                raise YamlError(f"{name}:{event.start_mark.line + 1}: it is nested more than {_DEPTH} levels deep")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _nodes(loader: Any) -> Iterator[Any]:
    while loader.check_node():
        yield loader.get_node()


def _document(loader: Any, node: Any, name: str) -> Document:
    sizes: dict[int, int] = {}
    if _size(node, sizes, name) - len(sizes) > _UNFOLDED:
        raise YamlError(f"{name}:{node.start_mark.line + 1}: its aliases unfold to more than {_UNFOLDED} nodes")
    value = loader.construct_document(node)
    lines: dict[str, int] = {}
    # After the construction: then a mapping's node has what `<<` merged into it.
    _learn_lines(node, (), lines)
    return Document(value, node.start_mark.line + 1, lines)


def _size(node: Any, sizes: dict[int, int], name: str) -> int:
    """Return how many nodes it stands for, aliases unfolded. Refuses equal keys, and an alias inside what it stands for."""
    known = sizes.get(id(node))
    if known is not None:
        if not known:
            raise YamlError(f"{name}:{node.start_mark.line + 1}: an alias stands inside its own anchor")
        return known
    sizes[id(node)] = 0
    size = 1
    if isinstance(node, yaml.MappingNode):
        first: dict[tuple[str, str], int] = {}
        for key, inner in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise YamlError(f"{name}:{line}: a key must be a plain text")
            if (key.tag, key.value) in first:
                raise YamlError(f"{name}:{line}: the key {key.value} stands here and in line {first[key.tag, key.value]}")
            first[key.tag, key.value] = line
            size += 1 + _size(inner, sizes, name)
    elif isinstance(node, yaml.SequenceNode):
        size += sum(_size(inner, sizes, name) for inner in node.value)
    sizes[id(node)] = size
    return size


def _learn_lines(node: Any, path: tuple[str, ...], lines: dict[str, int]) -> None:
    if isinstance(node, yaml.MappingNode):
        for key, inner in node.value:
            here = (*path, str(key.value))
            lines[".".join(here)] = key.start_mark.line + 1
            _learn_lines(inner, here, lines)
