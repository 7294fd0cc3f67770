# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the benchmarks and prints one table. README.md says what they measure.

Each measurement is a process of its own, so that its memory is its own too.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]

Row = tuple[str, str, str]


def measured(script: str, *arguments: object) -> dict:
    """Run one script and return what it prints as JSON."""
    done = subprocess.run(
        [sys.executable, HERE / script, *map(str, arguments)], check=True, stdout=subprocess.PIPE, text=True, cwd=HERE
    )
    return json.loads(done.stdout) if done.stdout else {}


def verdict(work: Path) -> Iterator[Row]:
    """From a saved bundle to the verdict, for 500 and for 5,000 nodes."""
    found = {}
    for count in (500, 5000):
        measured("verdict.py", "make", count, work / f"{count}")
        one = found[count] = measured("verdict.py", work / f"{count}")
        size = (work / f"{count}" / "evidence.json.gz").stat().st_size / 1e6
        yield (
            f"bundle of {count} nodes to verdict",
            f"{one['wall_s']:.2f} s, {one['peak_mb']:.0f} MB",
            f"{one['cpu_s']:.2f} s of processor; read {one['read_s']:.2f}, judge {one['judge_s']:.2f}, "
            f"text {one['text_s']:.2f} s; {one['counts']['PASS']} PASS; {size:.1f} MB packed",
        )
    small, large = found[500], found[5000]
    yield (
        "5,000 nodes to 500 nodes",
        f"{large['cpu_s'] / small['cpu_s']:.1f} times",
        "processor time; linear is 10. Goals for 5,000: 10 s, 500 MB",
    )
    total = sum(large["rules"].values())
    for rule, seconds in sorted(large["rules"].items(), key=lambda entry: -entry[1])[:10]:
        yield f"  {rule}", f"{seconds * 1e6 / 5000:.0f} µs a node", f"{seconds:.2f} s, {seconds / total:.0%} of all rules"


def keys(work: Path) -> Iterator[Row]:
    """500 values against Cilium's chart."""
    one = measured("keys.py", work)
    yield (
        f"keys of Cilium {one['version']}: learnt",
        f"{one['learn_ms']:.0f} ms",
        f"{one['known']} keys; {one['kept_ms']:.0f} ms the next time, from what was kept by digest",
    )
    yield "500 values checked", f"{one['check_ms']:.1f} ms", f"{one['found']} unknown keys found; the goal is 50 ms"
    yield "500 values, each unknown", f"{one['worst_ms']:.1f} ms", f"{one['worst_found']} unknown keys found"


def manifests(work: Path) -> Iterator[Row]:
    """20,000 manifests to verdict, beside kubeconform on the same folder."""
    folders = {form: work / form for form in ("yaml", "json")}
    for form, folder in folders.items():
        measured("manifests.py", "make", form, 3330, folder)
    found = measured("manifests.py", work, *folders.values())
    goal = {"yaml": 1, "json": 10}
    yaml_rate = 0.0
    for form, folder in folders.items():
        other, own = found[str(folder)]
        rate, others = other["valid"] / own["cpu_s"], other["valid"] / other["cpu_s"]
        yaml_rate = yaml_rate or others
        yield (
            f"{other['valid']} manifests in {form.upper()} to verdict",
            f"{rate:.0f} per s",
            f"of processor, {own['cpu_s']:.2f} s, of which start {own['cpu_s'] - own['judged_s']:.2f} s; "
            f"{own['peak_mb']:.0f} MB; {own['counts']['PASS']} PASS, {own['counts']['FAIL']} FAIL",
        )
        yield (
            "  to kubeconform on the same folder",
            f"{rate / others:.1f} times",
            f"its rate is {others:.0f} per s, {other['cpu_s']:.2f} s; the goal is {goal[form]}"
            + (f"; {rate / yaml_rate:.1f} times its rate for YAML" if form == "json" else ""),
        )


PARTS: dict[str, Callable[[Path], Iterator[Row]]] = {"verdict": verdict, "keys": keys, "manifests": manifests}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="all of them, when none is named")
    parts = parser.parse_args().parts or list(PARTS)
    with tempfile.TemporaryDirectory(prefix="zerotrust-benchmarks-") as folder:
        collections = Path(folder, "ansible_collections", "zerotrust")
        collections.mkdir(parents=True)
        (collections / "baremetal").symlink_to(ROOT)
        os.environ["PYTHONPATH"] = folder
        # Ansible packs a module without bytecode: it is compiled anew in each run, and here too.
        os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
        print(_machine(), flush=True)
        for part in parts:
            for what, result, details in PARTS[part](Path(folder)):
                print(f"{what:<42} {result:>22}   {details}", flush=True)


def _machine() -> str:
    """Say what the numbers were measured on: a loop that does nothing else tells a busy machine from a quiet one."""
    begin = time.process_time()
    sum(range(10_000_000))
    loop = time.process_time() - begin
    return (
        f"Python {sys.version.split()[0]}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}; "
        f"the sum of ten million numbers takes {loop:.2f} s of processor"
    )


if __name__ == "__main__":
    main()
