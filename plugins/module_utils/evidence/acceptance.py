# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The annotation by which an object says that findings about it are accepted: a line each, `<id> until <day>: <reason>`."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

ANNOTATION = "zerotrust.baremetal/accept"
EXAMPLE = "ZT-GK-003 until 2027-01-31: ticket 4711"

_ENTRY = re.compile(r"(\S+) until (\d{4}-\d{2}-\d{2}): *(\S.*)")
# Of one object; more is no list of accepted findings.
_LONGEST = 8192


class Accepted(NamedTuple):
    """One line: a rule, the last day, the reason."""

    id: str
    until: str
    reason: str


def annotated(item: Mapping[str, Any]) -> dict[str, str] | None:
    """Return what an object accepts, or None."""
    meta = item.get("metadata") or {}
    text = (meta.get("annotations") or {}).get(ANNOTATION)
    if text is None:
        return None
    return {
        "kind": str(item.get("kind", "")),
        "namespace": str(meta.get("namespace") or ""),
        "name": str(meta.get("name", "")),
        "text": str(text)[:_LONGEST],
    }


def entries(text: str) -> tuple[list[Accepted], list[str]]:
    """Return the lines that are entries, and those that are none."""
    found, wrong = [], []
    for line in (one.strip() for one in text.splitlines()):
        if not line:
            continue
        match = _ENTRY.fullmatch(line)
        if match and _is_day(match[2]):
            found.append(Accepted(match[1], match[2], match[3]))
        else:
            wrong.append(line)
    return found, wrong


def _is_day(text: str) -> bool:
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True
