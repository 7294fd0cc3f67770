# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the kustomizations of a folder, from what lies there: nothing is brought over the network."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from ..evidence import kustomization, secret_values
from ..evidence.bundle import short
from ..evidence.kustomization import Kustomization, KustomizationError

# It lists names of files.
_MOST_BYTES = 1024 * 1024
# Where nobody listens.
_NO_PROXY = "http://127.0.0.1:9"
# What it says first may be warnings, and last, where it broke down, the page of its stack.
_ERROR = re.compile(r"^(?:error: |(?=panic: ))(.*?)(?=^goroutine \d+ |\Z)", re.IGNORECASE | re.MULTILINE | re.DOTALL)


def read(files: Iterable[Path], top: Path) -> tuple[dict[Path, Kustomization], list[str]]:
    """Return the kustomizations among files, by their folders, and what is wrong with others."""
    found: dict[Path, Kustomization] = {}
    wrong = []
    for file in files:
        if file.name in kustomization.NAMES:
            name = file.relative_to(top).as_posix()
            try:
                one = kustomization.read(_text(file), name)
                if one is not None:
                    found[file.parent] = replace(one, named=(*one.named, *_named_by_plugins(one, file.parent)))
            except OSError as error:
                wrong.append(f"{name}: {error.strerror or error}")
            except UnicodeDecodeError as error:
                wrong.append(f"{name}: it is not UTF-8 (byte {error.start + 1})")
            except ValueError as error:
                wrong.append(str(error))
    return found, wrong


def _named_by_plugins(one: Kustomization, folder: Path) -> Iterator[tuple[str, str]]:
    for key, path in one.named:
        file = folder / path
        if key in kustomization.PLUGINS and os.path.isfile(file):
            yield from ((key, path) for path in kustomization.named_by_plugins(_text(file), f"{one.where(key)}: {key}: {path}"))


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

    absent = _absent(wanted, dict(found))
    if absent:
        raise KustomizationError("\n".join(absent))
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


def _absent(wanted: Iterable[Path], known: dict[Path, Kustomization]) -> list[str]:
    """Name what is not there: Kustomize would look for it over the network. Bases may lie beside the folder."""
    waiting, seen, lines = [*wanted], set[str](), []
    while waiting:
        folder = waiting.pop(0)
        # Links may lead back here by ever more names.
        real = os.path.realpath(folder)
        if real in seen:
            continue
        seen.add(real)
        if folder not in known:
            above = [folder / name for name in kustomization.NAMES if os.path.isfile(folder / name)]
            outside, wrong = read(above[:1], Path("/"))
            lines += wrong
            known.update(outside)
        one = known.get(folder)
        if one is None:
            continue
        for key, path in one.named:
            there = os.path.normpath(folder / path)
            # Kustomize asks for what is called so, also where there is a file that seems to be meant.
            if "://" in path or not os.path.exists(there):
                lines.append(
                    f"{one.where(key)}: {key}: {short(secret_values.redact(path))} is not there, and nothing is brought over the "
                    "network: judge what `kustomize build` prints where it can be had"
                )
            elif os.path.isdir(there):
                waiting.append(Path(there))
    return lines


def _command() -> list[str] | None:
    import shutil

    for name, word in (("kustomize", "build"), ("kubectl", "kustomize")):
        binary = shutil.which(name)
        if binary:
            return [binary, word]
    return None


def _build(command: list[str], folder: Path, name: str) -> tuple[str, str]:
    import tempfile

    from . import program

    with tempfile.TemporaryDirectory(prefix="zerotrust-kustomize-") as home:
        # Without a path there is no git, without a proxy no download, should it come to one.
        environment = {"HOME": home, "PATH": home, "HTTP_PROXY": _NO_PROXY, "HTTPS_PROXY": _NO_PROXY}
        try:
            done = program.run([*command, str(folder)], environment)
        except (OSError, program.Refused) as error:
            return "", f"{name}: {' '.join(command)}: {error}"
    if done.code:
        return "", f"{name}: it cannot be built: {_refusal(done.said)}"
    return done.output, ""


def _refusal(said: str) -> str:
    found = _ERROR.search(said)
    return secret_values.redact(" ".join((found.group(1) if found else said).split())[:800]) or "no message"
