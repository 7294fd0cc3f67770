# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
"""What the scenarios' tests share: the cluster, its API, its nodes, and playbook runs as a user makes them."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import testinfra

from ztlab import paths
from ztlab.cluster import Cluster

Playbook = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def cluster() -> Cluster:
    return Cluster(os.environ["ZEROTRUST_LAB"])


@pytest.fixture(scope="session")
def node(cluster: Cluster) -> Callable[[str], Any]:
    """node("node1") -> a testinfra host over ssh."""
    return lambda name: testinfra.get_host(f"ssh://{name}", ssh_config=str(cluster.folder / "ssh_config"))


@pytest.fixture(scope="session")
def api(cluster: Cluster) -> Callable[..., Any]:
    """api("get", "pods", ...) -> parsed JSON."""

    def ask(*words: str) -> Any:
        return json.loads(cluster.kubectl(*words, "-o", "json", check=True).stdout)

    return ask


@pytest.fixture
def playbook(tmp_path: Path) -> Playbook:
    """playbook("verify", "-e", ...) -> the finished run; its text is stdout and stderr together."""

    def run(name: str, *words: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        command = [
            "ansible-playbook",
            f"playbooks/{name}.yml",
            "-i",
            "inventories/lab",
            "-e",
            f"zerotrust_report_dir={tmp_path}",
            *words,
        ]
        return subprocess.run(
            command,
            cwd=paths.CHECKOUT,
            env={**os.environ, **(environment or {})},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )

    return run
