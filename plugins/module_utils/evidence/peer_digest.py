# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The digest of WireGuard peers' keys: it shows which few of many are not those that were expected."""

from __future__ import annotations

import base64
import hashlib
import struct
from collections.abc import Callable, Iterable
from typing import NamedTuple

# Keys fall into cells, and each cell holds the XOR of the fingerprints of its keys.
_CELLS = 256
_CELL = struct.Struct(f">{_CELLS}Q")


class DigestError(ValueError):
    """The text is no digest of keys."""


class Difference(NamedTuple):
    """How keys differ from those that were expected. `unclear`: more differ than the digest tells apart."""

    absent: list[str]
    strangers: int
    unclear: bool


def digest(keys: Iterable[str]) -> str:
    return base64.b64encode(_CELL.pack(*_cells(keys))).decode("ascii")


class Published:
    """The keys of all nodes of a cluster, to which the peers of each node are compared."""

    def __init__(self, keys: Iterable[str]) -> None:
        known = list(keys)
        self._count = len(known)
        self._cells = _cells(known)
        self._by_fingerprint = {_fingerprint(key): key for key in known}

    def difference(self, own: str, count: int, have: str) -> Difference:
        """Return how `count` peers with this digest differ from all nodes but the own one."""
        found = _unpacked(have)
        cell, fingerprint = _fingerprint(own)
        found[cell] ^= fingerprint
        if found == self._cells:
            return Difference([], 0, unclear=count != self._count - 1)
        differing = [(cell, mine ^ theirs) for cell, (mine, theirs) in enumerate(zip(self._cells, found)) if mine != theirs]
        absent = [self._by_fingerprint[entry] for entry in differing if entry in self._by_fingerprint]
        strangers = len(differing) - len(absent)
        return Difference(absent, strangers, unclear=count != self._count - 1 - len(absent) + strangers)

    def renamed(self, own: str, have: str, others: Published, rename: Callable[[str], str]) -> str:
        """Return the digest that peers with this one have when every key is another (`others`), and differ as they did."""
        found = _unpacked(have)
        cell, fingerprint = _fingerprint(own)
        found[cell] ^= fingerprint
        differing = [(cell, mine ^ theirs) for cell, (mine, theirs) in enumerate(zip(self._cells, found)) if mine != theirs]
        absent = [_fingerprint(rename(self._by_fingerprint[entry])) for entry in differing if entry in self._by_fingerprint]
        made = list(others._cells)
        for cell, fingerprint in (*absent, _fingerprint(rename(own))):
            made[cell] ^= fingerprint
        used = {entry[0] for entry in absent}
        for entry in differing:
            if entry not in self._by_fingerprint:
                # A stranger is a cell that differs: it must not fall into that of a key that is absent, or of another stranger.
                names = (_fingerprint(rename(f"{entry} {number}")) for number in range(64 * _CELLS))
                cell, fingerprint = next((one for one in names if one[0] not in used), _fingerprint(rename(str(entry))))
                made[cell] ^= fingerprint
                used.add(cell)
        return base64.b64encode(_CELL.pack(*made)).decode("ascii")


def _fingerprint(key: str) -> tuple[int, int]:
    """Return the cell a key falls into, and what stands for the key there."""
    hashed = hashlib.sha256(key.encode()).digest()
    return hashed[0], int.from_bytes(hashed[1:9], "big")


def _cells(keys: Iterable[str]) -> list[int]:
    cells = [0] * _CELLS
    for key in keys:
        cell, fingerprint = _fingerprint(key)
        cells[cell] ^= fingerprint
    return cells


def _unpacked(text: str) -> list[int]:
    try:
        return list(_CELL.unpack(base64.b64decode(text, validate=True)))
    except (ValueError, struct.error):
        raise DigestError("it is no digest of keys") from None
