# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates in files of this host. A key beside them does not get further than the line it stands in."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import pem
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.host import Host, Unreadable
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.missing import Missing

_PATTERN = frozenset("*?[")


def read(host: Host, paths: Iterable[str]) -> tuple[dict[str, str], list[str]]:
    """The certificates by the path of their file, and what could not be read."""
    found: dict[str, str] = {}
    missing = Missing()
    for given in paths:
        expanded = host.expand(given) if _PATTERN & set(given) else [given]
        if not expanded:
            missing.note(given, f"{given}: nothing matches this pattern")
        for path in expanded:
            missing.part(found, path, path, partial(certificates, host, path))
    return found, [entry["reason"] for entry in missing.entries]


def certificates(host: Host, path: str) -> str:
    text = pem.certificates(host.lines(path))
    if not text:
        raise Unreadable(f"{path}: no certificate in it")
    return text
