# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How far a node's clock is from the controller's, from four readings.

`sent` and `received` are the controller's, `began` and `ended` the node's. What lies between sent and began, or between
ended and received, only widens what is not known."""

from __future__ import annotations


def offset(sent: float, began: float, ended: float, received: float) -> tuple[float, float]:
    """(offset, uncertainty) in seconds: the node is ahead by the first, give or take the second."""
    most, least = began - sent, ended - received
    return round((most + least) / 2, 3), round(abs(most - least) / 2, 3)
