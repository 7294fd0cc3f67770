# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
"""A cluster of the lab: bring it up, tell its state, take it down."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from pathlib import Path

from ztlab import charts, control_plane, disk, go, images, network, paths, registry, snapshot, vm
from ztlab.console import LabError, say, wait_for
from ztlab.network import Namespace
from ztlab.pki import Authority
from ztlab.supervisor import Program, Supervisor

_API_SECONDS, _SSH_SECONDS, _REGISTER_SECONDS = 60, 300, 300


class Cluster:
    """One cluster by name. Its folder says everything about it; `cluster.json` what was asked for."""

    def __init__(self, name: str) -> None:
        if not name.replace("-", "").isalnum() or len(name) > 8 or name != name.lower():
            raise LabError(
                f"cluster name {name!r}: use up to 8 lower-case letters, digits or dashes (it names a network namespace)"
            )
        self.name = name
        self.folder = paths.CLUSTERS / name
        self.namespace = Namespace(name)
        self.supervisor = Supervisor(self.folder, self.namespace)
        self.kubeconfig = self.folder / "admin.kubeconfig"

    @property
    def exists(self) -> bool:
        return (self.folder / "cluster.json").exists()

    @property
    def spec(self) -> dict[str, list[str] | int]:
        return json.loads((self.require().folder / "cluster.json").read_text())

    def require(self) -> Cluster:
        if not self.exists:
            raise LabError(f"no cluster {self.name!r}: `lab up {self.name}` makes one, `lab status` lists them")
        return self

    @property
    def nodes(self) -> list[vm.Node]:
        return vm.nodes(self.spec["kinds"])  # type: ignore[arg-type]

    def up(self, kinds: list[str], simulated: int, *, fresh: bool = False) -> None:
        """Bring the cluster up, or what of it is not. `fresh`: as at its first boot, whatever was done to it since."""
        started = time.monotonic()
        wanted = {"kinds": kinds, "simulated": simulated}
        if self.exists and self.spec != wanted:
            raise LabError(
                f"cluster {self.name!r} exists with {self.spec}, asked for {wanted}: "
                f"`lab down {self.name}` first, or take another name"
            )
        (self.folder / "logs").mkdir(parents=True, exist_ok=True)
        authority = control_plane.prepare(self.folder)
        programs = self._programs(kinds, simulated, authority)
        self.namespace.create()
        for node in vm.nodes(kinds):
            self.namespace.add_tap(node.tap)
        (self.folder / "cluster.json").write_text(json.dumps(wanted))
        self.supervisor.configure(programs)
        self.supervisor.start()
        self._start_stopped()
        self._wait_for_api()
        if fresh:
            self._freshen()
        elif kinds:
            self._join_nodes()
        if simulated:
            self._simulate(simulated)
        say(f"  cluster {self.name} is up ({time.monotonic() - started:.0f} s)")

    def _programs(self, kinds: list[str], simulated: int, authority: Authority) -> list[Program]:
        stages = charts.sources().ensure() / "kwok-stages.yaml" if simulated else None
        programs = control_plane.programs(self.folder, go.binaries("kubernetes").ensure(), simulated=stages)
        if not kinds:
            return programs
        storage = images.registry_storage().ensure() / "storage"
        config = self.folder / "registry.yaml"
        config.write_text(registry.config(storage, f"{network.GATEWAY}:5000", readonly=True))
        clang = shutil.which("clang-19") or shutil.which("clang") or "clang-19"
        server = (
            f"{go.binaries('clangd').ensure()}/clang-server",
            "--listen",
            f"{network.GATEWAY}:8090",
            "--clang",
            clang,
            "--bpf-dir",
            f"{charts.sources().ensure()}/bpf",
            "--cache",
            f"{paths.CACHE}/clang",
        )
        programs += [
            Program("registry", (f"{go.binaries('tools').ensure()}/registry", "serve", str(config))),
            Program("clang", server),
        ]
        key = _ssh_key()
        nodes = vm.nodes(kinds)
        for node in nodes:
            base = disk.node_disk(node.kind).ensure()
            vm.create_disk(self.folder, node, base)
            vm.write_seed(self.folder, node, authority, key, control_plane.API)
            programs.append(vm.program(self.folder, node, base))
        self._write_ssh_config(nodes)
        return programs

    def _wait_for_api(self) -> None:
        wait_for(
            "the API server",
            lambda: self.kubectl("get", "--raw=/readyz").returncode == 0,
            seconds=_API_SECONDS,
            alive=self._why_dead,
        )

    def _start_stopped(self) -> None:
        """A program that was stopped by hand, or a node that was powered off, comes back with `up`."""
        for program, state in self.supervisor.states().items():
            if state in {"STOPPED", "EXITED", "FATAL"}:
                self.supervisor.control("start", program)

    def _why_dead(self) -> str | None:
        if not self.supervisor.running:
            return f"its processes ended: see {self.folder}/logs"
        nodes = {node.name for node in self.nodes}
        ended = [
            name for name, state in self.supervisor.states().items() if state == "FATAL" or (state == "EXITED" and name in nodes)
        ]
        return f"{ended[0]} does not run. The end of its log:\n    {self.supervisor.log_tail(ended[0])}" if ended else None

    def _join_nodes(self) -> None:
        # Once: what a site took away since, kube-proxy above all, must not come back with the next `up`.
        applied = self.folder / "addons.applied"
        if not applied.exists():
            self.kubectl("apply", "--server-side", "-f", str(paths.LAB / "manifests/addons.yaml"), check=True)
            applied.touch()
        for node in self.nodes:
            wait_for(
                f"{node.name} to boot ({node.kind})",
                lambda node=node: self._answers(node),
                seconds=_SSH_SECONDS,
                alive=self._why_dead,
            )
        wait_for("the kubelets to register", self._registered, seconds=_REGISTER_SECONDS, alive=self._why_dead)
        for name, cidr in self._pod_cidrs().items():
            self.namespace.route(cidr, next(node.address for node in self.nodes if node.name == name))

    def _freshen(self) -> None:
        """Bring the state of the first boot back, or keep it for the next time."""
        names = [node.name for node in self.nodes]
        if snapshot.exists(self.folder):
            snapshot.restore(self.folder, names, self.supervisor)
            self._wait_for_api()
            self._join_nodes()
        else:
            self._join_nodes()
            snapshot.save(self.folder, names, self.supervisor)
            self._wait_for_api()
        for node in self.nodes:
            # A machine that stood still did not see the time go by.
            command = [*self.ssh(node.name), f"date --set=@{time.time():.0f}"]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                raise LabError(f"{node.name}: its clock could not be set: {done.stderr.strip()}")

    def _answers(self, node: vm.Node) -> bool:
        return subprocess.run([*self.ssh(node.name), "true"], capture_output=True, check=False).returncode == 0

    def _registered(self) -> bool:
        return set(self._pod_cidrs()) >= {node.name for node in self.nodes}

    def _pod_cidrs(self) -> dict[str, str]:
        listed = self.kubectl("get", "nodes", "-o", "json")
        items = json.loads(listed.stdout)["items"] if listed.returncode == 0 else []
        return {item["metadata"]["name"]: item["spec"]["podCIDR"] for item in items if "podCIDR" in item["spec"]}

    def _simulate(self, count: int) -> None:
        nodes = [
            {
                "apiVersion": "v1",
                "kind": "Node",
                "metadata": {
                    "name": f"simulated{number}",
                    "annotations": {"kwok.x-k8s.io/node": "fake"},
                    "labels": {"kubernetes.io/hostname": f"simulated{number}", "kubernetes.io/os": "linux"},
                },
                "status": {
                    "allocatable": {"cpu": "8", "memory": "16Gi", "pods": "110"},
                    "capacity": {"cpu": "8", "memory": "16Gi", "pods": "110"},
                },
            }
            for number in range(1, count + 1)
        ]
        self.kubectl(
            "apply",
            "--server-side",
            "-f",
            "-",
            check=True,
            stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": nodes}),
        )
        ready = ("get", "nodes", "-o", "jsonpath={.items[*].status.conditions[?(@.type=='Ready')].status}")
        wait_for(
            f"{count} simulated nodes",
            lambda: self.kubectl(*ready).stdout.split().count("True") >= count,
            seconds=60,
            alive=self._why_dead,
        )

    def kubectl(self, *words: str, check: bool = False, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        command = self.namespace.inside(
            str(go.binaries("kubernetes").path / "kubectl"), f"--kubeconfig={self.kubeconfig}", "--request-timeout=10s", *words
        )
        done = subprocess.run(command, capture_output=True, text=True, check=False, input=stdin)
        if check and done.returncode:
            raise LabError(f"kubectl {' '.join(words[:3])}: {done.stderr.strip()}")
        return done

    def ssh(self, node: str) -> list[str]:
        return ["ssh", "-F", str(self.folder / "ssh_config"), node]

    def _write_ssh_config(self, nodes: list[vm.Node]) -> None:
        """Host keys are known beforehand, so strict checking stays on as it should anywhere."""
        known = self.folder / "known_hosts"
        known.write_text(
            "".join(f"{node.address} {(self.folder / f'{node.name}.ssh_host_ed25519_key.pub').read_text()}" for node in nodes)
        )
        hosts = "".join(
            f"Host {node.name} {node.address}\n  HostName {node.address}\n  HostKeyAlias {node.address}\n" for node in nodes
        )
        common = (
            f"Host *\n  User root\n  IdentityFile {paths.CACHE}/ssh/id_ed25519\n  IdentitiesOnly yes\n"
            f"  UserKnownHostsFile {known}\n  StrictHostKeyChecking yes\n"
            "  ConnectTimeout 20\n  ServerAliveInterval 15\n  ServerAliveCountMax 8\n"
            f"  ProxyCommand nsenter --net={self.namespace.path} nc %h %p\n"
        )
        (self.folder / "ssh_config").write_text(hosts + common)

    def down(self, *, keep: bool = False) -> None:
        """End every process of the cluster, its network, and (unless `keep`) its data."""
        self.supervisor.stop()
        self.namespace.delete()
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)

    def status(self) -> dict[str, str]:
        return self.supervisor.states()

    def inventory(self) -> dict[str, object]:
        """An Ansible inventory: the driver inside the lab's network, the nodes by ssh."""
        python = self.folder / "python"
        if not python.exists():
            python.write_text(f'#!/bin/sh\nexec nsenter --net={self.namespace.path} {Path(os.sys.executable)} "$@"\n')
            python.chmod(0o755)
        tgz = charts.packages().path
        hostvars: dict[str, dict[str, object]] = {
            "driver": {
                "ansible_connection": "local",
                "ansible_python_interpreter": str(python),
                "zerotrust_kubeconfig": str(self.kubeconfig),
                "zerotrust_helm_binary": str(go.binaries("helm").path / "helm"),
                "zerotrust_charts_dir": str(tgz),
            }
        }
        for node in self.nodes:
            hostvars[node.name] = {
                "ansible_host": node.address,
                "ansible_ssh_common_args": f"-F {self.folder}/ssh_config",
                "ansible_python_interpreter": "/usr/bin/python3",
                "ansible_become": False,
            }
        return {
            "all": {
                "vars": {
                    "zerotrust_cluster": self.name,
                    "zerotrust_api_host": network.GATEWAY,
                    "zerotrust_pod_cidrs": [network.POD_CIDR],
                    "zerotrust_service_cidrs": [network.SERVICE_CIDR],
                }
            },
            "drivers": {"hosts": ["driver"]},
            "nodes": {"hosts": [node.name for node in self.nodes]},
            "_meta": {"hostvars": hostvars},
        }


def _ssh_key() -> str:
    key = paths.CACHE / "ssh" / "id_ed25519"
    if not key.exists():
        key.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "zerotrust-lab", "-f", str(key)], check=True)
    return key.with_suffix(".pub").read_text()


def names() -> list[str]:
    return sorted(path.parent.name for path in paths.CLUSTERS.glob("*/cluster.json"))
