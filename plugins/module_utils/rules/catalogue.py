# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""All rules, in the order of the layers."""

from __future__ import annotations

from . import mesh, network, node, pod, policy
from .rule import Rule

RULES: list[Rule] = [rule for layer in (node, network, policy, mesh, pod) for rule in layer.CATALOGUE.rules]
IDS: list[str] = [rule.id for rule in RULES]
