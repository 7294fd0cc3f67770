# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys a chart knows, learnt from its values.yaml, comments in it, schema and templates, and what templates do with each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

# Istio keeps its defaults under a key of their own, so that a profile can come between them and the user's values.
ISTIO_DEFAULTS = "_internal_defaults_do_not_set"

# What templates do with a value: ask whether it is there (`if`), write it into a text, hand on all of it (`toYaml`), compare it
# as a number or as true or false, compare it with a text, ask what kind it is.
# And of what is written: whether it is all that is written, as it stands.
TESTED, PRINTED, WHOLE, COUNTED, WORDS, EITHER, WRITTEN = 1, 2, 4, 8, 16, 32, 64


@dataclass
class Node:
    """A key the chart knows.

    `free`: the chart does not say what belongs below it; `null`: so far only because it gives no default; `use`: what templates
    do with it.
    """

    children: dict[str, Node] = field(default_factory=dict)
    free: bool = False
    null: bool = False
    use: int = 0

    @property
    def open(self) -> bool:
        """Whether anything may stand below it. A key without default, of which templates name keys, is not open."""
        return self.free and not (self.null and self.children)

    def add(self, path: list[str]) -> Node:
        here = self
        for key in path:
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
            # {}, [], null: the chart says nothing about what belongs there ...
            node.free = True
            node.null = value is None


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


# --- Templates -------------------------------------------------------------------------------------------------

_ACTION = re.compile(r"\{\{-?(.*?)-?\}\}", re.S)
_PARENTHESES = re.compile(r"\(\s*([$.\w]+)\s*\)(?=\.)")
_VALUES = re.compile(r"\$?\.Values((?:\.[A-Za-z_]\w*)*)")
_INDEX = re.compile(r"(?:index|get)\s+\$?\.Values((?:\.\w+)*)((?:\s+\"[^\"]+\")+)")
_HAS_KEY = re.compile(r"hasKey\s+\$?\.Values((?:\.\w+)*)\s+\"([^\"]+)\"")
_DIG = re.compile(r"dig((?:\s+\"[^\"]+\")+).*?\.Values((?:\.\w+)*)")
_ASSIGN = re.compile(r"\$(\w+)\s*:?=\s*(?:\w+\s+)*\$?\.Values((?:\.\w+)*)")
_VARIABLE = re.compile(r"\$(\w+)((?:\.[A-Za-z_]\w*)+)")
_RELATIVE = re.compile(r"(?<![\w)$.\]\"])\.([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)")
_DOT = re.compile(r"(?<![\w)$.\]\"])\.(?![\w.])")
_NOT_VALUES = {"Values", "Release", "Chart", "Files", "Capabilities", "Template", "Subcharts"}
# Functions that take a value as a whole: with them, every key below it has its effect.
_WHOLE = re.compile(
    r"\b(?:to(?:Raw|Pretty)?Json|toYaml|tpl|include|template|range|(?:must)?[mM]erge(?:Overwrite)?|pick|omit|dict|list|deepCopy)\b"
)
_TEXT = re.compile(r'"[^"]*"')
_SINGLE = re.compile(r"\b(?:hasKey|get|index|empty|kindIs|typeIs)\s+$")


_BEFORE = re.compile(r"(\w+)\s+(?:\(\s*)?$")
_AFTER = re.compile(r"\)?\s*\|\s*(\w+)")
_TEXT_BESIDE = re.compile(r'^\)?\s*"|^\)?\s*\|\s*toString\b')
_CONDITIONS = ("if", "with", "else")
_ASKS = {"and", "or", "not", "ternary", "empty", *_CONDITIONS}
# What comes out of these is the value, unless it is empty: no text is.
_FALLS_BACK = {"default", "coalesce"}
_KEPT = re.compile(r"\$\w+\s*:?=")
_AS_IT_STANDS = re.compile(r"\s*(?:\|\s*(?:quote|squote)\s*)?")
# Such a word asks each of its operands: those before the one that is looked at stand between.
_SEVERAL = re.compile(
    r'\b(?:and|or)\s+(?:(?:\$\w*(?:\.[\w.]*)?|\.[\w.]*|"[^"]*"|-?\d\S*|\((?:[^()]|\([^()]*\))*\)[\w.]*)\s+)+\(?\s*$'
)
_COMPARES = {"gt", "lt", "ge", "le"}
_EQUALS = {"eq", "ne"}
_CONVERTS = {"int", "int64", "float64", "atoi", "toString"}
_KINDS = {"kindIs", "typeIs", "kindOf", "typeOf"}


