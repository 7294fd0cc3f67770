# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Helm's own records of a release: which revision is stuck. Only their labels are read, never what is in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

# Helm refuses to touch a release in one of these, for ever.
PENDING = ("pending-install", "pending-upgrade", "pending-rollback", "uninstalling")
# With one of these among its revisions Helm can upgrade.
_BASIS = ("deployed", "superseded")


@dataclass(frozen=True)
class Revision:
    """One record: a Secret named sh.helm.release.v1.<release>.v<revision>."""

    name: str
    number: int
    status: str
    uid: str
    version: str
    created: str


def read(items: Iterable[Mapping[str, Any]]) -> list[Revision]:
    """Read records from their metadata, the first revision first."""
    found = []
    for item in items:
        meta = item["metadata"]
        labels = meta.get("labels") or {}
        number = str(labels.get("version", ""))
        if not number.isdigit():
            continue
        found.append(
            Revision(
                name=str(meta["name"]),
                number=int(number),
                status=str(labels.get("status", "")),
                uid=str(meta.get("uid", "")),
                version=str(meta.get("resourceVersion", "")),
                created=str(meta.get("creationTimestamp", "")),
            )
        )
    return sorted(found, key=lambda one: one.number)


def stuck(revisions: list[Revision], now: datetime, min_age: int) -> list[Revision]:
    """Return the records that keep Helm from working on the release."""
    if not revisions:
        return []
    last = revisions[-1]
    if last.status in PENDING:
        created = datetime.fromisoformat(last.created.replace("Z", "+00:00")) if last.created else now
        if (now - created).total_seconds() < min_age:
            return []
        found = [last]
    elif last.status == "failed":
        found = []
    else:
        return []
    rest = [one for one in revisions if one not in found]
    if not any(one.status in _BASIS for one in rest):
        # Nothing was ever deployed: Helm says «has no deployed releases» until no record is left.
        found = list(revisions)
    return found
