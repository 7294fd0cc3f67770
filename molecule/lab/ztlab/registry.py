# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
"""The lab's own OCI registry: its configuration, and serving a storage for a while on loopback."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ztlab import paths
from ztlab.console import LabError


def config(storage: Path, address: str, *, readonly: bool) -> str:
    return json.dumps(
        {
            "version": 0.1,
            "log": {"level": "warn", "accesslog": {"disabled": True}},
            "storage": {"filesystem": {"rootdirectory": str(storage)}, "maintenance": {"readonly": {"enabled": readonly}}},
            "http": {"addr": address},
        }
    )


@contextmanager
def serving(storage: Path, tools: Path, work: Path, *, readonly: bool) -> Iterator[str]:
    """Serve a storage on a free loopback port; yields host:port."""
    address = f"127.0.0.1:{_free_port()}"
    settings = work / "registry.yaml"
    settings.write_text(config(storage, address, readonly=readonly))
    with (paths.LOGS / "registry.log").open("wb") as log:
        server = subprocess.Popen([tools / "registry", "serve", settings], stdout=log, stderr=log)
    try:
        _wait(address, server)
        yield address
    finally:
        server.terminate()
        server.wait()
        settings.unlink()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(address: str, server: subprocess.Popen[bytes]) -> None:
    host, port = address.split(":")
    for _attempt in range(100):
        with socket.socket() as probe:
            if probe.connect_ex((host, int(port))) == 0:
                return
        if server.poll() is not None:
            break
        time.sleep(0.1)
    raise LabError(f"the registry did not start: see {paths.LOGS / 'registry.log'}")
