# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the kustomizations of a folder, from what lies there: nothing is brought over the network."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from ..evidence import kustomization, secret_values
from ..evidence.bundle import short
from ..evidence.kustomization import Kustomization, KustomizationError

_SECONDS = 60
# It lists names of files.
_MOST_BYTES = 1024 * 1024
# Where nobody listens.
_NO_PROXY = "http://127.0.0.1:9"


def read(files: Iterable[Path], top: Path) -> tuple[dict[Path, Kustomization], list[str]]:
    """Return the kustomizations among files, by their folders, and what is wrong with others."""
    found: dict[Path, Kustomization] = {}
    wrong = []
    for file in files:
        if file.name in kustomization.NAMES:
            name = file.relative_to(top).as_posix()
            try:
                one = kustomization.read(_text(file), name)
            except OSError as error:
                wrong.append(f"{name}: {error.strerror or error}")
            except UnicodeDecodeError as error:
                wrong.append(f"{name}: it is not UTF-8 (byte {error.start + 1})")
            except ValueError as error:
                wrong.append(str(error))
            else:
                if one is not None:
                    found[file.parent] = one
    return found, wrong


def _text(file: Path) -> str:
    if file.stat().st_size > _MOST_BYTES:
        raise OSError(f"it is larger than {_MOST_BYTES // 1024 // 1024} MiB")
    return file.read_text(encoding="utf-8-sig")


def parts(found: Mapping[Path, Kustomization]) -> set[Path]:
    """Return the files and folders that kustomizations are made of."""
    return {Path(os.path.normpath(folder / path)) for folder, one in found.items() for _key, path in one.named}


def roots(found: Mapping[Path, Kustomization]) -> list[Path]:
    """Return the folders to build: those of which no other kustomization is made."""
    inner = parts(found)
    return [folder for folder, one in found.items() if folder not in inner and not one.component]


def build(found: Mapping[Path, Kustomization]) -> list[tuple[Path, str]]:
    """Build every root, and return what comes out. Raises KustomizationError with a line for each that cannot be built."""
    wanted = roots(found)
    if not wanted:
        return []
    # Most folders have none, and this library takes longer to import than a small folder to judge.
    from concurrent.futures import ThreadPoolExecutor

    absent = [line for folder in wanted for line in _absent(folder, dict(found), set())]
    if absent:
        raise KustomizationError("\n".join(dict.fromkeys(absent)))
    command = _command()
    if command is None:
        named = ", ".join(found[folder].name for folder in wanted)
        raise KustomizationError(
            f"{named}: neither kustomize nor kubectl is in the path of the driver, so it was not built: "
            "judge what `kustomize build` prints"
        )
    with ThreadPoolExecutor(2) as pool:
        built = list(pool.map(lambda folder: _build(command, folder, found[folder].name), wanted))
    wrong = [error for _text, error in built if error]
    if wrong:
        raise KustomizationError("\n".join(wrong))
    return [(folder, text) for folder, (text, _error) in zip(wanted, built)]


def _absent(folder: Path, known: dict[Path, Kustomization], seen: set[Path]) -> list[str]:
    """Name what is not there: Kustomize would look for it over the network. Bases may lie beside the folder."""
    if folder in seen:
        return []
    seen.add(folder)
    if folder not in known:
        above = [folder / name for name in kustomization.NAMES if (folder / name).is_file()]
        outside, wrong = read(above[:1], Path("/"))
        if wrong:
            return wrong
        known.update(outside)
    one = known.get(folder)
    if one is None:
        return []
    lines = []
    for key, path in one.named:
        there = os.path.normpath(folder / path)
        if os.path.isdir(there):
            lines += _absent(Path(there), known, seen)
        elif not os.path.exists(there):
            lines.append(
                f"{one.where(key)}: {key}: {short(secret_values.redact(path))} is not there, and nothing is brought over the "
                "network: judge what `kustomize build` prints where it can be had"
            )
    return lines


def _command() -> list[str] | None:
    import shutil

    for name, word in (("kustomize", "build"), ("kubectl", "kustomize")):
        binary = shutil.which(name)
        if binary:
            return [binary, word]
    return None


def _build(command: list[str], folder: Path, name: str) -> tuple[str, str]:
    import subprocess
    import tempfile

    with tempfile.TemporaryDirectory(prefix="zerotrust-kustomize-") as home:
        # Without a path there is no git, without a proxy no download, should it come to one.
        environment = {"HOME": home, "PATH": home, "HTTP_PROXY": _NO_PROXY, "HTTPS_PROXY": _NO_PROXY}
        try:
            # Not run_command: several are built at once, each with a limit of time and an environment of its own.
            # pylint: disable-next=ansible-bad-function
            done = subprocess.run(
                [*command, str(folder)], capture_output=True, text=True, timeout=_SECONDS, env=environment, check=False
            )
        except subprocess.TimeoutExpired:
            return "", f"{name}: {' '.join(command)} gave no result within {_SECONDS} s"
        except (OSError, UnicodeDecodeError) as error:
            return "", f"{name}: {' '.join(command)}: {error}"
    if done.returncode:
        said = secret_values.redact(" ".join(done.stderr.split())[:800].removeprefix("error: ").removeprefix("Error: "))
        return "", f"{name}: it cannot be built: {said or 'no message'}"
    return done.stdout, ""
