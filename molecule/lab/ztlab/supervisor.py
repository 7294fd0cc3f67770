# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
"""A cluster's processes under supervisord: restarted as a kubelet would, ended together, never found by name."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from ztlab.console import LabError
from ztlab.network import Namespace


@dataclass(frozen=True)
class Program:
    """A process. `restart`: start it again when it ends; `autostart`: start it with the cluster."""

    name: str
    command: tuple[str, ...]
    restart: bool = True
    stop_seconds: int = 10
    environment: dict[str, str] = field(default_factory=dict)


class Supervisor:
    """supervisord of one cluster, inside its network namespace."""

    def __init__(self, folder: Path, namespace: Namespace) -> None:
        self.folder, self.namespace = folder, namespace
        self._config, self._socket, self._pid = (
            folder / "supervisord.conf",
            folder / "supervisor.sock",
            folder / "supervisord.pid",
        )

    def configure(self, programs: list[Program]) -> None:
        (self.folder / "logs").mkdir(parents=True, exist_ok=True)
        sections = [
            f"[unix_http_server]\nfile={self._socket}\n",
            f"[supervisord]\npidfile={self._pid}\nlogfile={self.folder}/logs/supervisord.log\nchildlogdir={self.folder}/logs\nminfds=8192\n",
            "[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface\n",
            f"[supervisorctl]\nserverurl=unix://{self._socket}\n",
            *(self._section(program) for program in programs),
        ]
        self._config.write_text("\n".join(sections))

    def _section(self, program: Program) -> str:
        # A child dies with its supervisor, however that ends: nothing is left that would have to be searched for.
        command = shlex.join(["setpriv", "--pdeathsig", "KILL", "--", *program.command]).replace("%", "%%")
        environment = ",".join(f'{name}="{value}"' for name, value in program.environment.items())
        return (
            f"[program:{program.name}]\ncommand={command}\nenvironment={environment}\nredirect_stderr=true\n"
            f"stdout_logfile={self.folder}/logs/{program.name}.log\nstdout_logfile_maxbytes=50MB\nstdout_logfile_backups=0\n"
            f"autorestart={str(program.restart).lower()}\nstartsecs=0\nstartretries=1000\nstopwaitsecs={program.stop_seconds}\n"
        )

    @property
    def running(self) -> bool:
        return self._process_id() is not None

    def start(self) -> None:
        """Start supervisord, or hand a running one its new configuration."""
        if self.running:
            self.control("update")
            return
        self._socket.unlink(missing_ok=True)
        command = self.namespace.inside(sys.executable, "-m", "supervisor.supervisord", "-c", str(self._config))
        done = subprocess.run(command, capture_output=True, text=True, check=False, start_new_session=True)
        if done.returncode:
            raise LabError(f"supervisord did not start: {(done.stderr or done.stdout).strip()}")
        for _attempt in range(100):
            if self._socket.exists() and self.running:
                return
            time.sleep(0.1)
        raise LabError(f"supervisord did not start: see {self.folder}/logs/supervisord.log")

    def stop(self) -> None:
        pid = self._process_id()
        if pid is None:
            return
        os.kill(pid, signal.SIGTERM)
        for _attempt in range(300):
            if self._process_id() is None:
                return
            time.sleep(0.1)
        os.kill(pid, signal.SIGKILL)

    def control(self, *words: str) -> str:
        command = [sys.executable, "-m", "supervisor.supervisorctl", "-c", str(self._config), *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if "no such process" in done.stdout or "refused" in done.stdout:
            raise LabError(f"{' '.join(words)}: {done.stdout.strip()}")
        return done.stdout

    def states(self) -> dict[str, str]:
        """Program -> RUNNING, STOPPED, EXITED, FATAL ..."""
        lines = [line.split() for line in self.control("status").splitlines()] if self.running else []
        return {words[0]: words[1] for words in lines if len(words) > 1}

    def log_tail(self, program: str) -> str:
        path = self.folder / "logs" / f"{program}.log"
        return "\n    ".join(path.read_text(errors="replace").splitlines()[-8:]) if path.exists() else "(no log)"

    def _process_id(self) -> int | None:
        """The supervisor's process id, only while that id still is our supervisor's."""
        try:
            pid = int(self._pid.read_text())
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError):
            return None
        return pid if str(self._config).encode() in command else None
