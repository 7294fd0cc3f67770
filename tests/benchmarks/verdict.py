# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a folder with a saved bundle or manifests, judges it and makes the text report, as `playbooks/analyze.yml` does.

Prints what it took. `verdict.py make COUNT FOLDER` makes such a folder.
"""

from __future__ import annotations

import gc

# As the modules do.
gc.disable()

import gzip
import json
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from ansible_collections.zerotrust.baremetal.plugins.module_utils.cluster import folder, offline
from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import bundle as bundles
from ansible_collections.zerotrust.baremetal.plugins.module_utils.report import text
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules import engine
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules.catalogue import RULES
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules.rule import Rule


def make(count: int, path: Path) -> None:
    import fleet

    path.mkdir()
    (path / "evidence.json.gz").write_bytes(gzip.compress(json.dumps(fleet.make(count)).encode(), 6, mtime=0))


def judge(path: Path) -> dict:
    begin, cpu = time.perf_counter(), time.process_time()
    made = offline.evidence(folder.read(str(path)), {}, [])
    bundle = bundles.assemble(
        cluster=made.cluster,
        # A folder of manifests has no time of its own, and nothing in it ends.
        collected_at=made.evidence.get("collected_at", "2026-11-22T18:00:00Z"),
        moment=made.moment,
        desired=made.desired,
        nodes=made.nodes,
        cluster_evidence=made.evidence,
    )
    read = time.perf_counter()
    evidence = bundles.Evidence(bundle)
    cost: dict[str, float] = {}
    result = engine.run(evidence, _timed(cost), made.moment, made.stages)
    engine.gate(result)
    judged = time.perf_counter()
    lines = text.lines(result, bundle, made.stages, {})
    end = time.perf_counter()
    gc.freeze()
    return {
        "read_s": read - begin,
        "judge_s": judged - read,
        "text_s": end - judged,
        "wall_s": end - begin,
        "cpu_s": time.process_time() - cpu,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "counts": {key: value for key, value in result.counts().items() if key != "layers"},
        "lines": len(lines),
        "rules": cost,
    }


def _timed(cost: dict[str, float]) -> Iterator[Rule]:
    """Yield the rules, and note how long it is until the engine asks for the next."""
    for rule in RULES:
        begin = time.process_time()
        yield rule
        cost[rule.id] = time.process_time() - begin


def main() -> None:
    if sys.argv[1] == "make":
        make(int(sys.argv[2]), Path(sys.argv[3]))
    else:
        print(json.dumps(judge(Path(sys.argv[1]))))


if __name__ == "__main__":
    main()
