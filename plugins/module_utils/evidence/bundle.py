# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The evidence bundle of one cluster: putting it together, and the one way rules read it.

A rule never touches the bundle's mappings itself. It reads through `View`, and what is not there raises `Missing` with the
path and the reason that the collector gave. So no rule can take silence for an answer.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

SCHEMA = "zerotrust.baremetal/evidence/v1"

# How much of a value is kept as what a finding rests on.
_SEEN_LENGTH = 240
_SEEN_ENTRIES = 12
_SEEN_MEMBERS = 8

_SINGLE = frozenset((str, int, float, bool, type(None)))

# Stands in recorded paths for the name of the subject, so that the records of many nodes are equal. No key is like it.
SUBJECT = "\0subject"


class Missing(Exception):
    """Something a rule wants to read is not in the evidence."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


def assemble(
    *,
    cluster: str,
    collected_at: str,
    moment: str,
    desired: Mapping[str, Any],
    nodes: Mapping[str, Any],
    cluster_evidence: Mapping[str, Any],
) -> dict[str, Any]:
    """Put what was collected into one bundle. A node that gave only a reason gets it as what is missing of it."""
    collected: dict[str, Any] = {}
    for host in [*nodes, *(host for host in desired.get("nodes", {}) if host not in nodes)]:
        found = nodes.get(host, {"missing": "no evidence was collected from this node"})
        if isinstance(found.get("missing"), str):
            found = {"missing": [{"path": "", "reason": found["missing"]}]}
        collected[host] = found
    return {
        "schema": SCHEMA,
        "cluster": cluster,
        "collected_at": collected_at,
        "moment": moment,
        "desired": desired,
        "nodes": collected,
        "api": cluster_evidence.get("api", {}),
        "charts": cluster_evidence.get("charts", {}),
        "missing": list(cluster_evidence.get("missing", [])),
        # What whoever reads the report shall know of the evidence; no rule reads it.
        "notes": list(cluster_evidence.get("notes", [])),
    }


def unread(bundle: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return what could not be read of the cluster, its charts and its nodes."""
    found = [dict(entry) for entry in bundle["missing"]]
    for host, one in bundle["nodes"].items():
        found += [
            {"path": dotted(("nodes", host, *_split(entry["path"]))), "reason": entry["reason"]}
            for entry in one.get("missing", [])
        ]
    return found


class Seen(Sequence[dict[str, str]]):
    """What a finding rests on: the paths that were read; their values are looked up when a report asks. The bundle does not
    change meanwhile."""

    __slots__ = ("_bundle", "_paths", "_subject")

    def __init__(self, bundle: Mapping[str, Any], paths: tuple[tuple[str, ...], ...], subject: str) -> None:
        self._bundle = bundle
        self._paths = paths
        self._subject = subject

    def __len__(self) -> int:
        return len(self._paths)

    def __getitem__(self, at: Any) -> Any:
        if isinstance(at, slice):
            return list(self)[at]
        path = _named(self._paths[at], self._subject)
        return {"path": dotted(path), "value": short(_at(self._bundle, path))}


