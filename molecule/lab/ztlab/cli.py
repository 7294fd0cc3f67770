# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
"""The lab's one program."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys

from ztlab import charts, disk, go, images, qemu
from ztlab.artifacts import require_disk
from ztlab.cluster import Cluster, names
from ztlab.console import LabError, say

_COMMANDS = (
    "mmdebstrap",
    "mkfs.ext4",
    "ip",
    "sysctl",
    "nsenter",
    "unshare",
    "setpriv",
    "nc",
    "ssh-keygen",
    "clang-19",
    "systemctl",
)


def main() -> int:
    arguments = _parser().parse_args()
    try:
        _require_machine()
        return arguments.run(arguments) or 0
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 141
    except KeyboardInterrupt:
        print("\nlab: interrupted; run the same command again to go on from here", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lab", description="A real platform on one machine: real control plane, real kernels, real agents."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    build = commands.add_parser("build", help="build everything once (about 25 minutes on a cold machine, nothing on a warm one)")
    build.add_argument(
        "--keep-go-cache", action="store_true", help="keep the Go build cache (10-15 GB) for work on the lab itself"
    )
    build.set_defaults(run=_build)

    up = commands.add_parser("up", help="bring a cluster up")
    up.add_argument("name")
    up.add_argument(
        "--nodes", metavar="KIND,KIND", default="", help=f"virtual nodes, one kind each: {', '.join(disk.RELEASES)} (node ring)"
    )
    up.add_argument("--simulated", type=int, default=0, metavar="N", help="simulated nodes (control ring)")
    up.add_argument(
        "--fresh", action="store_true", help="virtual nodes as at their first boot: kept then, brought back in seconds later"
    )
    up.set_defaults(run=_up)

    down = commands.add_parser("down", help="end a cluster and forget it")
    down.add_argument("name")
    down.set_defaults(run=lambda arguments: Cluster(arguments.name).down())

    status = commands.add_parser("status", help="what runs")
    status.add_argument("name", nargs="?")
    status.set_defaults(run=_status)

    for verb, what in (("start", "start a stopped program"), ("stop", "stop a program, as a fault would")):
        change = commands.add_parser(verb, help=what)
        change.add_argument("name")
        change.add_argument("program")
        change.set_defaults(
            run=lambda arguments, verb=verb: say(_existing(arguments.name).supervisor.control(verb, arguments.program).strip())
        )

    execute = commands.add_parser(
        "exec", help="run a command inside the lab's network, with KUBECONFIG set and the lab's programs in PATH"
    )
    execute.add_argument("name")
    execute.add_argument("command", nargs=argparse.REMAINDER)
    execute.set_defaults(run=_exec)

    ssh = commands.add_parser("ssh", help="log in to a node, or run a command there")
    ssh.add_argument("name")
    ssh.add_argument("node")
    ssh.add_argument("command", nargs=argparse.REMAINDER)
    ssh.set_defaults(run=_ssh)

    inventory = commands.add_parser("inventory", help="print the cluster as Ansible inventory (JSON)")
    inventory.add_argument("name")
    inventory.set_defaults(run=lambda arguments: say(json.dumps(_existing(arguments.name).inventory(), indent=2)))
    return parser


def _require_machine() -> None:
    if os.geteuid() != 0:
        raise LabError("needs root: it makes network namespaces and virtual machines. Run it with sudo.")
    missing = [command for command in _COMMANDS if not shutil.which(command)]
    if missing:
        raise LabError(f"missing on this machine: {', '.join(missing)}. `make setup` installs them on Debian.")


def _build(arguments: argparse.Namespace) -> None:
    wanted = [
        *(go.binaries(name) for name in go.FAMILIES),
        charts.packages(),
        charts.sources(),
        *(disk.node_disk(kind) for kind in disk.RELEASES),
        images.userland(),
        images.registry_storage(),
        qemu.programs(),
    ]
    todo = [artifact for artifact in wanted if not artifact.exists]
    if todo:
        require_disk()
        say(f"building {len(todo)} of {len(wanted)} parts of the lab")
    for artifact in todo:
        artifact.ensure()
    if not arguments.keep_go_cache:
        go.drop_build_cache()
    say("everything is built")


def _up(arguments: argparse.Namespace) -> None:
    kinds = [kind for kind in arguments.nodes.split(",") if kind]
    unknown = [kind for kind in kinds if kind not in disk.RELEASES]
    if unknown:
        raise LabError(f"--nodes: no kind {unknown[0]!r}; there are {', '.join(disk.RELEASES)}")
    if arguments.fresh and not kinds:
        raise LabError("--fresh: only for virtual nodes, so name them with --nodes; simulated ones are made anew in seconds")
    Cluster(arguments.name).up(kinds, arguments.simulated, fresh=arguments.fresh)


def _existing(name: str) -> Cluster:
    return Cluster(name).require()


def _status(arguments: argparse.Namespace) -> None:
    found = [arguments.name] if arguments.name else names()
    for name in found:
        cluster = _existing(name)
        states = cluster.status()
        say(f"{name}: {'down' if not states else ''}".rstrip())
        for program, state in states.items():
            say(f"  {program:20} {state}")
    if not found:
        say("no cluster; `lab up NAME` makes one")


def _exec(arguments: argparse.Namespace) -> int:
    cluster = _existing(arguments.name)
    programs = [str(go.binaries(family).path) for family in ("kubernetes", "helm", "istio", "gatekeeper")]
    environment = {**os.environ, "KUBECONFIG": str(cluster.kubeconfig), "PATH": os.pathsep.join([*programs, os.environ["PATH"]])}
    command = cluster.namespace.inside(*(arguments.command or [os.environ.get("SHELL", "/bin/sh")]))
    os.execvpe(command[0], command, environment)


def _ssh(arguments: argparse.Namespace) -> int:
    command = [*_existing(arguments.name).ssh(arguments.node), *arguments.command]
    os.execvp(command[0], command)
