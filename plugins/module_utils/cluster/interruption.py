# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ends a module in order when it is told to end: folders that it keeps for a while and programs that it runs go with it."""

from __future__ import annotations

import signal
from types import FrameType
from typing import NoReturn

from . import program

# A terminal that goes away, Ctrl-C, and what Ansible passes on to its modules.
_ENDING = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)


def end_in_order() -> None:
    """From now on, to be told to end is an error like others, and everything that has to be put away is."""
    for number in _ENDING:
        # Whoever is started by nohup stays.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end)


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    # A second one would end the putting away.
    for one in _ENDING:
        signal.signal(one, signal.SIG_IGN)
    program.end_all()
    raise SystemExit(f"Ended by {signal.Signals(number).name} before there was a result.")
