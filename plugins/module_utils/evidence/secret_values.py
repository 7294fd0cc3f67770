# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What looks like a secret in values that somebody gave."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any

_REDACTED = "<redacted>"
_SECRET_NAME = re.compile(r"(?i)(passw|token$|secret$|secretkey|privatekey|credential|apikey|api_key|bearer|(^|[._])(ca)?key$)")
_SECRET_TEXT = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")
# user:password@ of a URL.
_URL_LOGIN = re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]+(?=@)")
# "-----BEGIN" in base64.
_ENCODED = "LS0tLS1CRUdJTi"
# `key` is also the word for the name of a label, in selectors and tolerations.
_LABEL_LIKE = re.compile(r"^[\w./-]{1,120}$")
_LABEL_KEYS = ("label_key", "labelkey", "taintkey")


def redact(value: Any, name: str = "") -> Any:
    """Replace what looks like a secret in given values."""
    if isinstance(value, Mapping):
        return {key: redact(inner, str(key)) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [redact(inner, name) for inner in value]
    if isinstance(value, str) and value:
        if _SECRET_TEXT.search(value) or (_ENCODED in value and _SECRET_TEXT.search(_decoded(value))):
            return _REDACTED
        if _SECRET_NAME.search(name) and not ((name == "key" or name.lower().endswith(_LABEL_KEYS)) and _LABEL_LIKE.match(value)):
            return _REDACTED
        return _URL_LOGIN.sub(_REDACTED, value)
    return value


def _decoded(text: str) -> str:
    """Decode what may be base64 of a PEM text, as far as it is."""
    start = text[text.index(_ENCODED) :]
    start = re.match(r"[A-Za-z0-9+/]*", start)[0]  # type: ignore[index]
    return base64.b64decode(start[: len(start) // 4 * 4]).decode(errors="replace")
