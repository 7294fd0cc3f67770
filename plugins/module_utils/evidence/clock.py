# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How far a node's clock is from the controller's, from three readings.

`sent` and `received` are the controller's, `told` is what the node answered in between: when exactly is what is not known."""

from __future__ import annotations

# What a node is asked; a `date` without nanoseconds answers what is no number.
COMMAND = "date +%s.%N"


def told(answer: str) -> float | None:
    """Return the node's time in seconds since 1970, or None when the answer is none."""
    try:
        return float(answer)
    except ValueError:
        return None


def offset(sent: float, told: float, received: float) -> tuple[float, float]:
    """(offset, uncertainty) in seconds: the node is ahead by the first, give or take the second."""
    return round(told - (sent + received) / 2, 3), round((received - sent) / 2, 3)
