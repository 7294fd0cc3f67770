# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Helm's command line says."""

from __future__ import annotations

from ..evidence import secret_values


def refusal(text: str) -> str:
    """Return what Helm says on its error output without its log lines."""
    lines = [line for line in text.splitlines() if line.strip() and "level=" not in line and not line.startswith("WARNING")]
    said = " ".join(" ".join(lines).split()).removeprefix("Error: ")
    return secret_values.redact(said[:800]) or "no message"
