# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Helm charts: which values a chart knows, and which given values it would silently ignore.

No chart of this platform rejects a key it does not know. What a chart knows is not in values.yaml alone: templates use keys that
values.yaml does not name, or names only in a comment. So the catalogue is made of all of them.
"""

from __future__ import annotations

import difflib
import functools
import json
import re
import tarfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import chart_reads, strict_yaml
from .bundle import short
from .chart_keys import ISTIO_DEFAULTS, Node, learn_comments, learn_schema, learn_values
from .misplaced import explain, nested

_TEXTS = (".yaml", ".yml", ".tpl", ".txt", ".json")
_FILES = "/files/"
_MAX_FILE = 8 * 1024 * 1024
# A key of a common name, as enabled, stands at a hundred places; naming them helps nobody.
_MOST_PLACES = 12
# How like two spellings are: misspelt, and at least resembling.
_NEARLY, _LIKE = 0.8, 0.65


class ChartError(ValueError):
    """The chart cannot be read; the message says which and why."""


@dataclass
class Chart:
    """A chart as it lies in its archive."""

    name: str
    version: str
    app_version: str
    defaults: dict[str, Any]
    schema: dict[str, Any]
    profiles: dict[str, dict[str, Any]]
    known: Node
    istio: bool
    # Istio's charts copy what stands below this key to the top level.
    prefix: str

    @functools.cached_property
    def spelt(self) -> dict[str, list[tuple[str, ...]]]:
        """Known paths by their letters and digits alone."""
        return self._by("".join)

    @functools.cached_property
    def ending(self) -> dict[str, list[tuple[str, ...]]]:
        """Known paths by the letters and digits of their last key."""
        return self._by(lambda path: path[-1])

    @functools.cached_property
    def beside(self) -> Callable[[tuple[str, ...]], dict[str, str]]:
        """What gives the known keys directly below a path, by their letters and digits alone."""

        @functools.cache
        def below(path: tuple[str, ...]) -> dict[str, str]:
            parent = self.known.at(list(path))
            return {_plain(key): key for key in parent.children} if parent else {}

        return below

    def _by(self, text: Callable[[tuple[str, ...]], str]) -> dict[str, list[tuple[str, ...]]]:
        found: dict[str, list[tuple[str, ...]]] = {}
        for path, _node in self.known.walk():
            found.setdefault(_plain(text(path)), []).append(path)
        return found


def read(ref: str) -> Chart:
    """Read a chart from an archive or a folder."""
    path = Path(ref).expanduser()
    try:
        files = _from_folder(path) if path.is_dir() else _from_archive(path)
    except FileNotFoundError:
        raise ChartError(f"{path}: no such file") from None
    except (OSError, tarfile.TarError, EOFError, UnicodeDecodeError) as error:
        raise ChartError(f"{path}: {error}") from None
    return _chart(files, str(path))


def _from_folder(path: Path) -> dict[str, str]:
    files = {}
    for file in sorted(path.rglob("*")):
        name = file.relative_to(path).as_posix()
        if _is_read(name) and file.is_file() and file.stat().st_size <= _MAX_FILE:
            files[name] = _text(name, file.read_bytes())
    return files


def _from_archive(path: Path) -> dict[str, str]:
    files = {}
    with tarfile.open(path, "r:*") as archive:
        for member in archive:
            name = member.name.split("/", 1)[-1]
            if not member.isfile() or not _is_read(name) or member.size > _MAX_FILE:
                continue
            opened = archive.extractfile(member)
            if opened is not None:
                files[name] = _text(name, opened.read())
    return files


def _is_read(name: str) -> bool:
    # Templates evaluate files of any kind, scripts for example.
    return name.endswith(_TEXTS) or _FILES in f"/{name}"


def _text(name: str, content: bytes) -> str:
    """Return what is in a file. Raises UnicodeDecodeError where a file must be a text."""
    return content.decode("utf-8", "strict" if name.endswith(_TEXTS) else "replace")


def load_documents(text: str) -> list[Any]:
    """Parse YAML by libyaml where it is there: five times as fast. Raises ValueError."""
    import yaml

    try:
        return list(yaml.load_all(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).split())) from None


def _chart(files: Mapping[str, str], where: str) -> Chart:
    if "Chart.yaml" not in files:
        raise ChartError(f"{where}: no Chart.yaml in it, so it is no chart")
    try:
        meta = _mapping(files, "Chart.yaml")
        dependencies = _dependencies(meta)
        defaults = _mapping(files, "values.yaml")
        schema = _schema(files.get("values.schema.json", "{}"))
        profiles = {
            name[len("files/profile-") : -len(".yaml")]: _mapping(files, name)
            for name in files
            if name.startswith("files/profile-")
        }
    except ValueError as error:
        raise ChartError(f"{where}: {' '.join(str(error).split())}") from None
    istio = isinstance(defaults.get(ISTIO_DEFAULTS), dict)
    if istio:
        defaults = {**defaults.pop(ISTIO_DEFAULTS), **defaults}
    descope = re.search(r'index\s+\$\.Values\s+"(\w+)"', files.get("templates/zzy_descope_legacy.yaml", ""))
    prefix = descope.group(1) if istio and descope else ""
    known = Node()
    learn_values(known, defaults)
    # Of profiles nothing is learnt: all of Istio's charts bring the same ones, and each reads a part of them only.
    learn_comments(known, files.get("values.yaml", ""))
    learn_schema(known, schema)
    try:
        chart_reads.learn(known, {name: text for name, text in files.items() if _is_template(name)})
    except RecursionError:
        raise ChartError(f"{where}: its templates are nested too deeply") from None
    # What Helm itself gives every chart, and what Istio's charts take besides their values.
    known.add(["global"])
    if istio:
        for key in ("profile", "platform", "compatibilityVersion", "defaultRevision"):
            known.add([key])
    _learn_subcharts(known, dependencies, files)
    if prefix:
        known.children[prefix] = Node({key: node for key, node in known.children.items() if key != prefix})
    return Chart(
        name=str(meta.get("name", "")),
        version=str(meta.get("version", "")),
        app_version=str(meta.get("appVersion", "")),
        defaults=defaults,
        schema=schema,
        profiles=profiles,
        known=known,
        istio=istio,
        prefix=prefix,
    )


def _is_template(name: str) -> bool:
    """Whether it is one, or a file that templates may evaluate. Profiles are values."""
    return name.startswith(("templates/", "files/")) and not name.startswith("files/profile-")


def _mapping(files: Mapping[str, str], name: str) -> dict[str, Any]:
    """Read a file of a chart; one that is empty or not there is an empty mapping. Raises ValueError."""
    documents = strict_yaml.documents(files.get(name, ""), name)
    found = documents[0].value if documents else None
    if not isinstance(found, (dict, type(None))):
        raise ValueError(f"{name} is no mapping")
    return found or {}


def _schema(text: str) -> dict[str, Any]:
    """Read a schema, and keep what is asked of it. Raises ValueError."""
    try:
        return _types(json.loads(text))
    except RecursionError:
        raise ValueError("values.schema.json is nested too deeply") from None
    except ValueError as error:
        raise ValueError(f"values.schema.json: {error}") from None


def _types(schema: Any) -> dict[str, Any]:
    """Return the types that a schema names, and those of its properties."""
    if schema is True:
        # Whatever is there, it takes.
        return {}
    kinds, properties = (schema.get("type", []), schema.get("properties", {})) if isinstance(schema, Mapping) else (None, None)
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if not isinstance(kinds, list) or not all(isinstance(kind, str) for kind in kinds) or not isinstance(properties, Mapping):
        raise ValueError(f"{short(schema)} is no schema")
    return {"type": kinds, "properties": {key: _types(inner) for key, inner in properties.items()}}


def _dependencies(meta: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = meta.get("dependencies") or []
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise ValueError("Chart.yaml: dependencies are no list of mappings")
    return found


def _learn_subcharts(known: Node, dependencies: list[dict[str, Any]], files: Mapping[str, str]) -> None:
    for dependency in dependencies:
        name = dependency.get("name", "")
        prefix = f"charts/{name}/"
        inner = {path[len(prefix) :]: text for path, text in files.items() if path.startswith(prefix)}
        node = known.add([str(dependency.get("alias") or name)])
        if "Chart.yaml" in inner:
            node.children.update(_chart(inner, prefix).known.children)
        else:
            # Packed as an archive inside the archive, or not there at all: nothing is known of its keys.
            node.free = True


# --- Given values ----------------------------------------------------------------------------------------------


def problems(chart: Chart, values: Mapping[str, Any], name: str = "") -> list[dict[str, Any]]:
    """Return the given keys that the chart does not know, each with what to write instead where that is known.

    `name` is the chart's name as this platform uses it; explanations of known mistakes go by it.
    """
    found: list[dict[str, Any]] = []
    _check(chart, name or chart.name, chart.known, values, (), found)
    return found


def _check(
    chart: Chart, name: str, node: Node, values: Mapping[str, Any], path: tuple[str, ...], found: list[dict[str, Any]]
) -> None:
    for key, value in values.items():
        here = (*path, str(key))
        child = node.children.get(str(key))
        if child is None and node.open and path:
            continue
        if child is not None:
            if isinstance(value, Mapping) and child.children and not child.open:
                _check(chart, name, child, value, here, found)
            continue
        why = ""
        if not path and isinstance(value, Mapping) and value:
            why = nested(name, str(key)) or (_NESTED.format(key) if _nests(chart, value) else "")
        if why:
            _check_nested(chart, name, str(key), value, why, found)
        else:
            found.append(_problem(chart, name, here))


_NESTED = "the keys below {!r} belong at the top level of this chart; nested so it ignores them"


def _check_nested(chart: Chart, name: str, above: str, values: Mapping[str, Any], why: str, found: list[dict[str, Any]]) -> None:
    """Name each key that is nested where the chart has none: by itself where something is known of it, else by its first key."""
    for key, value in values.items():
        here = (above, str(key))
        leaves = list(_leaves(value, here))
        explained = [path for path in leaves if explain(name, ".".join(path), chart.version)]
        found += [_problem(chart, name, path) for path in explained]
        if len(explained) < len(leaves):
            known = str(key) in chart.known.children
            suggestion = str(key) if known else _suggest(chart, (str(key),))
            found.append({"path": ".".join(here), "suggestion": suggestion, "why": why})


def _leaves(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _leaves(inner, (*path, str(key)))
    else:
        yield path


def _problem(chart: Chart, name: str, path: tuple[str, ...]) -> dict[str, Any]:
    dotted = ".".join(path)
    explained = explain(name, dotted, chart.version)
    if explained is not None:
        return {"path": dotted, "suggestion": explained[0], "why": explained[1]}
    suggestion = _suggest(chart, path)
    places = [] if suggestion else _places(chart, path)
    why = "the chart has it at several places, and not at this one" if places else ""
    return {"path": dotted, "suggestion": suggestion, "why": why, **({"places": places} if places else {})}


def _places(chart: Chart, path: tuple[str, ...]) -> list[str]:
    """Return the places at which the chart has a key of this very name, the larger parts of the chart first."""

    def size(known: tuple[str, ...]) -> int:
        parent = chart.known.at(list(known[:-1]))
        return len(parent.children) if parent else 0

    same = [known for known in chart.ending.get(_plain(path[-1]), []) if known[-2:][-len(path) :] == path[-2:]]
    found = sorted(same, key=lambda known: (len(known), -size(known), known))
    return [".".join(known) for known in found] if 1 < len(found) <= _MOST_PLACES else []


def _nests(chart: Chart, value: Mapping[str, Any]) -> bool:
    return all(str(key) in chart.known.children for key in value)


@functools.cache
def _plain(key: str) -> str:
    return re.sub(r"[^a-z0-9]", "", key.lower())


def _suggest(chart: Chart, path: tuple[str, ...]) -> str:
    """Return the known path that was most likely meant, or an empty string."""
    wanted = _plain("".join(path))
    last = _plain(path[-1])
    siblings = chart.beside(path[:-1])
    # A key beside it that is spelt nearly so.
    close = last if last in siblings else next(iter(difflib.get_close_matches(last, siblings, n=1, cutoff=_LIKE)), "")
    if close and difflib.SequenceMatcher(None, close, last).ratio() >= _NEARLY:
        return ".".join([*path[:-1], siblings[close]])
    # The same words, joined otherwise: cni-exclusive, or the same key in another place.
    same = chart.spelt.get(wanted, [])
    ends = [known for known in chart.ending.get(last, []) if known not in same] if len(last) > 4 else []
    if not same and len(ends) > 1 and not any(_shared(known, path) for known in ends):
        # Nothing says which of several places is meant: `_places` names them all.
        return ""
    if len(path) == 1 and path[0].isupper() and "env" in chart.known.children:
        return f"env.{path[0]}"
    for candidates in (same, ends):
        if candidates:
            shared = sorted(candidates, key=lambda known: (-_shared(known, path), len(known), known))
            if candidates is same or len(candidates) <= 3 or _shared(shared[0], path):
                return ".".join(shared[0])
    return ".".join([*path[:-1], siblings[close]]) if close else ""


def _shared(known: tuple[str, ...], path: tuple[str, ...]) -> int:
    return len(set(known[:-1]) & set(path[:-1]))


# --- Effective values ------------------------------------------------------------------------------------------


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Merge as Helm does: mappings key by key, everything else is replaced, null removes."""
    merged = dict(base)
    for key, value in over.items():
        if value is None and key in merged:
            del merged[key]
        elif isinstance(value, Mapping) and isinstance(merged.get(key), Mapping):
            merged[key] = merge(merged[key], value)
        else:
            merged[key] = value
    return merged


def base(chart: Chart, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the given values come over: the chart's defaults, with an Istio profile over them."""
    found = chart.defaults
    if chart.istio:
        wide = values.get("global") if isinstance(values.get("global"), Mapping) else {}
        for key, pattern in (
            ("profile", "{}"),
            ("compatibilityVersion", "compatibility-version-{}"),
            ("platform", "platform-{}"),
        ):
            chosen = values.get(key) or (wide or {}).get(key) or ""
            found = merge(found, chart.profiles.get(pattern.format(chosen), {})) if chosen else found
    return found


def effective(chart: Chart, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what templates see: the chart's defaults, an Istio profile over them, and the given values over both."""
    merged = merge(base(chart, values), values)
    if chart.prefix and isinstance(merged.get(chart.prefix), Mapping):
        merged = merge(merged, merged[chart.prefix])
    return merged
