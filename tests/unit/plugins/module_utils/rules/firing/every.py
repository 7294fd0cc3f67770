# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""For every rule: what is done to the healthy cluster to make it fail, about whom it then speaks, and a part of what it says.

Several cases of one rule stand beside each other. `moment` is verify unless it says otherwise. Every file of this folder counts.
"""

from importlib import import_module
from pathlib import Path

from .case import CASES

for _file in sorted(Path(__file__).parent.glob("*.py")):
    if _file.stem != "every":
        import_module(f"firing.{_file.stem}")

__all__ = ["CASES"]
