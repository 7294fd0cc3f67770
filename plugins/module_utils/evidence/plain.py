# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values that survive JSON: whatever a broken file held, what leaves the node is valid Unicode and finite numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

DEPTH = 48


def text(value: str) -> str:
    return value.encode("utf-8", "replace").decode("utf-8")


def plain(value: Any, depth: int = 0) -> Any:
    """The same value, fit for JSON; what is nested deeper than DEPTH is left out."""
    if depth > DEPTH:
        return None
    if isinstance(value, str):
        return text(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, Mapping):
        return {text(str(key)): plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item, depth + 1) for item in value]
    return text(str(value))
