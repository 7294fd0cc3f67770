# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Go templates: the actions of a text, as a tree.

Of the text between actions only this is kept: the YAML key that a block of lines, which an action writes, is indented below. What
is no action is passed over, as charts bring files that are no templates.
"""

from __future__ import annotations

import bisect
import re
from typing import NamedTuple


class Operand(NamedTuple):
    """One word of a command: a `text`, a `number` (or true, false, nil), a `path`, a `function` or `parentheses`.

    A path begins at a variable, `name`, or at the dot. `fields` are what is read of it, or of what is in parentheses.
    """

    kind: str
    name: str = ""
    fields: tuple[str, ...] = ()
    inner: Pipeline | None = None


class Pipeline(NamedTuple):
    """Commands, the result of each being the last argument of the next; the result of all may go into variables."""

    commands: tuple[tuple[Operand, ...], ...] = ()
    variables: tuple[str, ...] = ()
    # Whether the variables are there already.
    assigns: bool = False


class Action(NamedTuple):
    """A pipeline that is written out (no `word`), a block (if, with, range, define, block), or template, which has no body."""

    word: str
    name: str
    pipeline: Pipeline
    body: list[Action]
    otherwise: list[Action]
    # "" where it writes no indented block, or that is below no key.
    below: str = ""


_BLOCKS = ("if", "with", "range", "define", "block")
_TOKEN = re.compile(
    r"""(?P<space>\s+)|(?P<close>-?\}\})
    |"(?P<text>(?:\\.|[^"\\\n])*)"|`(?P<raw>[^`]*)`|(?P<char>'(?:\\.|[^'\\\n])+')
    |(?P<path>\$\w*(?:\.\w+)*|(?:\.[A-Za-z_]\w*)+|\.(?!\w))|(?P<after>\)(?:\.\w+)*)|(?P<sign>:=|[=|,(])
    |(?P<number>[-+]?\d[\w.+]*)|(?P<word>\w+)""",
    re.X,
)
_INDENTS = ("indent", "nindent")
_LITERALS = ("true", "false", "nil")


class _Malformed(ValueError):
    """What stands between the braces is no action."""


def parse(text: str) -> list[Action]:
    """Return the actions of a text. Raises RecursionError."""
    top: list[Action] = []
    # Of each open block: the block, and the list that what follows belongs to.
    open_blocks: list[tuple[Action, list[Action]]] = []
    margin = _Margin(text)
    at = text.find("{{")
    while at >= 0:
        begin = at
        at += 2
        if text.startswith("-", at) and text[at + 1 : at + 2].isspace():
            at += 1
        if text[at : at + 80].lstrip().startswith("/*"):
            at = text.find("*/", at)
            if at < 0:
                break
        else:
            tokens, at = _tokens(text, at)
            if tokens:
                _add(tokens, top, open_blocks, margin.key(begin, tokens))
        at = text.find("{{", at)
    return top


def _tokens(text: str, at: int) -> tuple[list[re.Match[str]], int]:
    """Return what stands up to the closing braces, and where they end; nothing where there are none."""
    found: list[re.Match[str]] = []
    while token := _TOKEN.match(text, at):
        at = token.end()
        if token.lastgroup == "close":
            return found, at
        if token.lastgroup != "space":
            found.append(token)
    return [], at


_KEY = re.compile(r" *([\w.-]+):\s*(?:\{\{-|$)")


# Nobody looks in a longer line for a key at its end.
_LONGEST = 1000


class _Margin:
    """The lines of a text that those which follow may be indented below."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._read = self._searched = 0
        # How far each is indented, and its key: what is indented less ends it.
        self._above: list[tuple[int, str]] = []

    def key(self, at: int, tokens: list[re.Match[str]]) -> str:
        """Return the key that lines belong to which an action at this place writes by `indent` or `nindent`."""
        depth = next((two["number"] for one, two in zip(tokens, tokens[1:], strict=False) if one["word"] in _INDENTS), "")
        if not depth or not depth.isdigit():
            return ""
        while (end := self._text.find("\n", max(self._read, self._searched), at)) >= 0:
            self._line(self._text[self._read : end])
            self._read = end + 1
        self._searched = at
        self._line(self._text[self._read : min(at, self._read + _LONGEST)])
        found = bisect.bisect_left(self._above, (int(depth), "")) - 1
        return self._above[found][1] if found >= 0 else ""

    def _line(self, line: str) -> None:
        begins = line.lstrip(" ")
        # A line of an action has the depth of what it writes, not its own; a comment has none.
        if not begins.strip() or begins.startswith(("{{", "#")):
            return
        indent = len(line) - len(begins)
        while self._above and self._above[-1][0] >= indent:
            self._above.pop()
        key = _KEY.match(line)
        self._above.append((indent, key[1] if key else ""))


def _add(tokens: list[re.Match[str]], top: list[Action], open_blocks: list[tuple[Action, list[Action]]], below: str) -> None:
    here = open_blocks[-1][1] if open_blocks else top
    word = tokens[0]["word"] or ""
    if word == "end":
        if open_blocks:
            open_blocks.pop()
        return
    if word == "else":
        if not open_blocks:
            return
        block, _body = open_blocks.pop()
        if len(tokens) == 1:
            open_blocks.append((block, block.otherwise))
            return
        # Of `else if` the end is that of the whole.
        here, tokens, word = block.otherwise, tokens[1:], tokens[1]["word"] or ""
    names = word in ("define", "block", "template")
    if not names and word not in _BLOCKS:
        word = ""
    name = (tokens[1]["text"] or tokens[1]["raw"] or "") if names and len(tokens) > 1 else ""
    try:
        pipeline = _Reader(tokens[2 if names else 1 if word else 0 :]).pipeline()
    except _Malformed:
        pipeline = Pipeline()
    action = Action(word, name, pipeline, [], [], below)
    here.append(action)
    if word in _BLOCKS:
        open_blocks.append((action, action.body))


class _Reader:
    """Reads a pipeline from its tokens."""

    def __init__(self, tokens: list[re.Match[str]]) -> None:
        self._tokens = tokens
        self._at = 0

    def _next(self) -> re.Match[str] | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def pipeline(self) -> Pipeline:
        variables, assigns = self._variables()
        commands: list[tuple[Operand, ...]] = []
        operands: list[Operand] = []
        while (token := self._next()) and token.lastgroup != "after":
            self._at += 1
            if token["sign"] == "|":
                commands.append(tuple(operands))
                operands = []
            else:
                operands.append(self._operand(token))
        return Pipeline((*commands, tuple(operands)) if operands else tuple(commands), variables, assigns)

    def _variables(self) -> tuple[tuple[str, ...], bool]:
        found: list[str] = []
        for at in range(self._at, min(self._at + 4, len(self._tokens)), 2):
            sign = self._tokens[at + 1]["sign"] if at + 1 < len(self._tokens) else None
            path = self._tokens[at]["path"] or ""
            if not path.startswith("$") or sign not in (",", ":=", "="):
                break
            found.append(path)
            if sign != ",":
                self._at = at + 2
                return tuple(found), sign == "="
        return (), False

    def _operand(self, token: re.Match[str]) -> Operand:
        kind = token.lastgroup
        if kind in ("text", "raw"):
            return Operand("text", token[kind])
        if kind == "path":
            name, *fields = token["path"].split(".")
            return Operand("path", name, tuple(one for one in fields if one))
        if kind == "word":
            return Operand("number" if token["word"] in _LITERALS else "function", token["word"])
        if token["sign"] == "(":
            inner = self.pipeline()
            closing = self._next()
            if closing is None:
                raise _Malformed
            self._at += 1
            return Operand("parentheses", "", tuple(closing["after"].split(".")[1:]), inner)
        if kind in ("number", "char"):
            return Operand("number", token[kind])
        raise _Malformed
