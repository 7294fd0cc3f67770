# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""YAML as people write it, read strictly: each key with its line, and refused where two readers would read it differently.

PyYAML takes the last of two equal keys without a word, and unfolds aliases without end; Kubernetes and Helm refuse both.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

# Aliases may stand for so many more nodes than are written down.
_UNFOLDED = 100_000
# No object of Kubernetes comes near it; the schemas of CRDs have some thirty levels.
_DEPTH = 200
_TAG = "tag:yaml.org,2002:"


class YamlError(ValueError):
    """The text is not what it should be; the message begins with `file:line`."""


class EqualKeys(YamlError):
    """A key stands twice in one mapping."""


@dataclass
class Document:
    """One document: its value, its first line, and the line of each key and entry by its dotted path (`items.0.kind`)."""

    value: Any
    line: int
    lines: dict[str, int]


@functools.cache
def _loader() -> Any:
    """Make the class that reads: it gives nothing but what JSON has, as Helm and kubectl do. A date stays the text it is."""
    import yaml

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    class Loader(base):  # type: ignore[misc]
        pass

    # `value` is a lone `=`, as the enumerations of some CRDs have it.
    for name in ("timestamp", "binary", "value"):
        Loader.add_constructor(_TAG + name, _text)
    Loader.add_constructor(_TAG + "float", _float)
    for name in ("set", "omap", "pairs"):
        Loader.add_constructor(_TAG + name, Loader.construct_undefined)
    return Loader


def _text(_reader: Any, node: Any) -> str:
    return str(node.value)


def _float(reader: Any, node: Any) -> float | str:
    value = reader.construct_yaml_float(node)
    return value if math.isfinite(value) else str(node.value)


def documents(text: str, name: str) -> list[Document]:
    """Read every document of a file. `name` is the file's, for messages."""
    import yaml

    loader = None
    try:
        _refuse_deep(text, name)
        loader = _loader()(text)
        return [_document(loader, node, name) for node in _nodes(loader)]
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        line = mark.line + 1 if mark else _line_at(text, error)
        said = getattr(error, "problem", None) or getattr(error, "reason", None) or " ".join(str(error).split())
        raise YamlError(f"{name}{f':{line}' if line else ''}: {said}") from None
    except ValueError as error:
        if isinstance(error, YamlError):
            raise
        # A number or date that Python has no value for.
        raise YamlError(f"{name}: {error}") from None
    finally:
        if loader is not None:
            loader.dispose()


def _line_at(text: str, error: Any) -> int:
    """Return the line of a character that may not be there, of which the reader says how many bytes are before it; 0 else."""
    at = getattr(error, "position", None)
    return 0 if at is None else text.encode("utf-8", "surrogatepass")[:at].count(b"\n") + 1


def _refuse_deep(text: str, name: str) -> None:
    """Refuse what is nested too deeply before nodes are made of it: libyaml's reader of nodes ends the process there."""
    import yaml

    depth = 0
    events: Iterable[Any] = yaml.parse(text, Loader=_loader())
    for event in events:
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEPTH:
            raise YamlError(f"{name}:{event.start_mark.line + 1}: it is nested more than {_DEPTH} levels deep")


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
    if node.id == "mapping":
        first: dict[tuple[str, str], int] = {}
        for key, inner in node.value:
            line = key.start_mark.line + 1
            if key.id != "scalar":
                raise YamlError(f"{name}:{line}: a key must be a plain text")
            if key.tag != _TAG + "merge":
                # `8080:` is "8080" where it is read as Kubernetes and Helm do.
                key.tag = _TAG + "str"
            if (key.tag, key.value) in first:
                raise EqualKeys(f"{name}:{line}: the key {key.value} stands here and in line {first[key.tag, key.value]}")
            first[key.tag, key.value] = line
            size += 1 + _size(inner, sizes, name)
    elif node.id == "sequence":
        size += sum(_size(inner, sizes, name) for inner in node.value)
    sizes[id(node)] = size
    return size


def _learn_lines(node: Any, path: tuple[str, ...], lines: dict[str, int]) -> None:
    if node.id == "mapping":
        for key, inner in node.value:
            here = (*path, str(key.value))
            lines[".".join(here)] = key.start_mark.line + 1
            _learn_lines(inner, here, lines)
    elif node.id == "sequence":
        for index, inner in enumerate(node.value):
            here = (*path, str(index))
            lines[".".join(here)] = inner.start_mark.line + 1
            _learn_lines(inner, here, lines)
