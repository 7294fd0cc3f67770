# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""PEM files, of which only the certificates are kept: kubelet's own files hold its key as well."""

from __future__ import annotations

import re
from collections.abc import Iterable

_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"

_BASE64 = re.compile(r"[A-Za-z0-9+/=]*")


def certificates(lines: Iterable[str]) -> str:
    """The CERTIFICATE blocks; every other line is dropped as it comes."""
    kept: list[str] = []
    block: list[str] = []
    for raw in lines:
        line = raw.strip()
        if line.startswith("-----BEGIN "):
            block = [line] if line == _BEGIN else []
        elif block and (line == _END or _BASE64.fullmatch(line)):
            block.append(line)
            if line == _END:
                kept.extend(block)
                block = []
        else:
            # Damaged: what stands here is no certificate, and may be a key.
            block = []
    return "\n".join(kept) + "\n" if kept else ""
