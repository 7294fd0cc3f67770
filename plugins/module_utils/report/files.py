# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files on the driver: written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping


def write(folder: str, contents: Mapping[str, bytes]) -> list[str]:
    """Write files, given by their name, to a folder that is made where it is missing. Returns their paths. Raises OSError."""
    folder = os.path.abspath(folder)
    os.makedirs(folder, exist_ok=True)
    paths = []
    for name, content in contents.items():
        path = os.path.join(folder, name)
        _write(path, content)
        paths.append(path)
    return paths


def _write(path: str, content: bytes) -> None:
    handle, temporary = tempfile.mkstemp(dir=os.path.dirname(path), prefix=".zerotrust-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except OSError:
        os.unlink(temporary)
        raise
