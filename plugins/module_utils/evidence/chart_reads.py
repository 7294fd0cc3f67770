# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a chart's templates read of its values, and what they do with each.

The templates are followed as Helm would follow them, with every branch taken: through variables, `with`, `range`, mappings that
are made or merged, and templates that others include.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Optional

from .chart_keys import ANY, COUNTED, EITHER, ISTIO_DEFAULTS, PRINTED, TESTED, TEXTS, WHOLE, WORDS, WRITTEN, Node
from .go_template import Action, Operand, Pipeline, parse

# Keys down to a value; None is any key, or any item of a list.
Path = tuple[Optional[str], ...]

# Mappings of Kubernetes' objects whose values are texts, and nothing else.
_OF_TEXTS = ("annotations", "labels", "matchLabels", "nodeSelector", "data", "stringData")
# A template that includes itself with what is below stops here; no chart's values are so deep, or its templates so many.
_DEEPEST = 16
_MOST_INCLUDED = 1000


@dataclass(frozen=True)
class Value:
    """What a pipeline may come to: values at these paths, a mapping or a list with these entries, or a literal.

    `item`: what any of the entries may be whose key is not known.
    """

    paths: frozenset[Path] = frozenset()
    entries: tuple[tuple[str, Value], ...] = ()
    item: Value | None = None
    # "" is none.
    literal: str = ""
    text: str = ""
    # All values, or some of the topmost, as they were given: who gets them reads them as values again.
    values: bool = False


_NOTHING = Value()


def _either(several: Iterable[Value | None]) -> Value:
    known = [one for one in several if one is not None and one != _NOTHING and not one.literal]
    if len(known) <= 1:
        return known[0] if known else _NOTHING
    entries: dict[str, Value] = {}
    for one in known:
        for key, value in one.entries:
            entries[key] = _either((entries.get(key), value))
    items = [one.item for one in known if one.item is not None]
    return Value(
        frozenset().union(*(one.paths for one in known)),
        tuple(sorted(entries.items(), key=lambda entry: entry[0])),
        _either(items) if items else None,
        values=any(one.values for one in known),
    )


def learn(known: Node, texts: Mapping[str, str]) -> None:
    """Learn what the templates of a chart, by their names, read below `.Values`. Raises RecursionError."""
    trees = {name: parse(text) for name, text in texts.items()}
    reader = _Templates(known)
    for tree in trees.values():
        reader.define(tree)
    for tree in trees.values():
        reader.follow(tree, _ROOT)


_ROOT = Value(entries=(("Values", Value(frozenset({()}), values=True)),))


@dataclass
class _Templates:
    """All templates of a chart."""

    known: Node
    named: dict[str, list[Action]] = field(default_factory=dict)
    included: set[tuple[str, Value]] = field(default_factory=set)
    times: dict[str, int] = field(default_factory=dict)

    def define(self, actions: list[Action]) -> None:
        for one in actions:
            if one.word in ("define", "block"):
                self.named[one.name] = one.body
            self.define(one.body)
            self.define(one.otherwise)

    def include(self, name: str, argument: Value) -> bool:
        """Follow a template with what it is given; say whether there is one of this name."""
        if name not in self.named:
            return False
        times = self.times.get(name, 0)
        if (name, argument) not in self.included and times < _MOST_INCLUDED:
            self.included.add((name, argument))
            self.times[name] = times + 1
            self.follow(self.named[name], argument)
        return True

    def follow(self, actions: list[Action], argument: Value) -> None:
        _Scope(self, [{"$": argument}]).actions(actions, argument)