class Evidence:
    """A bundle as rules see it, and the record of what the running rule has read."""

    def __init__(self, bundle: Mapping[str, Any]) -> None:
        self.bundle = bundle
        # Stages that are asked about; the engine sets them.
        self.stages: tuple[str, ...] = ()
        self._subject = ""
        # Paths, as an ordered set.
        self._seen: dict[tuple[str, ...], None] = {}
        # Each record of paths once: where a rule asks many nodes the same, it is one for all.
        self._records: dict[tuple[tuple[str, ...], ...], tuple[tuple[str, ...], ...]] = {}
        # Whether no more is recorded.
        self.full = False
        # What several subjects of a rule need, computed once. The bundle never changes under it.
        self.memo: dict[str, Any] = {}
        self._reasons: list[tuple[list[str], str]] = [
            (_split(entry["path"]), entry["reason"]) for entry in bundle.get("missing", [])
        ]
        self._node_reasons: dict[str, list[tuple[list[str], str]]] = {
            host: [(_split(entry["path"]), entry["reason"]) for entry in found.get("missing", [])]
            for host, found in bundle.get("nodes", {}).items()
        }
        self.root = View(self, None, "", bundle)

    @functools.cached_property
    def desired(self) -> View:
        return self.root.view("desired")

    @functools.cached_property
    def api(self) -> View:
        return self.root.view("api")

    @functools.cached_property
    def charts(self) -> View:
        return self.root.view("charts")

    @functools.cached_property
    def nodes(self) -> View:
        return self.root.view("nodes")

    @property
    def moment(self) -> str:
        return str(self.bundle["moment"])

    @property
    def collected_at(self) -> str:
        return str(self.bundle["collected_at"])

    def node(self, host: str) -> View:
        return self.nodes.view(host)

    def forget(self, subject: str = "") -> None:
        """Start a new record of what is read, for a question about this subject."""
        self._subject = subject
        self._seen = {}
        self.full = False

    def note(self, path: tuple[str, ...]) -> None:
        """Record that a rule read what is at a path, in which `SUBJECT` may stand for the subject's name."""
        if not self.full:
            self._seen[path] = None
            self.full = len(self._seen) >= _SEEN_ENTRIES

    @property
    def seen(self) -> Seen:
        paths = tuple(self._seen)
        return Seen(self.bundle, self._records.setdefault(paths, paths), self._subject)

    def step(self, key: str) -> str:
        """Return what stands in a record for a key."""
        return SUBJECT if key == self._subject else key

    def named(self, path: tuple[str, ...]) -> tuple[str, ...]:
        """Return a recorded path with the subject's name in it."""
        return _named(path, self._subject)

    @property
    def values_read(self) -> dict[str, str]:
        """The values of charts that were read: the path of each, and `file:line` where a user gave it."""
        found: dict[str, str] = {}
        for path in self._seen:
            # charts.<name>.effective.<key> or charts.<name>.values.<key>
            if path[0] == "charts" and len(path) > 3 and path[2] in ("effective", "values"):
                path = self.named(path)
                key = dotted(path[3:])
                origins = self.bundle["charts"].get(path[1], {}).get("origins") or {}
                found[key] = found.get(key) or origins.get(key, "")
        return found

    def why_missing(self, path: tuple[str, ...]) -> str | None:
        """Return the collector's reason for what is absent at this path, or None when it gave none."""
        wanted = _split(dotted(path))
        for entry, reason in self._reasons:
            if _covers(entry, wanted):
                return reason
        if len(path) >= 2 and path[0] == "nodes":
            within = _split(dotted(path[2:]))
            for entry, reason in self._node_reasons.get(path[1], ()):
                if _covers(entry, within):
                    return reason
        return None


