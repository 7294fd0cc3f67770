# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rule is, and what its check may answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Union

from ..evidence.bundle import Evidence

SEVERITIES = ("blocker", "high", "medium", "low")
LAYERS = ("node", "network", "policy", "mesh", "pod")
STAGES = ("node", "network", "policy", "mesh", "enforcement")
# What is written down, before there is a cluster; what is there, before a change; what became of it, after.
MOMENTS = ("plan", "preflight", "verify")


@dataclass(frozen=True)
class Pass:
    """The check saw that what the rule demands is so."""

    message: str
    subject: str = ""


@dataclass(frozen=True)
class Fail:
    """The check saw that it is not so. `remedy` is for this very case; without it the rule's own is shown."""

    message: str
    remedy: str = ""
    subject: str = ""
    seen: Sequence[tuple[str, Any]] = ()
    # `file:line` of what the user wrote, where the rule itself knows it.
    place: str = ""
    # Dotted path of what is wrong in the object that is the subject, for its line where the object came from a file.
    key: str = ""


# None: the rule has nothing to say here (a feature that is not wanted, an object that need not be there).
Answer = Union[Pass, Fail, None, Iterable[Union[Pass, Fail]]]
Subjects = Callable[[Evidence], Iterable[str]]
Condition = Callable[[Evidence], bool]


@dataclass(frozen=True)
class Check:
    """One way to look: at which moments, and at which subjects."""

    function: Callable[..., Answer]
    moments: tuple[str, ...]
    # Names the subjects; the function is called with each. None: it is called once, about the cluster.
    each: Subjects | None
    # What the findings are about when there is nothing to name.
    subject: str
    # Where it does not hold the check has nothing to say.
    when: Condition | None = None


@dataclass
class Rule:
    """A demand, why it is made and how to meet it. The docs page of rules is made from these."""

    id: str
    severity: str
    layer: str
    stages: tuple[str, ...]
    title: str
    why: str
    remediation: str
    source: str
    versions: str = "all"
    checks: list[Check] = field(default_factory=list)

    def check(
        self,
        *,
        moments: tuple[str, ...] = MOMENTS,
        each: Subjects | None = None,
        subject: str = "cluster",
        when: Condition | None = None,
    ) -> Callable[[Callable[..., Answer]], Callable[..., Answer]]:
        """Register a function as a way to look."""

        def register(function: Callable[..., Answer]) -> Callable[..., Answer]:
            self.checks.append(Check(function, moments, each, subject, when))
            return function

        return register

    @property
    def moments(self) -> tuple[str, ...]:
        return tuple(moment for moment in MOMENTS if any(moment in check.moments for check in self.checks))


class Catalogue:
    """The rules of one file."""

    def __init__(self, layer: str) -> None:
        self.layer = layer
        self.rules: list[Rule] = []

    def rule(self, rule_id: str, severity: str, **fields: Any) -> Rule:
        made = Rule(id=rule_id, severity=severity, layer=fields.pop("layer", self.layer), **fields)
        self.rules.append(made)
        return made
