# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads very many damaged files of each kind, and says what came of them. README.md has more.

Each is made from a seed of its own, so that one that shows a fault can be made again: `--only KIND --seed NUMBER --count 1`.
"""

from __future__ import annotations

import argparse
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parents[2]
# Of processor time, for one file: the slowest sound one takes a hundredth of it.
_SECONDS = 20
_MEMORY = 2 * 1024**3
_SHOWN = 5


class TooSlow(BaseException):
    """A reader did not come to an end."""


def _stop(_number: int, _frame: object) -> None:
    raise TooSlow


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000, help="files in all")
    parser.add_argument("--seed", type=int, default=0, help="seed of the first file of each kind")
    parser.add_argument("--only", help="one kind, by the name the table has")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="zerotrust-fuzz-") as place:
        collections = Path(place, "ansible_collections", "zerotrust")
        collections.mkdir(parents=True)
        (collections / "baremetal").symlink_to(ROOT)
        sys.path.insert(0, place)
        from artefacts import ARTEFACTS

        kinds = [ARTEFACTS[given.only]] if given.only else list(ARTEFACTS.values())
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        signal.signal(signal.SIGPROF, _stop)
        faults = total = 0
        for number, kind in enumerate(kinds):
            count = given.count // len(kinds) + (number < given.count % len(kinds))
            found = _run(kind, range(given.seed, given.seed + count))
            faults += found
            total += count
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{total} damaged files, {faults} faults; at most {peak} MB of memory")
    return 1 if faults else 0


def _run(kind, seeds: range) -> int:
    ends: Counter[str] = Counter()
    faults, slowest, begin = 0, 0.0, time.process_time()
    for seed in seeds:
        content = kind.damaged(Random(seed))
        one = time.process_time()
        try:
            ends[_within_time(kind.read, content)] += 1
        except (Exception, TooSlow, RecursionError, MemoryError):
            faults += 1
            if faults <= _SHOWN:
                print(f"FAULT: {kind.name}, seed {seed}: {os.linesep}{traceback.format_exc(limit=-6)}", flush=True)
        slowest = max(slowest, time.process_time() - one)
    came = ", ".join(f"{count} {end}" for end, count in sorted(ends.items()))
    print(
        f"{kind.name:<26} {len(seeds):>7} files, {faults} faults; {came}; "
        f"{time.process_time() - begin:.0f} s of processor, the slowest {slowest:.2f} s",
        flush=True,
    )
    return faults


def _within_time(read, content: bytes) -> str:
    signal.setitimer(signal.ITIMER_PROF, _SECONDS)
    try:
        return read(content)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


if __name__ == "__main__":
    sys.exit(main())
