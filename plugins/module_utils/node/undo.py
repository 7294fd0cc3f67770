# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""All or nothing: every step leaves its way back here, and an error walks them in reverse."""

from __future__ import annotations

from typing import Callable


class Undo:
    def __init__(self) -> None:
        self._steps: list[tuple[str, Callable[[], object]]] = []

    def add(self, what: str, step: Callable[[], object]) -> None:
        self._steps.append((what, step))

    def run(self) -> list[str]:
        """What could not be restored; the rest was."""
        failed = []
        while self._steps:
            what, step = self._steps.pop()
            try:
                step()
            except Exception as error:  # the other steps still have to be walked
                failed.append(f"{what}: {error}")
        return failed