@dataclass
class _Scope:
    """One template that is followed, with its variables: of each open block those that it declares."""

    templates: _Templates
    variables: list[dict[str, Value]]
    # The key in the manifest that what is written now is below.
    below: str = ""

    def actions(self, actions: list[Action], dot: Value) -> None:
        for one in actions:
            if one.word in ("define", ""):
                if not one.word:
                    self.below = one.below
                    self._written(one.pipeline, dot)
                continue
            if one.word in ("template", "block"):
                self.templates.include(one.name, self._pipeline(one.pipeline, dot))
                continue
            self.variables.append({})
            self.actions(one.body, self._begun(one, dot))
            self.variables.pop()
            self.variables.append({})
            self.actions(one.otherwise, dot)
            self.variables.pop()

    def _begun(self, block: Action, dot: Value) -> Value:
        """Return what the dot is in a block."""
        found = self._pipeline(block.pipeline, dot)
        if block.word != "range":
            self._used(found, TESTED)
            self._keep(block.pipeline, found)
            return found if block.word == "with" else dot
        self._used(found, ANY, down=False)
        each = self._item(found)
        if block.pipeline.variables:
            self.variables[-1].update(dict.fromkeys(block.pipeline.variables, _NOTHING) | {block.pipeline.variables[-1]: each})
        return each

    def _written(self, pipeline: Pipeline, dot: Value) -> None:
        found = self._pipeline(pipeline, dot)
        if pipeline.variables:
            self._keep(pipeline, found)
        else:
            self._used(found, PRINTED | WRITTEN)

    def _keep(self, pipeline: Pipeline, found: Value) -> None:
        for name in pipeline.variables:
            there = next((one for one in reversed(self.variables) if name in one), self.variables[-1])
            if pipeline.assigns:
                there[name] = _either((there.get(name), found))
            else:
                self.variables[-1][name] = found

    def _pipeline(self, pipeline: Pipeline, dot: Value) -> Value:
        found: Value | None = None
        for command in pipeline.commands:
            found = self._command(command, dot, found)
        return found or _NOTHING

    def _command(self, command: tuple[Operand, ...], dot: Value, before: Value | None) -> Value:
        if not command:
            return _NOTHING
        first, *others = command
        arguments = [self._operand(one, dot) for one in others] + ([before] if before is not None else [])
        if first.kind == "function":
            return self._call(first.name, arguments)
        # Beside anything else they are a method's: .Files.Get
        self.formatted(arguments)
        return self._operand(first, dot)

    def _operand(self, operand: Operand, dot: Value) -> Value:
        if operand.kind == "text":
            return Value(literal="text", text=operand.name)
        if operand.kind == "number":
            return Value(literal="number", text=operand.name)
        if operand.kind == "function":
            return self._call(operand.name, [])
        if operand.inner is not None:
            found = self._pipeline(operand.inner, dot)
        elif operand.name:
            found = next((one[operand.name] for one in reversed(self.variables) if operand.name in one), _NOTHING)
        else:
            found = dot
        for key in operand.fields:
            found = self._field(found, key)
        return found

    def _field(self, of: Value, key: str) -> Value:
        found = [Value(self._known((*path, key) for path in of.paths))] if of.paths else []
        return _either((*found, *(value for name, value in of.entries if name == key)))

    def _item(self, of: Value) -> Value:
        found = [Value(self._known((*path, None) for path in of.paths if path))] if of.paths else []
        return _either((*found, of.item, *(value for _key, value in of.entries)))

    def _known(self, paths: Iterable[Path]) -> frozenset[Path]:
        # Defaults that Istio merges into the values are values.
        found = frozenset(path for path in paths if path != (ISTIO_DEFAULTS,) and len(path) <= _DEEPEST)
        for path in found:
            self.templates.known.reads(path)
        return found

    def _used(self, value: Value, use: int, down: bool = True) -> None:
        """Keep what is done with a value; `down`: and with all that a list or a mapping that templates made is of."""
        if value.values:
            return
        for path in value.paths:
            self.templates.known.reads(path).use |= use
        if down and use & (PRINTED | WHOLE):
            for _key, inner in value.entries:
                self._used(inner, use & ~WRITTEN)
            if value.item is not None:
                self._used(value.item, use & ~WRITTEN)

    # --- Functions ---

    def _call(self, name: str, given: list[Value]) -> Value:
        handler = _FUNCTIONS.get(name)
        if handler is not None and given:
            return handler(self, given)
        # What a function makes of it is not known; of a mapping, every key may have its effect.
        return self._ends(given, PRINTED | ANY)

    def _ends(self, given: Iterable[Value], use: int) -> Value:
        """Keep what is done with each value, of which none comes out."""
        for one in given:
            self._used(one, use)
        return _NOTHING

    def asked(self, given: list[Value]) -> Value:
        return self._ends(given, TESTED)

    def several(self, given: list[Value]) -> Value:
        # One of them is what comes out; the last is not asked, unless what comes out is.
        self.asked(given[:-1])
        return _either(given)

    def chosen(self, given: list[Value]) -> Value:
        self.asked(given[-1:])
        return _either(given[:-1])

    def any_of(self, given: list[Value]) -> Value:
        return _either(given)

    def first_of(self, given: list[Value]) -> Value:
        return given[0]

    def last_of(self, given: list[Value]) -> Value:
        return given[-1]

    def handed_on(self, given: list[Value]) -> Value:
        return self._ends(given, WHOLE | TEXTS if self.below in _OF_TEXTS else WHOLE)

    def evaluated(self, given: list[Value]) -> Value:
        return self.handed_on(given[:1])

    def ordered(self, given: list[Value]) -> Value:
        return self._ends(given, COUNTED)

    def equal(self, given: list[Value]) -> Value:
        beside = {one.literal for one in given}
        return self._ends(given, WORDS if "text" in beside else COUNTED if "number" in beside else PRINTED)

    def kind_of(self, given: list[Value]) -> Value:
        # Whether there is none at all says nothing of which kinds there may be.
        return _NOTHING if any(one.text == "invalid" for one in given) else self._ends(given, EITHER)

    def converted(self, given: list[Value]) -> Value:
        return self._ends(given, PRINTED)

    def as_text(self, given: list[Value]) -> Value:
        self.converted(given)
        return given[-1]

    def formatted(self, given: list[Value]) -> Value:
        return self._ends(given, PRINTED | WRITTEN)

    def made_list(self, given: list[Value]) -> Value:
        return Value(entries=tuple((str(at), one) for at, one in enumerate(given)))

    def made_mapping(self, given: list[Value]) -> Value:
        pairs = list(zip(given[::2], given[1::2], strict=False))
        entries = {key.text: value for key, value in pairs if key.literal == "text"}
        others = [value for key, value in pairs if key.literal != "text"]
        return Value(entries=tuple(sorted(entries.items())), item=_either(others) if others else None)

    def inside(self, given: list[Value]) -> Value:
        found, *keys = given
        for key in keys:
            if key.literal == "text" or (key.literal and found.entries):
                found = self._field(found, key.text)
            else:
                self._used(found, ANY, down=False)
                found = self._item(found)
        return found

    def dug(self, given: list[Value]) -> Value:
        *keys, default, found = given
        return _either((self.inside([found, *keys]), default))

    def has_key(self, given: list[Value]) -> Value:
        self.inside(given)
        return _NOTHING

    def picked(self, given: list[Value]) -> Value:
        found, *keys = given
        if any(key.literal != "text" for key in keys):
            return found
        entries = {key.text: self._field(found, key.text) for key in keys}
        return Value(entries=tuple(sorted(entries.items())), values=found.values)

    def put(self, given: list[Value]) -> Value:
        found, key, value = (*given, _NOTHING, _NOTHING)[:3]
        return _either((found, Value(entries=((key.text, value),)))) if key.literal == "text" else _either((found, value))

    def included(self, given: list[Value]) -> Value:
        name, *arguments = given
        if not self.templates.include(name.text, arguments[0] if arguments else _NOTHING):
            # Which one it is is not known, or it is another chart's.
            self.handed_on(arguments)
        return _NOTHING


