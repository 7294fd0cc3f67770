# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""/etc/os-release."""

from __future__ import annotations

import shlex
from typing import Any


def parse(text: str) -> dict[str, Any]:
    fields = {}
    for line in text.splitlines():
        name, equals, value = line.strip().partition("=")
        if not equals or name.startswith("#"):
            continue
        try:
            fields[name] = " ".join(shlex.split(value))
        except ValueError:
            fields[name] = value
    return {
        "id": fields.get("ID", "linux"),
        "version_id": fields.get("VERSION_ID", ""),
        "pretty_name": fields.get("PRETTY_NAME", "Linux"),
        "id_like": fields.get("ID_LIKE", "").split(),
    }
