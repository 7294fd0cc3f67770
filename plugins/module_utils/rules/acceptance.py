# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What objects accept of themselves by annotation, and the rule that such an annotation can be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Union

from ..evidence import acceptance
from ..evidence.bundle import Evidence, short
from .rule import STAGES, Catalogue, Fail, Pass

CATALOGUE = Catalogue("policy")


def subjects(evidence: Evidence, entry: Mapping[str, str]) -> list[str]:
    """Return the names that findings give an object."""
    kind, namespace, name = entry["kind"], entry["namespace"], entry["name"]
    if kind == "Namespace":
        return [f"namespace {name}"]
    if kind == "Pod":
        return [f"pod {namespace}/{name}"]
    if kind == "Node":
        wanted = evidence.bundle["desired"].get("nodes") or {}
        return [*(host for host, one in wanted.items() if one.get("node_name") == name), name]
    if kind in ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"):
        hooks = evidence.bundle["api"].get("webhooks") or []
        kind = kind.removesuffix("WebhookConfiguration").lower()
        return [f"webhook {one['name']}" for one in hooks if (one["kind"], one["configuration"]) == (kind, name)]
    if kind == "ConstraintTemplate":
        templates = (evidence.bundle["api"].get("gatekeeper") or {}).get("templates") or {}
        return [f"template {name}", *(f"template {one['kind']}" for key, one in templates.items() if key == name)]
    return [f"{kind} {namespace}/{name}", f"{kind} {name}"]


def title(entry: Mapping[str, str]) -> str:
    """Return how an object is named to whoever wrote the annotation."""
    return f"{entry['kind']} {'/'.join(filter(None, (entry['namespace'], entry['name'])))}"


def annotated(evidence: Evidence) -> Iterator[tuple[dict[str, str], list[str]]]:
    """Yield each accepted rule, as `engine.accept` keeps one, with the names of the object it is accepted for."""
    for entry in evidence.bundle["api"].get("acceptances") or []:
        names = subjects(evidence, entry)
        for one in acceptance.entries(entry["text"])[0]:
            source = f"the annotation of {title(entry)}"
            yield {**one._asdict(), "layer": "*", "subject": title(entry), "source": source}, names


ACC_001 = CATALOGUE.rule(
    "ZT-ACC-001",
    "medium",
    stages=STAGES,
    title="What an object accepts of itself can be read",
    why="An annotation with an unknown id, without a reason or without a last day accepts nothing, whatever its author thinks.",
    remediation=f"Write a line for each finding into the annotation {acceptance.ANNOTATION}, as {acceptance.EXAMPLE}.",
    source="docs/evidence_cluster.md",
)


@ACC_001.check(subject="annotations")
def _readable(evidence: Evidence) -> Iterator[Union[Pass, Fail]]:
    # The list of all rules needs this file, so it is asked for only here.
    from .catalogue import IDS

    found = evidence.api.get("acceptances")
    if found is None:
        # Evidence of before there were such annotations.
        return
    for entry in found.raw:
        kept, wrong = acceptance.entries(entry["text"])
        for line in wrong:
            yield Fail(f"its line {short(line)!r} is not of the form <id> until <day>: <reason>", subject=title(entry))
        for one in kept:
            if one.id not in IDS:
                yield Fail(f"there is no rule {one.id!r}", subject=title(entry))
    yield Pass(f"{len(found.raw)} objects accept findings")
