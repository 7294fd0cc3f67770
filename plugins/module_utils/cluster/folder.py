# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads what shall be judged without a cluster: values files, a saved bundle, manifests, each known by what it is."""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..evidence import manifests, saved_bundle, strict_json, strict_yaml, values_file
from ..evidence.strict_yaml import Document
from ..evidence.values_file import ValuesFile

_YAML, _JSON, _PACKED = (".yaml", ".yml"), (".json",), (".json.gz",)
_MOST_FILES = 2000
# CRDs of the whole platform are 2 MB of YAML; the bundle of a hundred nodes is 20 MB unpacked.
_MOST_BYTES = 16 * 1024 * 1024
_MOST_UNPACKED = 256 * 1024 * 1024
_NAMED = 8


class FolderError(Exception):
    """The folder cannot be judged; the message says why, a line for each file that is wrong."""


@dataclass
class Folder:
    """What a folder holds. Every file of it is in one of these."""

    path: str
    values: dict[str, ValuesFile] = field(default_factory=dict)
    bundle: dict[str, Any] | None = None
    bundle_name: str = ""
    objects: list[manifests.Source] = field(default_factory=list)
    manifests: list[str] = field(default_factory=list)
    # Files that nothing was read from.
    unread: list[str] = field(default_factory=list)


def read(path: str) -> Folder:
    """Read every file below a folder, or one file; what begins with a dot is left out. Raises FolderError."""
    top = Path(path).expanduser()
    if not top.is_dir() and not top.is_file():
        raise FolderError(
            f"{path} is neither a file nor a folder" if top.exists() else f"{path}: there is no such file or folder"
        )
    files = _files(top, path) if top.is_dir() else [top]
    top = top if top.is_dir() else top.parent
    folder, wrong = Folder(path), []
    for file in files:
        name = file.relative_to(top).as_posix()
        try:
            _read(folder, file, name)
        except OSError as error:
            wrong.append(f"{name}: {error.strerror or error}")
        except (EOFError, zlib.error):
            wrong.append(f"{name}: it is not whole, or not packed by gzip")
        except UnicodeDecodeError as error:
            wrong.append(f"{name}: it is not UTF-8 (byte {error.start + 1})")
        except ValueError as error:
            wrong.append(str(error))
    if wrong:
        raise FolderError("\n".join([f"{path} cannot be judged before this is put right:", *(f"- {one}" for one in wrong)]))
    if not (folder.values or folder.bundle or folder.objects):
        raise FolderError(
            f"{path}: nothing in it can be judged. Wanted are <chart>.values.yaml or <chart>-<version>.values.yaml "
            f"({', '.join(values_file.CHARTS)}), a saved evidence.json.gz, or rendered manifests; "
            f"found: {listed(folder.unread) or 'no file'}."
        )
    return folder


def _files(top: Path, path: str) -> list[Path]:
    found: list[Path] = []
    for file in _walk(top):
        found.append(file)
        if len(found) > _MOST_FILES:
            raise FolderError(f"{path} holds more than {_MOST_FILES} files; name the folder that holds only what shall be judged")
    return found


def _walk(top: Path) -> Iterator[Path]:
    for above, folders, files in os.walk(top):
        folders[:] = sorted(one for one in folders if not one.startswith("."))
        yield from (Path(above, one) for one in sorted(files) if not one.startswith(".") and Path(above, one).is_file())


def _read(folder: Folder, file: Path, name: str) -> None:
    if values_file.is_one(file.name):
        one = values_file.read(_text(file), file.name, name)
        if one.chart in folder.values:
            raise ValueError(
                f"{name}: chart {one.chart} has values in {folder.values[one.chart].name} too; keep one of the files"
            )
        folder.values[one.chart] = one
    elif file.name.endswith(_YAML):
        _objects(folder, name, strict_yaml.documents(_text(file), name))
    elif file.name.endswith(_JSON + _PACKED):
        found = strict_json.documents(_text(file), name)
        if len(found) == 1 and saved_bundle.is_one(found[0].value):
            if folder.bundle is not None:
                raise ValueError(f"{name}: {folder.bundle_name} is a saved bundle too; a folder is judged with one of them")
            folder.bundle, folder.bundle_name = saved_bundle.read(found[0].value, name), name
        else:
            _objects(folder, name, found)
    else:
        folder.unread.append(name)


def _objects(folder: Folder, name: str, documents: list[Document]) -> None:
    documents = [one for one in documents if one.value is not None]
    found = [one for one in documents if manifests.is_object(one.value)]
    for one in found:
        folder.objects += manifests.unfold(name, one)
    if found:
        folder.manifests.append(name)
    strange = len(documents) - len(found)
    if strange and found:
        folder.unread.append(f"{name} ({strange} of {len(documents)} documents are no Kubernetes objects)")
    elif not found:
        folder.unread.append(f"{name} (no Kubernetes object in it)")


def _text(file: Path) -> str:
    if file.stat().st_size > _MOST_BYTES:
        raise OSError(f"it is larger than {_MOST_BYTES // 1024 // 1024} MiB")
    if not file.name.endswith(_PACKED):
        return file.read_text(encoding="utf-8-sig")
    with gzip.open(file) as packed:
        content = packed.read(_MOST_UNPACKED + 1)
    if len(content) > _MOST_UNPACKED:
        raise OSError(f"it unpacks to more than {_MOST_UNPACKED // 1024 // 1024} MiB")
    return content.decode("utf-8")


def listed(names: Sequence[str]) -> str:
    """Join names for a message; of very many only the first."""
    return ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
