# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps equal parts of a bundle once while it is read: nodes of one cluster are much alike, and there may be thousands."""

from __future__ import annotations

import marshal
from typing import Any

from . import strict_json

# A longer text is a key, a certificate or somebody's words, and hardly there twice.
_SHORT = 24


class Sharing:
    """Knows the parts it was shown. Nobody may change what it returned."""

    def __init__(self) -> None:
        self._parts: dict[int, Any] = {}
        self._texts: dict[str, str] = {}

    def mapping(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """Make an object of its members; where it is a node or a pod, with the known parts in place of equal ones."""
        made = strict_json.mapping(pairs)
        if "machine_id" in made or "phase" in made:
            for key, value in pairs:
                made[key] = self._known(value)
        return made

    def _known(self, value: Any) -> Any:
        if value.__class__ is str:
            return self._texts.setdefault(value, value) if len(value) <= _SHORT else value
        if value.__class__ is not dict and value.__class__ is not list:
            return value
        # Unlike `==` it tells True from 1, and 1 from 1.0. Format 2 has no references, which depend on more than the value.
        digest = hash(marshal.dumps(value, 2))
        known = self._parts.get(digest)
        if known is not None and known == value:
            return known
        for key, part in value.items() if value.__class__ is dict else enumerate(value):
            value[key] = self._known(part)
        self._parts[digest] = value
        return value
