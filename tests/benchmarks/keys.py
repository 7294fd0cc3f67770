# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks the keys of 500 values against Cilium's own chart, which lies in the Go module cache; prints what it took."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ansible_collections.zerotrust.baremetal.plugins.module_utils.cluster import chart_knowledge
from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import chart, versions

KEYS = 500
# Of a hundred keys so many are spelt wrong.
WRONG = 5


def archive(work: Path) -> Path:
    """Pack the chart as its repository does."""
    version = versions.pinned("cilium")
    said = subprocess.run(
        ["go", "mod", "download", "-json", f"github.com/cilium/cilium@v{version}"], check=True, stdout=subprocess.PIPE, cwd=work
    )
    path = work / f"cilium-{version}.tgz"
    with tarfile.open(path, "w:gz") as packed:
        packed.add(Path(json.loads(said.stdout)["Dir"], "install", "kubernetes", "cilium"), "cilium")
    return path


def values(defaults: Mapping[str, Any], spell: Callable[[int, str], str]) -> dict[str, Any]:
    """Return the first keys of the chart's own values, each as `spell` has it."""
    made: dict[str, Any] = {}
    for number, (path, value) in zip(range(KEYS), _leaves(defaults), strict=False):
        here = made
        for key in path[:-1]:
            here = here.setdefault(key, {})
        here[spell(number, path[-1])] = value
    return made


def _leaves(values: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, (*path, key))
        else:
            yield (*path, key), value


def timed(what: Callable[[], Any]) -> tuple[float, Any]:
    begin = time.process_time()
    answer = what()
    return (time.process_time() - begin) * 1000, answer


def main() -> None:
    work = Path(sys.argv[1])
    os.environ["XDG_CACHE_HOME"] = str(work / "cache")
    path = str(archive(work))
    learnt, _chart = timed(lambda: chart_knowledge.read(path))
    kept, known = timed(lambda: chart_knowledge.read(path))
    usual = values(known.defaults, lambda number, key: f"{key}x" if number % 100 < WRONG else key)
    strange = values(known.defaults, lambda number, key: f"{key}-unheard-of-{number}")
    first, found = timed(lambda: chart.problems(known, usual, "cilium"))
    worst, all_wrong = timed(lambda: chart.problems(known, strange, "cilium"))
    print(
        json.dumps(
            {
                "version": known.version,
                "known": sum(1 for _entry in known.known.walk()),
                "learn_ms": learnt,
                "kept_ms": kept,
                "check_ms": first,
                "found": len(found),
                "worst_ms": worst,
                "worst_found": len(all_wrong),
            }
        )
    )


if __name__ == "__main__":
    main()
