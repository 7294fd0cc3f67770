# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rego in ConstraintTemplates: in which version of the language a text is written."""

from __future__ import annotations

import re

# Raw strings, strings, comments: nothing in them is syntax.
_QUOTED = re.compile(r'`[^`]*`|"(?:\\.|[^"\\\n])*"|#[^\n]*')
# With these the words of v1 are read by the parser of v0 too.
_IMPORTS = re.compile(r"^[ \t]*import\s+future\.keywords\b", re.M)
# OPA's own way to say v1 is an import that Gatekeeper does not let in, in neither of the two.
_REFUSED = re.compile(r"^[ \t]*import\s+rego\.v1\b", re.M)
# A rule begins in the first column; what is inside one does not. A head has its bounds, so that no line takes for ever.
_V1 = re.compile(r"^[A-Za-z_][^\n]*\sif\b|^[A-Za-z_][\w.]*\s+contains\s", re.M)
_V0 = re.compile(
    r"^(?!else\b)[A-Za-z_]\w*(?:\[[^\n]{0,500}\]|\([^\n]{0,500}\))?\s*(?:\{|:?=\s*[^\s{][^\n{]{0,500}\{[^\n}]*$)", re.M
)


def syntax(text: str) -> str:
    """Return `v0` or `v1` where only that parser reads the text, `import rego.v1` where none does, else an empty string."""
    bare = _QUOTED.sub('""', text)
    if _REFUSED.search(bare):
        return "import rego.v1"
    if _IMPORTS.search(bare):
        return ""
    if _V1.search(bare):
        return "v1"
    return "v0" if _V0.search(bare) else ""