_Handler = Callable[[_Scope, list[Value]], Value]
_FUNCTIONS: dict[str, _Handler] = {
    name: handler
    for handler, names in (
        (_Scope.asked, "not empty len"),
        (_Scope.several, "and or"),
        (_Scope.chosen, "ternary"),
        # What comes out of these is the value, unless it is empty: no text is.
        (_Scope.any_of, "default coalesce merge mergeOverwrite mustMerge mustMergeOverwrite concat mustConcat"),
        (_Scope.first_of, "omit unset"),
        (_Scope.last_of, "deepCopy mustDeepCopy required"),
        (_Scope.handed_on, "toYaml toYamlPretty toJson toPrettyJson toRawJson mustToJson mustToPrettyJson mustToRawJson"),
        (_Scope.evaluated, "tpl"),
        (_Scope.ordered, "gt lt ge le"),
        (_Scope.equal, "eq ne"),
        (_Scope.kind_of, "kindIs typeIs kindOf typeOf typeIsLike"),
        (_Scope.converted, "int int64 float64 atoi"),
        (_Scope.as_text, "toString quote squote trim lower upper"),
        (_Scope.formatted, "print printf println cat fail"),
        (_Scope.made_list, "list tuple"),
        (_Scope.made_mapping, "dict"),
        (_Scope.inside, "index get"),
        (_Scope.dug, "dig"),
        (_Scope.has_key, "hasKey"),
        (_Scope.picked, "pick"),
        (_Scope.put, "set"),
        (_Scope.included, "include"),
    )
    for name in names.split()
}
