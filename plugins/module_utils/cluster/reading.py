# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How objects are read: as a whole kind, or one of them; None where the API server knows no such kind or object."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..evidence import objects, secret_values, workload
from .noticing import Noticing

# Where in the evidence what is read belongs, with slashes, and what reads it.
Reads = list[tuple[str, Callable[[], Any]]]


class Reader(Noticing):
    """Asks for objects, and keeps of each what `reduce` makes of it. Every method raises api.Unreadable."""

    def by_name(self, path: str, reduce: Callable[[Mapping[str, Any]], Any]) -> dict[str, Any] | None:
        items = self.items(path)
        return None if items is None else {objects.name_of(item): reduce(item) for item in items}

    def all_of(
        self, path: str, reduce: Callable[[Mapping[str, Any]], Any], query: Mapping[str, Any] | None = None
    ) -> list[Any] | None:
        items = self.items(path, query)
        return None if items is None else [reduce(item) for item in items]

    def data(self, namespace: str, name: str) -> dict[str, str] | None:
        found = self.get(f"/api/v1/namespaces/{namespace}/configmaps/{name}")
        return None if found is None else secret_values.redact(found.get("data") or {})

    def workload(self, namespace: str, kind: str, name: str) -> dict[str, Any] | None:
        found = self.get(f"/apis/apps/v1/namespaces/{namespace}/{kind}/{name}")
        return None if found is None else workload.describe(found)


def place(item: Mapping[str, Any]) -> dict[str, str]:
    return {"namespace": objects.namespace_of(item), "name": objects.name_of(item)}


def spec(item: Mapping[str, Any]) -> dict[str, Any]:
    return item.get("spec") or {}