def _use(action: str, word: str, start: int, end: int, whole: bool) -> int:
    """Return what an action does with the value that stands at this place of it."""
    before = _BEFORE.search(action[:start])
    after = _AFTER.match(action, end)
    around = {found.group(1) for found in (before, after) if found}
    if around & _KINDS or re.search(r'(?:kindIs|typeIs)\s+"\w+"\s+$', action[:start]):
        return EITHER
    if around & _EQUALS or re.search(r'\b(?:eq|ne)\s+"[^"]*"\s+\(?$', action[:start]):
        return WORDS if _TEXT_BESIDE.match(action[end:]) or '"' in action[max(0, start - 3) : start] else COUNTED
    if around & _COMPARES:
        return COUNTED
    if whole:
        return WHOLE
    if around & _CONVERTS:
        return PRINTED
    if around & _ASKS or word in _CONDITIONS or "ternary" in action:
        return TESTED
    if around & _FALLS_BACK:
        return TESTED | PRINTED if _KEPT.match(action) else PRINTED
    if not action[:start].strip() and _AS_IT_STANDS.fullmatch(action, end):
        return PRINTED | WRITTEN
    # One of several is what comes out; the last of them is not asked, unless what comes out is.
    last = word in ("and", "or") and action[end:].strip()[:1] in ("", "|")
    return TESTED | PRINTED if _SEVERAL.search(action[:start]) and not last else PRINTED


def _keys(dotted: str) -> list[str]:
    return [key for key in dotted.split(".") if key]


def _quoted(text: str) -> list[str]:
    return re.findall(r"\"([^\"]+)\"", text)


def learn_template(known: Node, text: str) -> None:
    """Learn every path below `.Values` that a template names, also relative to `with` and through variables."""
    # Each open block: the path that `.` stands for in it, or None when that is no value.
    blocks: list[list[str] | None] = []
    variables: dict[str, list[str]] = {}

    def learn(path: list[str], whole: bool, use: int) -> None:
        if path:
            node = known.add(path)
            # Istio's charts hand `global` on as a whole, and yet know what is in it.
            if path == ["global"]:
                return
            node.use |= use
            if whole:
                node.free, node.null = True, False

    # Behind the last end there is no action, and each beginning would be followed to the end of the text.
    for match in _ACTION.finditer(text, 0, text.rfind("}}") + 2):
        action = match.group(1).strip()
        if action.startswith("/*"):
            continue
        while True:
            flat = _PARENTHESES.sub(r"\1", action)
            if flat == action:
                break
            action = flat
        word = action.split(None, 1)[0] if action else ""
        context = blocks[-1] if blocks else None
        # A key may be named as a function is.
        whole = bool(_WHOLE.search(_TEXT.sub('""', action))) and word not in _CONDITIONS and "tuple" not in action

        def named(path: list[str], found: re.Match[str], whole: bool, action: str = action, word: str = word) -> None:
            learn(path, whole, _use(action, word, found.start(), found.end(), whole))

        for found in _VALUES.finditer(action):
            followed = action[found.end() : found.end() + 1] == "."
            named(_keys(found.group(1)), found, whole and not followed and not _SINGLE.search(action[: found.start()]))
        for found in _INDEX.finditer(action):
            named(_keys(found.group(1)) + _quoted(found.group(2)), found, whole)
        for found in _HAS_KEY.finditer(action):
            learn([*_keys(found.group(1)), found.group(2)], whole=False, use=0)
        for found in _DIG.finditer(action):
            named(_keys(found.group(2)) + _quoted(found.group(1)), found, whole=False)
        for found in _ASSIGN.finditer(action):
            variables[found.group(1)] = _keys(found.group(2))
        for found in _VARIABLE.finditer(action):
            if found.group(1) in variables:
                named(variables[found.group(1)] + _keys(found.group(2)), found, whole)
        if context is not None:
            for found in _RELATIVE.finditer(action):
                keys = _keys(found.group(1))
                if keys[0] not in _NOT_VALUES:
                    named(context + keys, found, whole)
            if whole and _DOT.search(action):
                learn(context, whole=True, use=WHOLE)
        _blocks(action, word, blocks, variables)


def _blocks(action: str, word: str, blocks: list[list[str] | None], variables: Mapping[str, list[str]]) -> None:
    if word == "end":
        if blocks:
            blocks.pop()
    elif word in ("if",):
        blocks.append(blocks[-1] if blocks else None)
    elif word == "with":
        blocks.append(_context(action, blocks, variables))
    elif word in ("range", "define", "block"):
        blocks.append(None)
    elif action.startswith("else with") and blocks:
        blocks[-1] = _context(action, blocks[:-1], variables)


def _context(action: str, blocks: list[list[str] | None], variables: Mapping[str, list[str]]) -> list[str] | None:
    found = _VALUES.search(action)
    if found:
        return _keys(found.group(1)) or None
    variable = _VARIABLE.search(action)
    if variable and variable.group(1) in variables:
        return variables[variable.group(1)] + _keys(variable.group(2))
    outer = blocks[-1] if blocks else None
    relative = _RELATIVE.search(action)
    if outer is not None and relative and _keys(relative.group(1))[0] not in _NOT_VALUES:
        return outer + _keys(relative.group(1))
    return None
