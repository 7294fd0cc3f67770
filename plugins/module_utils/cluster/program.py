# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs programs of others on the driver, on what others wrote: within limits, and not longer than this process lives."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_SECONDS = 60
_MOST_BYTES = 64 * 1024 * 1024
_MOST_MEMORY = 4 * 1024 * 1024 * 1024
# Where the system does not know a limit, it runs without. In the shell's units: 1024 bytes, and 512 for files.
_LIMITED = f'{{ ulimit -v {_MOST_MEMORY // 1024}; ulimit -f {_MOST_BYTES // 512}; }} 2>/dev/null; exec "$@"'
# How programs in Go end that get no more memory, with a page of their stack behind it.
_NO_MEMORY = ("fatal error: out of memory", "cannot allocate memory")


class Refused(Exception):
    """It came to no result; the message says why, without the name of the program."""


class _Running:
    """What runs now, of all threads."""

    def __init__(self) -> None:
        self._programs: set[subprocess.Popen[bytes]] = set()
        self._ended = False

    def add(self, one: subprocess.Popen[bytes]) -> None:
        self._programs.add(one)
        if self._ended:
            one.kill()

    def discard(self, one: subprocess.Popen[bytes]) -> None:
        self._programs.discard(one)

    def end(self) -> None:
        self._ended = True
        for one in tuple(self._programs):
            one.kill()


_running = _Running()
end_all = _running.end


@dataclass(frozen=True)
class Done:
    """How a program ended, and what it wrote."""

    code: int
    output: str
    said: str


def run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Done:
    """Run a program to its end, whatever that is. Raises Refused where a limit was met, and OSError where it cannot be run."""
    # Files without a name: whatever ends this, nothing of them is left.
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as said:
        # Not run_command: several run at once, each within limits and in an environment of its own.
        # pylint: disable-next=ansible-bad-function
        with subprocess.Popen(
            ["/bin/sh", "-c", _LIMITED, "sh", *command], stdin=subprocess.DEVNULL, stdout=output, stderr=said, env=environment
        ) as program:
            _running.add(program)
            try:
                code = program.wait(_SECONDS)
            except subprocess.TimeoutExpired:
                raise Refused(f"no result within {_SECONDS} s") from None
            finally:
                program.kill()
                _running.discard(program)
        for file in (output, said):
            if file.seek(0, 2) >= _MOST_BYTES:
                raise Refused(f"it writes more than {_MOST_BYTES // 1024 // 1024} MiB")
            file.seek(0)
        words = said.read().decode("utf-8", "replace")
        if code and any(one in words for one in _NO_MEMORY):
            raise Refused(f"it takes more than {_MOST_MEMORY // 1024 // 1024 // 1024} GiB of memory")
        try:
            return Done(code, output.read().decode("utf-8"), words)
        except UnicodeDecodeError as error:
            raise Refused(f"what it writes is not UTF-8 (byte {error.start + 1})") from None
