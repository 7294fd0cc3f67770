# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""YAML as people write it, read strictly: each key with its line, and refused where two readers would read it differently.

PyYAML takes the last of two equal keys without a word, and unfolds aliases without end; Kubernetes and Helm refuse both.
"""

from __future__ import annotations

import functools
import math
import operator
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from .document import MERGE, Document

# Aliases may stand for so many more nodes than are written down.
_UNFOLDED = 100_000
# No object of Kubernetes comes near it; the schemas of CRDs have some thirty levels.
_DEPTH = 200
# Nodes of so many levels are made without harm. A level of flow style has a bracket, and two of block style (a list in a mapping)
# have a column: with fewer brackets than half of it, and no row before a level of a quarter of it, a text has fewer levels.
_HARMLESS = 2000
# Of such a row, so many characters in a row of those that are looked at.
_LOOKED_AT = 25
_MARGIN = re.compile(rf"[ \t?:-]{{{_HARMLESS // 4 // _LOOKED_AT}}}")
_TAG = "tag:yaml.org,2002:"
# What nodes without a tag get: the very text, so that `is` tells them from those where the same was written.
_TEXT, _MAPPING, _SEQUENCE = _TAG + "str", _TAG + "map", _TAG + "seq"


class YamlError(ValueError):
    """The text is not what it should be; the message begins with `file:line`."""


class EqualKeys(YamlError):
    """A key stands twice in one mapping."""


class _Known(NamedTuple):
    """Stands where a node has its tag: the value of a plain scalar that is no text."""

    value: Any


@functools.cache
def _constructor() -> Any:
    """Make the class that makes values: nothing but what JSON has, as Helm and kubectl do. A date stays the text it is."""
    import yaml

    base: Any = yaml.constructor.SafeConstructor

    class Constructor(base):  # type: ignore[misc]
        pass

    for name in ("timestamp", "binary", "value"):
        Constructor.add_constructor(_TAG + name, Constructor.construct_scalar)
    Constructor.add_constructor(_TAG + "float", _float)
    for name in ("set", "omap", "pairs"):
        Constructor.add_constructor(_TAG + name, Constructor.construct_undefined)
    return Constructor


def _float(reader: Any, node: Any) -> float | str:
    value = reader.construct_yaml_float(node)
    return value if math.isfinite(value) else str(node.value)


@functools.cache
def _loader() -> Any:
    """Make the class that reads nodes."""
    import yaml

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    scalar, constructor = yaml.ScalarNode, _constructor()
    kinds = {yaml.MappingNode: _MAPPING, yaml.SequenceNode: _SEQUENCE}
    words = base.yaml_implicit_resolvers

    @functools.lru_cache(4096)
    def plain(value: str) -> str | _Known:
        tag = next((tag for tag, form in words.get(value[:1], ()) if form.match(value)), _TEXT)
        if tag in (_TEXT, MERGE):
            return tag
        try:
            known = constructor().construct_object(scalar(tag, value))
        except ValueError:
            # Said where its line is known.
            return str(tag)
        return _TEXT if known.__class__ is str else _Known(known)

    class Loader(base):  # type: ignore[misc]
        # As the base does it, which asks for every node anew: of plain scalars most are keys, and the same again and again.
        def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
            if kind is scalar:
                return plain(value) if implicit[0] else _TEXT
            return kinds[kind]

        # Nothing here is resolved by its path, which the base finds out for every node: the cheapest calls there are.
        descend_resolver = staticmethod(operator.is_)
        ascend_resolver = staticmethod(bool)

    return Loader


def documents(text: str, name: str) -> list[Document]:
    """Read every document of a file. `name` is the file's, for messages. Raises YamlError."""
    return list(one_by_one(text, name))


def one_by_one(text: str, name: str) -> Iterator[Document]:
    """Read documents as they are asked for: who drops one before the next has nodes of one in memory, not of all the file."""
    import yaml

    loader = None
    try:
        _refuse_deep(text, name)
        loader = _loader()(text)
        reading = _Reading(name)
        aliases = "*" in text and "&" in text
        while loader.check_node():
            yield reading.document(loader.get_node(), aliases)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        line = mark.line + 1 if mark else _line_at(text, error)
        said = getattr(error, "problem", None) or getattr(error, "reason", None) or " ".join(str(error).split())
        raise YamlError(f"{name}{f':{line}' if line else ''}: {said}") from None
    except UnicodeEncodeError as error:
        raise YamlError(f"{name}: it has half a character (at {error.start + 1})") from None
    except RecursionError:
        # Where PyYAML came without libyaml.
        raise YamlError(f"{name}: it is nested too deeply") from None
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

    # A bracket that is closed at once has nothing in it, wherever it stands.
    brackets = text.count("[") + text.count("{") - text.count("[]") - text.count("{}")
    if brackets < _HARMLESS // 2 and not _MARGIN.search(text[::_LOOKED_AT]):
        return
    depth = 0
    events: Iterable[Any] = yaml.parse(text, Loader=_loader())
    for event in events:
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEPTH:
            raise _too_deep(event, name)


