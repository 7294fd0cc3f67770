# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one error of the baseline."""

from __future__ import annotations


class Refused(Exception):
    """The baseline cannot be had on this node; nothing was changed, or the text says what could not be restored."""
