# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
"""What the user sees: steps with their time, waits with their reason, errors with their remedy."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_HEARTBEAT_SECONDS = 30


class LabError(Exception):
    """An error the user can act on: one message, no traceback."""


def say(text: str) -> None:
    print(text, flush=True)


@contextmanager
def step(title: str) -> Iterator[None]:
    """Show a step that takes a while: its title, a heartbeat, and how long it took."""
    start = time.monotonic()
    live = sys.stdout.isatty()
    done = threading.Event()

    def heartbeat() -> None:
        while not done.wait(1 if live else _HEARTBEAT_SECONDS):
            elapsed = time.monotonic() - start
            if live:
                print(f"\r  … {title} ({elapsed:.0f} s)\033[K", end="", flush=True)
            else:
                say(f"  … {title} ({elapsed:.0f} s)")

    thread = threading.Thread(target=heartbeat, daemon=True)
    thread.start()
    mark = "✗"
    try:
        yield
        mark = "✓"
    finally:
        done.set()
        thread.join()
        print(
            f"{chr(13) if live else ''}  {mark} {title} ({time.monotonic() - start:.1f} s){'\033[K' if live else ''}", flush=True
        )


def wait_for(what: str, ready: Callable[[], bool], *, seconds: float, alive: Callable[[], str | None] = lambda: None) -> None:
    """Wait until ready() holds; fail at once when alive() tells why it never will."""
    deadline = time.monotonic() + seconds
    with step(f"waiting for {what}"):
        while not ready():
            reason = alive()
            if reason:
                raise LabError(f"{what}: {reason}")
            if time.monotonic() > deadline:
                raise LabError(f"{what}: not there after {seconds:.0f} s")
            time.sleep(0.5)


def run_logged(command: list[str], log: Path, *, cwd: Path | None = None, env: dict[str, str] | None = None) -> None:
    """Run a command with its output in a log file; an error shows the log's end."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        code = subprocess.call(command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
    if code:
        tail = "\n    ".join(log.read_text(errors="replace").splitlines()[-15:])
        raise LabError(f"`{' '.join(command[:4])} …` ended with {code}. The end of {log}:\n    {tail}")
