# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads what shall be judged without a cluster: values files, a saved bundle, manifests, each known by what it is.

A kustomization is built, and judged as what comes out. Argo CD's Applications are read as the values they give charts.
"""

from __future__ import annotations

import functools
import gzip
import os
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from ..evidence import kustomization, manifests, saved_bundle, strict_yaml, values_file
from ..evidence.document import Document
from ..evidence.values_file import ValuesFile
from . import kustomize

if TYPE_CHECKING:
    from ..evidence import argo_application

_YAML, _JSON, _PACKED = (".yaml", ".yml"), (".json",), (".json.gz",)
_MOST_FILES = 2000
# CRDs of the whole platform are 2 MB of YAML, and a packed bundle is a twentieth of what it unpacks to.
_MOST_BYTES = 16 * 1024 * 1024
_NAMED = 8
# What no report can hold (half a character stands for what is no UTF-8), or what would begin a line of its own there.
_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class FolderError(Exception):
    """The folder cannot be judged; the message says why, a line for each file that is wrong."""


@dataclass
class Folder:
    """What a folder holds. Every file of it is in one of these."""

    path: str
    values: dict[str, ValuesFile] = field(default_factory=dict)
    bundle: dict[str, Any] | None = None
    bundle_name: str = ""
    objects: manifests.Placed = field(default_factory=manifests.Placed)
    manifests: list[str] = field(default_factory=list)
    # What Argo CD's Applications install of this platform.
    installed: list[argo_application.Source] = field(default_factory=list)
    # Files that nothing was read from.
    unread: list[str] = field(default_factory=list)


def read(path: str) -> Folder:
    """Read every file below a folder, or one file; what begins with a dot is left out. Raises FolderError."""
    top = Path(path).expanduser()
    if not top.is_dir() and not top.is_file():
        raise FolderError(
            f"{path} is neither a file nor a folder" if top.exists() else f"{path}: there is no such file or folder"
        )
    top = Path(os.path.normpath(top))
    _refuse_unfit(top)
    folder = Folder(path)
    files = _files(folder, top) if top.is_dir() else [top]
    top = top if top.is_dir() else top.parent
    kustomizations, refused = kustomize.read(files, top)
    wrong = [*refused]
    parts = kustomize.parts(kustomizations)
    charts = _charts(folder, files, top)
    for file in files:
        name = os.path.relpath(file, top)
        if not values_file.is_one(file.name) and (
            file in parts
            or (file.name in kustomization.NAMES and (file.parent in kustomizations or refused))
            or (charts and not charts.isdisjoint(file.parents))
        ):
            continue
        try:
            _read(folder, file, name)
        except (EOFError, zlib.error, gzip.BadGzipFile):
            wrong.append(f"{name}: it is not whole, or not packed by gzip")
        except OSError as error:
            wrong.append(f"{name}: {error.strerror or error}")
        except manifests.Unchecked as error:
            raise FolderError(str(error)) from None
        except UnicodeDecodeError as error:
            wrong.append(f"{name}: it is not UTF-8 (byte {error.start + 1})")
        except ValueError as error:
            wrong.append(str(error))
    wrong += _built(folder, kustomizations, top)
    wrong += _installed(folder, top)
    if wrong:
        raise FolderError("\n".join([f"{path} cannot be judged before this is put right:", *(f"- {one}" for one in wrong)]))
    if not (folder.values or folder.bundle or folder.objects):
        raise FolderError(
            f"{path}: nothing in it can be judged. Wanted are <chart>.values.yaml or <chart>-<version>.values.yaml "
            f"({', '.join(values_file.CHARTS)}), a saved evidence.json.gz, manifests, a kustomization, or Applications of "
            "Argo CD that install these charts; "
            f"found: {listed(folder.unread) or 'no file'}."
        )
    return folder


def _files(folder: Folder, top: Path) -> list[Path]:
    found: list[Path] = []
    for file in _walk(top):
        _refuse_unfit(file)
        try:
            regular = file.is_file()
        except OSError as error:
            _unlisted(error)
        if not regular:
            what = "a link, which is not followed" if file.is_symlink() else "no regular file"
            folder.unread.append(f"{file.relative_to(top).as_posix()} ({what})")
            continue
        found.append(file)
        if len(found) > _MOST_FILES:
            raise FolderError(
                f"{folder.path} holds more than {_MOST_FILES} files; name the folder that holds only what shall be judged"
            )
    return found


def _walk(top: Path) -> Iterator[Path]:
    """Give every file below a folder, and every link to a folder: it may lead in a circle."""
    for above, folders, files in os.walk(top, onerror=_unlisted):
        folders[:] = sorted(one for one in folders if not one.startswith("."))
        links = [one for one in folders if os.path.islink(os.path.join(above, one))]
        yield from (Path(above, one) for one in sorted([*files, *links]) if not one.startswith("."))


def _refuse_unfit(file: Path) -> None:
    name = str(file)
    if _UNFIT.search(name):
        raise FolderError(f"{_UNFIT.sub('�', name)}: its name has what is no UTF-8, or a control character: rename it")


def _unlisted(error: OSError) -> NoReturn:
    raise FolderError(
        f"{error.filename} cannot be judged, as nobody knows what is in it: {error.strerror}. "
        "Run as somebody who may list it, or name a folder without it."
    )


def _charts(folder: Folder, files: Sequence[Path], top: Path) -> set[Path]:
    """Return the folders that are charts: what their templates make is not known before they are rendered."""
    found = {file.parent for file in files if file.name == "Chart.yaml"}
    for one in sorted(found):
        if found.isdisjoint(one.parents):
            name = (one / "Chart.yaml").relative_to(top).as_posix()
            folder.unread.append(f"{name} (a chart; judge what `helm template` makes of it)")
    return found


def _read(folder: Folder, file: Path, name: str) -> None:
    # A name that is nearly one would be judged by nothing, and nobody would see it.
    if values_file.is_one(file.name) or values_file.meant(file.name):
        one = values_file.read(_text(file), file.name, name)
        if one.chart in folder.values:
            raise ValueError(
                f"{name}: chart {one.chart} has values in {folder.values[one.chart].name} too; keep one of the files"
            )
        folder.values[one.chart] = one
    elif file.name.endswith(_YAML):
        _yaml(folder, name, _text(file))
    elif file.name.endswith(_JSON + _PACKED):
        found = saved_bundle.documents(_text(file), name)
        if len(found) == 1 and saved_bundle.is_one(found[0].value):
            if folder.bundle is not None:
                raise ValueError(f"{name}: {folder.bundle_name} is a saved bundle too; a folder is judged with one of them")
            folder.bundle, folder.bundle_name = saved_bundle.read(found[0].value, name), name
        else:
            _objects(folder, name, found)
    else:
        folder.unread.append(name)


def _yaml(folder: Folder, name: str, text: str) -> None:
    _objects(folder, name, strict_yaml.one_by_one(text, name), text)


def _objects(folder: Folder, name: str, documents: Iterable[Document], text: str = "") -> None:
    """Take what is an object among documents. `text`: what they were read from, where that is YAML."""
    count = strange = 0
    before = len(folder.objects)
    rows = functools.cache(text.splitlines)
    for document in documents:
        if document.value is None:
            continue
        count += 1
        if not manifests.is_object(document.value):
            strange += 1
            continue
        for one in manifests.unfold(name, document):
            if manifests.is_application(one.value):
                _application(folder, one, name, rows())
            else:
                folder.objects.add(name, one)
    if len(folder.objects) > before:
        folder.manifests.append(name)
    if strange and strange < count:
        folder.unread.append(f"{name} ({strange} of {count} documents are no Kubernetes objects)")
    elif strange == count:
        folder.unread.append(_nothing_in(name))


def _nothing_in(name: str) -> str:
    chart = values_file.chart_of(os.path.basename(name))
    return f"{name} ({f'values of chart {chart}, which no rule knows' if chart else 'no Kubernetes object in it'})"


def _application(folder: Folder, document: Document, name: str, rows: list[str]) -> None:
    # Of few folders it is needed.
    from ..evidence import argo_application

    found, left = argo_application.read(document.value, argo_application.Text(name, rows, document.lines))
    folder.installed += found
    folder.unread += left


def _built(folder: Folder, kustomizations: Mapping[Path, Any], top: Path) -> list[str]:
    """Take what kustomizations build. Returns what is wrong with them."""
    built_by: dict[tuple[str, ...], str] = {}
    try:
        for place, text in kustomize.build(kustomizations):
            name = f"{kustomizations[place].name}, built"
            before = len(folder.objects)
            _yaml(folder, name, text)
            for key in folder.objects.names[before:]:
                if built_by.setdefault(key, name) != name:
                    return [
                        f"{kustomizations[place].name}: it builds {key[0]} {'/'.join(key[1:]).strip('/')}, as "
                        f"{built_by[key].removesuffix(', built')} does: judge one of them alone"
                    ]
    except kustomization.KustomizationError as error:
        return str(error).splitlines()
    except ValueError as error:
        return [str(error)]
    return []


def _installed(folder: Folder, top: Path) -> list[str]:
    """Take the values that Applications give. Returns what is wrong with them."""
    wrong, used = [], set()
    for one in folder.installed:
        for wanted in one.wanted:
            file = Path(os.path.normpath(top / wanted.partition("/")[2]))
            if not file.is_relative_to(top) or not os.path.isfile(file):
                one.file.unknown = (
                    one.file.unknown or f"{one.where}: {wanted} is not in the folder: judge the root of the repository it is in"
                )
                break
            name = file.relative_to(top).as_posix()
            used.add(name)
            try:
                one.take(*values_file.content(_text(file), name))
            except OSError as error:
                wrong.append(f"{name}: {error.strerror or error}")
            except ValueError as error:
                wrong.append(str(error))
    folder.unread = [one for one in folder.unread if one not in map(_nothing_in, used)]
    for one in folder.installed:
        other = folder.values.get(one.file.chart)
        if other is not None and other.name not in used:
            wrong.append(f"{one.file.name}: chart {one.file.chart} has values in {other.name} too; judge one of them alone")
        folder.values[one.file.chart] = one.file
    return list(dict.fromkeys(wrong))


def _text(file: Path) -> str:
    if file.stat().st_size > _MOST_BYTES:
        raise OSError(f"it is larger than {_MOST_BYTES // 1024 // 1024} MiB")
    if not file.name.endswith(_PACKED):
        return file.read_bytes().decode("utf-8-sig")
    with gzip.open(file) as packed:
        content = packed.read(saved_bundle.MOST_BYTES + 1)
    if len(content) > saved_bundle.MOST_BYTES:
        raise OSError(f"it unpacks to more than {saved_bundle.MOST_BYTES // 1024 // 1024} MiB")
    return content.decode("utf-8")


def listed(names: Sequence[str]) -> str:
    """Join names for a message; of very many only the first."""
    return ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
