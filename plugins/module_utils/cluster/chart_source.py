# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Brings a chart to the driver, wherever it comes from, so that it can be read like one that lies there."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from ..evidence import secret_values
from ..evidence.chart import ChartError
from . import helm_command, program


def locate(ref: str, repo_url: str, version: str, binary: str | None) -> str:
    """Return the path of the chart: `ref` itself when it is a path, else the archive that `helm pull` brings.

    A pulled archive is kept in `$XDG_CACHE_HOME/zerotrust/charts` and not asked for again: a published version does not change.
    Without a version the newest one is asked for each time. Raises ChartError with Helm's word when there is none.
    """
    if ref.startswith(("/", ".", "~")):
        return os.path.expanduser(ref)
    source = secret_values.redact(repo_url) or "its registry"
    if binary is None:
        raise ChartError(f"{ref}: helm was not found, so the chart was not brought from {source}")
    kept = _folder(ref, repo_url, version)
    if version and (archive := _archive(kept)):
        return archive
    kept.parent.mkdir(parents=True, exist_ok=True)
    # Aside, then renamed: neither a second run nor an interrupted one leaves half an archive there.
    with tempfile.TemporaryDirectory(dir=kept.parent) as aside:
        command = [binary, "pull", ref, "--destination", aside]
        command += ["--repo", repo_url] if repo_url else []
        command += ["--version", version] if version else []
        try:
            done = program.run(command)
        except program.Refused as error:
            raise ChartError(f"{ref}: helm could not bring it from {source}: {error}") from None
        pulled = _archive(Path(aside))
        if done.code or not pulled:
            raise ChartError(f"{ref}: helm could not bring it from {source}: {helm_command.refusal(done.said)}")
        kept.mkdir(exist_ok=True)
        archive = str(kept / Path(pulled).name)
        os.replace(pulled, archive)
    return archive


def cache() -> Path:
    """Return the folder for what is kept of charts."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "zerotrust" / "charts"


def _folder(ref: str, repo_url: str, version: str) -> Path:
    return cache() / hashlib.sha256(f"{ref}\n{repo_url}\n{version}".encode()).hexdigest()[:16]


def _archive(folder: Path) -> str | None:
    return next((str(path) for path in sorted(folder.glob("*.tgz"))), None)
