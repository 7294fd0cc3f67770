# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps what was learnt of a chart's archive, by its digest: the same archive says the same next time."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from dataclasses import fields
from pathlib import Path
from typing import Any

from ..evidence import chart as charts
from ..evidence import chart_keys, chart_reads, go_template
from ..evidence.chart import Chart
from ..evidence.chart_keys import Node
from . import chart_source


def read(ref: str) -> Chart:
    """Read a chart from an archive or a folder; an archive that was read before, from what was kept. Raises ChartError."""
    kept = _place(Path(ref).expanduser())
    found = _kept(kept) if kept else None
    if found is None:
        found = charts.read(ref)
        if kept:
            _keep(found, kept)
    return found


def _place(archive: Path) -> Path | None:
    """Return where it is kept what this archive says to this very reader; None for what cannot be known by one digest."""
    if not archive.is_file():
        return None
    digest = hashlib.sha256()
    try:
        for file in (archive, charts.__file__, chart_keys.__file__, chart_reads.__file__, go_template.__file__):
            digest.update(hashlib.sha256(Path(file).read_bytes()).digest())
    except OSError:
        return None
    return chart_source.cache() / "knowledge" / f"{digest.hexdigest()}.json"


def _kept(place: Path) -> Chart | None:
    try:
        found = json.loads(place.read_bytes())
        return Chart(**{**found, "known": _node(found["known"])})
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        # Never kept, or damaged: then it is learnt anew.
        return None


def _keep(chart: Chart, place: Path) -> None:
    """Write it whole or not at all. A cache that cannot be written to is no fault."""
    with contextlib.suppress(OSError, TypeError, ValueError):
        text = json.dumps(
            {one.name: getattr(chart, one.name) for one in fields(chart) if one.name != "known"} | {"known": _plain(chart.known)}
        )
        place.parent.mkdir(parents=True, exist_ok=True)
        handle, aside = tempfile.mkstemp(dir=place.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            # Only what is read again as it was.
            if _kept(Path(aside)) == chart:
                os.replace(aside, place)
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(aside)


def _plain(node: Node) -> list[Any]:
    each = _plain(node.each) if node.each else None
    return [node.free, node.use, each, {key: _plain(child) for key, child in node.children.items()}]


def _node(plain: list[Any]) -> Node:
    free, use, each, children = plain
    return Node({key: _node(child) for key, child in children.items()}, free, use, _node(each) if each else None)