def _too_deep(at: Any, name: str) -> YamlError:
    return YamlError(f"{name}:{at.start_mark.line + 1}: it is nested more than {_DEPTH} levels deep")


class _Reading:
    """Makes values of the nodes of one file."""

    def __init__(self, name: str) -> None:
        import yaml

        self._name = name
        self._scalar, self._mapping, self._sequence = yaml.ScalarNode, yaml.MappingNode, yaml.SequenceNode

    def document(self, node: Any, aliases: bool) -> Document:
        if aliases:
            self.refuse_unfolding(node)
        return Document(self.value(node), node.start_mark.line + 1, node)

    def value(self, node: Any, depth: int = 1) -> Any:
        """What the library would construct, with equal keys refused. Texts, mappings and lists are nearly all there is."""
        tag = node.tag
        if tag is _TEXT:
            return node.value
        if tag.__class__ is _Known:
            return tag.value
        kind = node.__class__
        if kind is self._scalar:
            return node.value if tag == _TEXT else self._constructed(node)
        if depth > _DEPTH:
            raise _too_deep(node, self._name)
        depth += 1
        if kind is self._sequence and tag == _SEQUENCE:
            return [self.value(inner, depth) for inner in node.value]
        if kind is not self._mapping or tag != _MAPPING:
            # Tagged as what it is not, or with a tag that nobody knows.
            return self._constructed(node)
        made: dict[str, Any] = {}
        merged = None
        for key, inner in node.value:
            if key.tag is not _TEXT:
                if key.__class__ is not self._scalar:
                    raise YamlError(f"{self._name}:{key.start_mark.line + 1}: a key must be a plain text")
                if key.tag == MERGE:
                    merged = self._merged(inner, depth)
                    continue
            # `8080:` is "8080" where it is read as Kubernetes and Helm do.
            made[key.value] = inner.value if inner.tag is _TEXT else self.value(inner, depth)
        if len(made) + (merged is not None) != len(node.value):
            raise self._equal(node)
        return made if merged is None else {**merged, **made}

    def _constructed(self, node: Any) -> Any:
        try:
            return _constructor()().construct_object(node, deep=True)
        except (ValueError, LookupError):
            # A number that Python has no value for; or tagged as what it is not, which the library does not look at.
            tag = node.tag.removeprefix(_TAG)
            raise YamlError(f"{self._name}:{node.start_mark.line + 1}: this is no {tag} that can be read") from None

    def _merged(self, node: Any, depth: int) -> dict[str, Any]:
        """Return what `<<` brings: of several mappings the first has the last word."""
        value = self.value(node, depth)
        merged: dict[str, Any] = {}
        for one in reversed(value) if isinstance(value, list) else (value,):
            if not isinstance(one, dict):
                raise YamlError(f"{self._name}:{node.start_mark.line + 1}: only mappings can be merged by <<")
            merged.update(one)
        return merged

    def _equal(self, node: Any) -> EqualKeys:
        first: dict[tuple[bool, str], int] = {}
        for key, _inner in node.value:
            line, this = key.start_mark.line + 1, (key.tag == MERGE, key.value)
            if this in first:
                break
            first[this] = line
        return EqualKeys(f"{self._name}:{line}: the key {key.value} stands here and in line {first[this]}")

    def refuse_unfolding(self, node: Any) -> None:
        """Refuse an alias inside what it stands for, and aliases that stand for very much."""
        # Of each mapping and list how many nodes it stands for; 0 while one is inside it.
        sizes: dict[int, int] = {}
        unfolded = 0

        def size(node: Any, depth: int) -> int:
            nonlocal unfolded
            if node.__class__ is self._scalar:
                return 1
            known = sizes.get(id(node))
            if known is not None:
                if not known:
                    raise YamlError(f"{self._name}:{node.start_mark.line + 1}: an alias stands inside its own anchor")
                unfolded += known
                return known
            if depth > _DEPTH:
                raise _too_deep(node, self._name)
            sizes[id(node)] = 0
            if node.__class__ is self._mapping:
                total = 1 + sum(size(key, depth + 1) + size(inner, depth + 1) for key, inner in node.value)
            else:
                total = 1 + sum(size(inner, depth + 1) for inner in node.value)
            sizes[id(node)] = total
            return total

        size(node, 1)
        if unfolded > _UNFOLDED:
            raise YamlError(f"{self._name}:{node.start_mark.line + 1}: its aliases unfold to more than {_UNFOLDED} nodes")
