# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The node layer beside the usual way, in one run on one machine: wall time, module executions, controller memory.

Every host is this machine by a local connection, with mounts, network and processes of its own: its root is an overlay in memory
where /etc's folders are empty, so nothing outside is changed. Needs root.
`run.py --hosts 10 --preflight-hosts 50 --many-hosts 100 --rounds 3`
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
_EMPTY = ("etc/sysctl.d", "etc/modules-load.d", "var/lib/zerotrust", "etc/systemd/networkd.conf.d")
# What tells node_baseline that this is a container, where it refuses to work.
_CONTAINER = (".dockerenv", "run/.containerenv", "run/systemd/container")
_KEYS = 35


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hosts", type=int, default=10, help="hosts of the no-change comparison (10)")
    parser.add_argument("--preflight-hosts", type=int, default=50, help="hosts of the preflight comparison (50)")
    parser.add_argument("--many-hosts", type=int, default=100, help="hosts of the whole node layer without a peer (100)")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each; the median counts (3)")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if not chosen.inside:
        os.environ.pop("container", None)
        # A node reached by ssh has none of it. Python would read each module byte by byte, and compile Ansible anew in every run.
        for name in ("PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"):
            os.environ.pop(name, None)
        namespaces = ("--mount", "--net", "--pid", "--fork", "--kill-child")
        os.execvp("unshare", ["unshare", *namespaces, sys.executable, __file__, "--inside", *sys.argv[1:]])
    enter_a_machine_of_its_own()
    with tempfile.TemporaryDirectory() as work:
        measure(Path(work), chosen)


def enter_a_machine_of_its_own() -> None:
    """A copy of the root that is written to in memory alone; the namespace takes its mounts away at the end."""
    base = Path("/mnt")
    mount("-t", "tmpfs", "tmpfs", base)
    for name in ("changes", "work", "root"):
        (base / name).mkdir()
    root = base / "root"
    mount("-t", "overlay", "overlay", "-o", f"lowerdir=/,upperdir={base}/changes,workdir={base}/work", root)
    # Where these are mounts of their own, the overlay shows the empty folder below.
    for path in (ROOT, Path(sys.prefix), Path(sys.base_prefix)):
        if not (inside := root / path.relative_to("/")).exists():
            inside.mkdir(parents=True)
            mount("--bind", "-o", "ro", path, inside)
    mount("-t", "proc", "proc", root / "proc")
    for folder in ("sys", "dev"):
        mount("--rbind", f"/{folder}", root / folder)
    for name in _EMPTY:
        shutil.rmtree(root / name, ignore_errors=True)
        (root / name).mkdir(parents=True)
    for name in _CONTAINER:
        (root / name).unlink(missing_ok=True)
    (root / "run/systemd/system").mkdir(parents=True, exist_ok=True)
    os.chroot(root)
    os.chdir("/")


def mount(*arguments: str | Path) -> None:
    subprocess.run(["mount", *map(str, arguments)], check=True)


def measure(work: Path, chosen: argparse.Namespace) -> None:
    variables = work / "keys.json"
    variables.write_text(json.dumps({"keys": keys()}))
    for title, count, ours, peer in (
        ("no change", chosen.hosts, "baseline", "loop"),
        ("preflight", chosen.preflight_hosts, "evidence", "asserts"),
        ("no change", chosen.many_hosts, "layer", None),
    ):
        rows = {name: timed(work, name, count, variables, chosen.rounds) for name in (ours, peer) if name}
        for name, (seconds, runs, megabytes) in rows.items():
            print(
                f"{title:10} {count:4} hosts  {name:9} {seconds:7.1f} s  {runs:4} executions a host  {megabytes:4} MB controller",
                flush=True,
            )
        if peer:
            print(
                f"{title:10} {count:4} hosts  {peer} takes {rows[peer][0] / rows[ours][0]:.1f} times as long as {ours}",
                flush=True,
            )


def keys() -> list[dict[str, str]]:
    """Settings of this namespace as they are, so that nothing has to change."""
    found = []
    for path in sorted(Path("/proc/sys/net/ipv4/conf/all").iterdir()):
        name = f"net.ipv4.conf.all.{path.name}"
        if os.access(path, os.W_OK) and path.stat().st_mode & 0o200:
            found.append({"name": name, "value": path.read_text().strip(), "reason": "benchmark"})
    return found[:_KEYS]


def timed(work: Path, name: str, count: int, variables: Path, rounds: int) -> tuple[float, int, int]:
    inventory = work / f"hosts-{count}"
    names = "".join(
        f"host{number} ansible_connection=local ansible_python_interpreter={sys.executable}\n" for number in range(count)
    )
    inventory.write_text(names)
    counted = work / "runs.json"
    command = ["ansible-playbook", "-i", str(inventory), "-f", "50", "-e", f"@{variables}", str(HERE / f"{name}.yml")]
    environment = {
        **os.environ,
        "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".ansible/collections"),
        "ANSIBLE_CALLBACK_PLUGINS": str(ROOT / "molecule/lab/callback"),
        "ANSIBLE_CALLBACKS_ENABLED": "module_runs",
        "ZEROTRUST_MODULE_RUNS": str(counted),
    }
    seconds, megabytes = [], 0
    # One more run before those that count: it converges, and warms what is cached.
    for _round in range(rounds + 1):
        log = work / "log"
        with log.open("w") as out:
            started = time.monotonic()
            process = subprocess.Popen(command, env=environment, stdout=out, stderr=subprocess.STDOUT)
            _pid, status, usage = os.wait4(process.pid, 0)
            seconds.append(time.monotonic() - started)
        megabytes = max(megabytes, usage.ru_maxrss // 1024)
        if status:
            sys.exit(f"{name}: {log.read_text()[-4000:]}")
    found = json.loads(counted.read_text())
    if any(found["changed"].values()):
        sys.exit(f"{name}: it changed something although nothing had to change: {found['changed']}")
    return statistics.median(seconds[1:]), max(found["runs"].values()), megabytes


if __name__ == "__main__":
    main()
