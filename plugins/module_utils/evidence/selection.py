# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What selectors of pods select, compared with each other: policies are about pods by their labels, of which few are in evidence.

A selection is what a pod has to meet, its namespace and the labels of that among it. The empty one is every pod.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Any, NamedTuple

# Cilium's words for them; selectors of Kubernetes are put into the same.
NAMESPACE = "io.kubernetes.pod.namespace"
NAMESPACE_LABELS = "io.cilium.k8s.namespace.labels."

_SOURCES = ("k8s:", "any:")


class Requirement(NamedTuple):
    """`operator`: In, NotIn, Exists, DoesNotExist."""

    key: str
    operator: str
    values: frozenset[str] = frozenset()


Selection = tuple[Requirement, ...]


def of_selector(selector: Mapping[str, Any] | None, prefix: str = "") -> Selection:
    """Read a label selector of Kubernetes, or of Cilium, whose keys may begin with where the label is from."""
    given = selector or {}
    found = [Requirement(prefix + _plain(key), "In", frozenset([str(value)])) for key, value in _pairs(given)]
    for one in given.get("matchExpressions") or []:
        values = frozenset(str(value) for value in one.get("values") or [])
        found.append(Requirement(prefix + _plain(str(one.get("key", ""))), str(one.get("operator")), values))
    return tuple(found)


def of_labels(labels: Mapping[str, Any], prefix: str = "") -> Selection:
    """What carries these labels."""
    return tuple(Requirement(prefix + key, "In", frozenset([str(value)])) for key, value in labels.items())


def of_namespace(name: str, labels: Mapping[str, Any]) -> Selection:
    """The pods of a namespace."""
    named = {"kubernetes.io/metadata.name": name, **labels}
    return (Requirement(NAMESPACE, "In", frozenset([name])), *of_labels(named, NAMESPACE_LABELS))


def by_namespace(selection: Selection) -> Selection:
    """The part of it that is about the namespace."""
    return tuple(one for one in selection if one.key == NAMESPACE or one.key.startswith(NAMESPACE_LABELS))


def by_pod(selection: Selection) -> Selection:
    """The part of it that is about the pod's own labels."""
    return tuple(one for one in selection if one.key != NAMESPACE and not one.key.startswith(NAMESPACE_LABELS))


def within(inner: Selection, outer: Selection) -> bool:
    """Return whether it is certain that what the first selects, the second does too."""
    return all(any(one.key == wanted.key and _implies(one, wanted) for one in inner) for wanted in outer)


def apart(one: Selection, other: Selection) -> bool:
    """Return whether it is certain that nothing is selected by both."""
    return any(here.key == there.key and _contradict(here, there) for here in one for there in other)


def meets(selection: Selection, labels: Mapping[str, str], known: Container[str]) -> bool | None:
    """Return whether what carries these labels is selected; None when that hangs on a label that nobody kept."""
    sure = True
    for one in selection:
        if one.key not in labels and one.key not in known:
            sure = False
        elif not _met(one, labels.get(one.key)):
            return False
    return True if sure else None


def _pairs(selector: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    return (selector.get("matchLabels") or {}).items()


def _plain(key: str) -> str:
    return next((key[len(source) :] for source in _SOURCES if key.startswith(source)), key)


def _met(wanted: Requirement, value: str | None) -> bool:
    if wanted.operator == "In":
        return value in wanted.values
    if wanted.operator == "NotIn":
        return value is None or value not in wanted.values
    return (value is not None) == (wanted.operator == "Exists")


def _implies(one: Requirement, wanted: Requirement) -> bool:
    if wanted.operator == "Exists":
        return one.operator in ("In", "Exists")
    if one.operator == "In":
        return one.values <= wanted.values if wanted.operator == "In" else _excludes(one, wanted)
    if wanted.operator == "NotIn":
        return one.operator == "DoesNotExist" or (one.operator == "NotIn" and wanted.values <= one.values)
    return one == wanted


def _excludes(one: Requirement, wanted: Requirement) -> bool:
    return wanted.operator == "NotIn" and not one.values & wanted.values


def _contradict(one: Requirement, other: Requirement) -> bool:
    kinds = {one.operator, other.operator}
    if kinds == {"In"}:
        return not one.values & other.values
    if kinds == {"In", "NotIn"}:
        chosen, left = (one, other) if one.operator == "In" else (other, one)
        return chosen.values <= left.values
    return "DoesNotExist" in kinds and bool(kinds & {"In", "Exists"})
