# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
"""Content-keyed store: what was built once from the same inputs is never built again, by any checkout."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ztlab import paths
from ztlab.console import LabError, say, step

_FREE_GB_TO_BUILD = 25
_locked = False


def digest(*inputs: str | Path) -> str:
    """Key of some inputs: texts as they are, files and folders by content."""
    total = hashlib.sha256()
    for item in inputs:
        if isinstance(item, str):
            total.update(f"text {item}\n".encode())
            continue
        files = sorted(path for path in item.rglob("*") if path.is_file()) if item.is_dir() else [item]
        for path in files:
            name = path.relative_to(item) if item.is_dir() else path.name
            total.update(f"file {name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()[:16]


class Artifact:
    """A folder built from inputs. `path` exists only when it is complete: the build works aside and renames."""

    def __init__(self, name: str, key: str, build: Callable[[Path], None], title: str) -> None:
        self.name, self.key, self.title = name, key, title
        self.path = paths.ARTIFACTS / f"{name}-{key}"
        self._build = build

    @property
    def exists(self) -> bool:
        return self.path.is_dir()

    def ensure(self) -> Path:
        if not self.exists:
            with _build_lock():
                if not self.exists:
                    self._make()
        return self.path

    def _make(self) -> None:
        aside = self.path.with_name(f".{self.path.name}.part")
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(parents=True)
        with step(self.title):
            self._build(aside)
        aside.rename(self.path)


@contextmanager
def _build_lock() -> Iterator[None]:
    """One build at a time on a machine: two would only slow each other down and fill the disk. A build may need another."""
    global _locked
    if _locked:
        yield
        return
    paths.ARTIFACTS.mkdir(parents=True, exist_ok=True)
    with (paths.CACHE / "build.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            say(f"  another build (process {lock.read().strip() or 'unknown'}) is running; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        _locked = True
        try:
            yield
        finally:
            _locked = False


def require_disk() -> None:
    """Refuse to begin a build that cannot end: the Go build cache alone grows to 15 GB."""
    paths.CACHE.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(paths.CACHE).free // 10**9
    if free < _FREE_GB_TO_BUILD:
        raise LabError(
            f"{paths.CACHE}: {free} GB free, building needs {_FREE_GB_TO_BUILD} GB. "
            "Free some, or point XDG_CACHE_HOME at a larger disk."
        )
