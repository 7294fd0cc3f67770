# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The API, with an eye on what the objects that pass by accept of themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..evidence import acceptance
from .api import Api


class Noticing:
    """Is asked as the API is, and keeps what it sees in `acceptances`."""

    def __init__(self, api: Api, acceptances: dict[tuple[str, ...], dict[str, str]]) -> None:
        self._api = api
        self._acceptances = acceptances
        self.host = api.host
        self.version = api.version
        self.text = api.text

    def get(self, path: str) -> dict[str, Any] | None:
        found = self._api.get(path)
        if found is not None:
            self._notice(found)
        return found

    def items(
        self, path: str, query: Mapping[str, Any] | None = None, metadata_only: bool = False
    ) -> Iterator[dict[str, Any]] | None:
        found = self._api.items(path, query, metadata_only)
        return found if found is None or metadata_only else self._noticed(found)

    def _noticed(self, items: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        for item in items:
            self._notice(item)
            yield item

    def _notice(self, item: Mapping[str, Any]) -> None:
        entry = acceptance.annotated(item)
        if entry is not None:
            self._acceptances[entry["kind"], entry["namespace"], entry["name"]] = entry
