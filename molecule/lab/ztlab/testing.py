# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
"""What the scenarios' tests share: the cluster, its API, its nodes, and playbook runs as a user makes them."""

from __future__ import annotations

import json
import os
import subprocess
import time
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
        return subprocess.run(
            _command(name, tmp_path, words),
            cwd=paths.CHECKOUT,
            env={**_environment(), **(environment or {})},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )

    return run


@pytest.fixture
def module(tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """module("node1", "cni_chain", chain=[...]) -> what the collection's module returns there."""

    def run(host: str, name: str, **arguments: Any) -> dict[str, Any]:
        result, play = tmp_path / f"{name}.result", tmp_path / f"{name}.yml"
        # JSON is YAML; a failed module's result is wanted as well.
        keep = {"content": "{{ result | to_json }}", "dest": str(result)}
        tasks = [
            {f"zerotrust.baremetal.{name}": arguments, "register": "result", "ignore_errors": True},
            {"ansible.builtin.copy": keep, "delegate_to": "localhost"},
        ]
        play.write_text(json.dumps([{"hosts": host, "gather_facts": False, "tasks": tasks}]))
        subprocess.run(
            ["ansible-playbook", str(play), "-i", "inventories/lab"], cwd=paths.CHECKOUT, env=_environment(), check=True
        )
        return json.loads(result.read_text())

    return run


def _command(name: str, reports: Path, words: tuple[str, ...]) -> list[str]:
    return ["ansible-playbook", f"playbooks/{name}.yml", "-i", "inventories/lab", "-e", f"zerotrust_report_dir={reports}", *words]


def _environment() -> dict[str, str]:
    # Molecule asks for colours, which would stand between the words that tests look for.
    return {**os.environ, "ANSIBLE_FORCE_COLOR": "0"}


def refuses(run: subprocess.CompletedProcess[str], *words: str) -> None:
    """The run failed with all these words, and without a traceback."""
    assert run.returncode != 0, run.stdout
    assert "Traceback" not in run.stdout
    for word in words:
        assert word in run.stdout, f"{word!r} is not in:\n{run.stdout[-4000:]}"


def site_that_loses_the_api(
    cluster: Cluster, folder: Path, *words: str, when: Callable[[str], bool]
) -> subprocess.CompletedProcess[str]:
    """Run site.yml; the API server goes away as soon as when(text so far) holds, and is back when this returns."""
    log = folder / "site.log"
    command = _command("site", folder, words)
    with log.open("w") as out:
        run = subprocess.Popen(command, cwd=paths.CHECKOUT, env=_environment(), stdout=out, stderr=subprocess.STDOUT)
        try:
            while not when(log.read_text()):
                assert run.poll() is None, log.read_text()[-4000:]
                time.sleep(0.5)
            cluster.supervisor.control("stop", "apiserver")
            code = run.wait()
        finally:
            run.kill()
            cluster.supervisor.control("start", "apiserver")
    while cluster.kubectl("get", "--raw=/readyz").returncode:
        time.sleep(0.5)
    return subprocess.CompletedProcess(command, code, log.read_text())
