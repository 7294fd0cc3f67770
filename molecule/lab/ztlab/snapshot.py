# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
"""A cluster as it was at its first boot: the machines' memory and disks, and the etcd data that belongs to them."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from qemu.qmp import QMPClient, QMPError

from ztlab.console import LabError, step
from ztlab.supervisor import Supervisor

_CONTROL_PLANE = ("etcd", "apiserver", "controller-manager", "scheduler")
_TAG = "fresh"


def socket(folder: Path, node: str) -> Path:
    """Where a machine takes QEMU's orders (QMP)."""
    return folder / f"{node}.qmp"


def exists(folder: Path) -> bool:
    return _kept(folder).is_dir()


def save(folder: Path, nodes: Sequence[str], supervisor: Supervisor) -> None:
    with step("keeping the fresh state for later"), _standing_still(folder, nodes, supervisor):
        _tell(folder, nodes, f"savevm {_TAG}")
        shutil.copytree(folder / "etcd", _kept(folder))


def restore(folder: Path, nodes: Sequence[str], supervisor: Supervisor) -> None:
    with step("bringing the fresh state back"), _standing_still(folder, nodes, supervisor):
        _tell(folder, nodes, f"loadvm {_TAG}")
        shutil.rmtree(folder / "etcd")
        shutil.copytree(_kept(folder), folder / "etcd")


def _kept(folder: Path) -> Path:
    return folder / "etcd.fresh"


@contextmanager
def _standing_still(folder: Path, nodes: Sequence[str], supervisor: Supervisor) -> Iterator[None]:
    """The machines stop before the control plane and go on after it, so that none has seen what etcd will not know."""
    _order(folder, nodes, "stop")
    supervisor.control("stop", *reversed(_CONTROL_PLANE))
    try:
        yield
    finally:
        supervisor.control("start", *_CONTROL_PLANE)
        _order(folder, nodes, "cont")


def _tell(folder: Path, nodes: Sequence[str], command: str) -> None:
    """An order that only QEMU's human monitor knows; it answers nothing when all went well."""
    for node, answer in _order(folder, nodes, "human-monitor-command", {"command-line": command}).items():
        if answer:
            raise LabError(f"{node}: `{command}`: {str(answer).strip()}. `lab down` and `lab up` make the cluster anew.")


def _order(folder: Path, nodes: Sequence[str], command: str, arguments: dict[str, object] | None = None) -> dict[str, object]:
    async def ask(node: str) -> object:
        monitor = QMPClient(node)
        await monitor.connect(str(socket(folder, node)))
        try:
            return await monitor.execute(command, arguments)
        finally:
            await monitor.disconnect()

    async def ask_all() -> list[object]:
        return await asyncio.gather(*(ask(node) for node in nodes))

    try:
        return dict(zip(nodes, asyncio.run(ask_all()), strict=True))
    except (QMPError, OSError) as error:
        raise LabError(f"a machine does not take the order {command!r}: {error}. Is it running? `lab status` tells.") from None
