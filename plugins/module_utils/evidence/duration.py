# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Spans of time as Go writes them (`2160h`, `1h30m`), and with days where a person does."""

from __future__ import annotations

import math
import re
from typing import Optional

_PARTS = re.compile(r"(\d+(?:\.\d+)?)(d|h|m(?!s)|s|ms)", re.ASCII)
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_DAY = 86400.0


def seconds(text: str) -> Optional[float]:
    """Parse a Go duration; None where it is none."""
    return None if "d" in text else _sum(text)


def with_days(text: str) -> Optional[float]:
    """Parse one that may have days in it, as `30d` or `1d12h`; a bare number is days."""
    return _sum(text + "d" if text.isascii() and text.isdigit() else text)


def _sum(text: str) -> Optional[float]:
    parts = _PARTS.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return None
    total = math.fsum(float(number) * _SECONDS.get(unit, _DAY) for number, unit in parts)
    return total if math.isfinite(total) else None
