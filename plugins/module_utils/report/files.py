# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files on the driver: written whole or not at all, and all of them or none."""

from __future__ import annotations

import errno
import os
import signal
import tempfile
from collections.abc import Mapping


def write(folder: str, contents: Mapping[str, bytes]) -> list[str]:
    """Write files, given by their name, to a folder that is made where it is missing. Returns their paths. Raises OSError.

    None takes the place of an older one before all are written: reports of two runs would not be told apart.
    """
    folder = os.path.abspath(folder)
    os.makedirs(folder, exist_ok=True)
    paths = {name: os.path.join(folder, name) for name in contents}
    for path in paths.values():
        if os.path.isdir(path):
            raise IsADirectoryError(errno.EISDIR, "there is a folder of this name", path)
    # Removed with what is left in it, whatever ends this: a full disk, or somebody who interrupts.
    with tempfile.TemporaryDirectory(dir=folder, prefix=".zerotrust-") as aside:
        for name, content in contents.items():
            _write(os.path.join(aside, name), content)
        # Whoever ends this waits until all have their place.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        try:
            for name, path in paths.items():
                os.replace(os.path.join(aside, name), path)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return list(paths.values())


def _write(path: str, content: bytes) -> None:
    with open(path, "wb") as file:
        file.write(content)
    os.chmod(path, 0o644)
