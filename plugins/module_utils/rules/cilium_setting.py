# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A setting of Cilium that is looked at twice: as the chart is given it, and as the agents have it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..evidence.bundle import Evidence
from . import facts
from .facts import VERIFY
from .network import CONFIG
from .rule import Answer, Condition, Fail, Pass, Rule


def look(rule: Rule, value: str, key: str, wrong: Callable[[Any], bool], *, when: Condition | None = None) -> None:
    """Give a rule both looks: at `value` of the chart, and at `key` of the ConfigMap. Either may be unset: None."""

    def judge(name: str, found: Any) -> Answer:
        said = f"{name} is {'not set' if found is None else str(found).lower()}"
        return Fail(said) if wrong(found) else Pass(said)

    def planned(evidence: Evidence, subject: str) -> Answer:
        return judge(value, facts.effective(evidence, subject).find(value))

    def live(evidence: Evidence) -> Answer:
        return judge(key, facts.cilium_config(evidence).get(key))

    rule.check(each=facts.planned("cilium"), when=when)(planned)
    rule.check(moments=VERIFY, subject=CONFIG, when=when)(live)
