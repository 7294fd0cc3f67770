# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
"""Where the lab keeps things: what is built (shared by checkouts) and what runs (one folder a cluster)."""

from __future__ import annotations

import os
from pathlib import Path

LAB = Path(__file__).resolve().parent.parent
RECIPES = LAB / "build"
CHECKOUT = LAB.parent.parent

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "zerotrust-lab"
ARTIFACTS = CACHE / "artifacts"
GOCACHE = CACHE / "gocache"
LOGS = CACHE / "logs"
CLUSTERS = CACHE / "clusters"