class View:
    """A mapping or list of the bundle, with its path.

    `view[key]` gives a further view, or the value itself where there is nothing below it.
    """

    __slots__ = ("_above", "_evidence", "_key", "_record", "_value")

    def __init__(self, evidence: Evidence, above: View | None, key: str | int, value: Any) -> None:
        self._evidence = evidence
        self._above = above
        self._key = key
        self._record: tuple[str, ...] | None = () if above is None else None
        self._value = value

    @property
    def path(self) -> tuple[str, ...]:
        return self._evidence.named(self._recorded())

    def _recorded(self) -> tuple[str, ...]:
        """Return the path as it is recorded."""
        if self._record is None:
            # Made when it is asked for: most of what a rule passes through is noted nowhere.
            # `root`, which is above, has the record (). Its parts outlive a question, and none of them is called by a subject.
            above, key = self._above._recorded(), str(self._key)  # type: ignore[union-attr]
            self._record = (*above, self._evidence.step(key) if above else key)
        return self._record

    def __getitem__(self, key: str | int) -> Any:
        try:
            value = self._value[key]
        except (KeyError, IndexError, TypeError):
            raise self.missing(key) from None
        # What is read most, first: there are hundreds of values for each node.
        if value.__class__ in _SINGLE:
            if not self._evidence.full:
                self._evidence.note((*self._recorded(), str(key)))
            return value
        return self._step(key, value)

    def get(self, key: str, default: Any = None) -> Any:
        """Read what may rightly be absent. Raises `Missing` all the same when the collector says that it could not read it."""
        if key in self._value:
            return self._step(key, self._value[key])
        path = (*self.path, key)
        reason = self._evidence.why_missing(path)
        if reason is not None:
            raise Missing(dotted(path), reason)
        self._evidence.note((*self._recorded(), key))
        return default

    def find(self, dotted_path: str, default: Any = None) -> Any:
        """Follow a dotted path of keys that may be absent, as for Helm values. What is no mapping ends it."""
        here: Any = self
        for key in dotted_path.split("."):
            if not isinstance(here, View) or here.is_list:
                return default
            here = here.get(key, default)
        return here

    def view(self, key: str) -> View:
        """Read a mapping or list that must be there."""
        found = self[key]
        if not isinstance(found, View):
            raise Missing(
                dotted((*self.path, key)),
                f"there is none ({dotted((*self.path, key))})" if found is None else "it is not of the expected form",
            )
        return found

    def missing(self, key: str | int) -> Missing:
        path = (*self.path, str(key))
        return Missing(dotted(path), self._evidence.why_missing(path) or "not in the evidence")

    def absent(self, key: str) -> bool:
        """Return whether it was looked for and is not there (null). Raises `Missing` when nobody could look."""
        return self[key] is None

    @property
    def is_list(self) -> bool:
        return isinstance(self._value, (list, tuple))

    @property
    def raw(self) -> Any:
        """The plain data, for what is compared or computed as a whole."""
        if not self._evidence.full:
            self._evidence.note(self._recorded())
        return self._value

    def items(self) -> Iterator[tuple[str, Any]]:
        for key, value in self._value.items():
            yield key, self._step(key, value, note=False)

    def __iter__(self) -> Iterator[Any]:
        if self.is_list:
            for index, value in enumerate(self._value):
                yield self._step(index, value, note=False)
        else:
            yield from self._value

    def __contains__(self, key: object) -> bool:
        return key in self._value

    def __len__(self) -> int:
        return len(self._value)

    def _step(self, key: str | int, value: Any, note: bool = True) -> Any:
        if isinstance(value, (dict, list, tuple)):
            return View(self._evidence, self, key, value)
        if note and not self._evidence.full:
            self._evidence.note((*self._recorded(), str(key)))
        return value


def dotted(path: tuple[str, ...]) -> str:
    return ".".join(path)


def _named(path: tuple[str, ...], subject: str) -> tuple[str, ...]:
    return tuple(subject if part == SUBJECT else part for part in path)


def _at(bundle: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    """Return what is at a path, None where nothing is."""
    here: Any = bundle
    for part in path:
        if isinstance(here, (list, tuple)):
            here = here[int(part)]
        elif isinstance(here, Mapping):
            # Helm values may have keys that are numbers.
            here = here[part] if part in here else next((value for key, value in here.items() if str(key) == part), None)
        else:
            return None
    return here


def short(value: Any) -> str:
    """Return a value as one short line; of a long list or mapping only how long it is."""
    if isinstance(value, (dict, list, tuple)) and len(value) > _SEEN_MEMBERS:
        return f"{len(value)} entries"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    text = " ".join(text.split())
    return text if len(text) <= _SEEN_LENGTH else text[: _SEEN_LENGTH - 1] + "…"


def _split(path: str) -> list[str]:
    return [part for part in path.split(".") if part]


def _covers(entry: list[str], wanted: list[str]) -> bool:
    """Return whether a `missing` path speaks of the wanted one.

    It stands for everything under it, and may leave out the names in between: `modules.loadable` speaks of
    `modules.wireguard.loadable`. The empty path speaks of everything.
    """
    if not entry:
        return True
    if len(entry) > len(wanted) or entry[0] != wanted[0]:
        return False
    rest = iter(wanted)
    return all(any(part == name for name in rest) for part in entry)
