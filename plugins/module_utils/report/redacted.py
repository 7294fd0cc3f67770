# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Evidence redacted with the key that a file holds."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ..evidence import redaction


class RedactionError(Exception):
    """It cannot be redacted; the message says why, and how to make a key."""


def redacted(bundle: Mapping[str, Any], key_file: str | None) -> dict[str, Any]:
    """Return the bundle with other names and addresses; without a file with a key that is used once."""
    try:
        return redaction.redact(bundle, _key(key_file))
    except (OSError, redaction.UnfitKey) as error:
        said = getattr(error, "strerror", None) or error
        raise RedactionError(
            f"The evidence cannot be redacted with {key_file}: {said}. Make a key once, and keep it: "
            "(umask 077; head -c 32 /dev/urandom > FILE), and set zerotrust_redaction_key_file."
        ) from None


def _key(path: str | None) -> bytes:
    if not path:
        return os.urandom(32)
    if os.path.exists(path) and not os.path.isfile(path):
        raise redaction.UnfitKey("it is no file")
    with open(path, "rb") as file:
        return file.read(4096).strip()
