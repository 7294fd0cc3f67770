# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one door to the machine: files below a root, netlink, and the few commands. Tests put another root behind it."""

from __future__ import annotations

import contextlib
import glob
import os
import stat
import tempfile
from collections.abc import Iterator, Sequence
from typing import BinaryIO, Callable, NamedTuple, Optional

from ansible_collections.zerotrust.baremetal.plugins.module_utils.node import netlink_socket

MIB = 1 << 20
_PIECE = 1 << 16

# AnsibleModule.run_command: exit code, output, errors.
RunCommand = Callable[[list[str]], tuple[int, str, str]]


class Unreadable(Exception):
    """Something that was not to be had, with the reason for a person; `code` where a command ended with it."""

    def __init__(self, reason: str, code: Optional[int] = None) -> None:
        super().__init__(reason)
        self.code = code


class Space(NamedTuple):
    """In bytes; `free` is what everybody may take, not root alone."""

    free: int
    total: int
    free_inodes: int
    total_inodes: int


class Host:
    def __init__(self, root: str = "/", run_command: Optional[RunCommand] = None) -> None:
        self.root = root.rstrip("/")
        self._run_command = run_command

    def path(self, path: str) -> str:
        return self.root + path

    def read(self, path: str, limit: int = MIB) -> bytes:
        """A whole regular file. A pipe or a device in its place would block, and an endless file would fill the memory."""
        parts, size = [], 0
        try:
            # Unbuffered and in pieces: a buffer of the limit for each of hundreds of small files takes longer than reading them.
            with self._open(path, buffering=0) as file:
                while size <= limit and (part := file.read(min(_PIECE, limit + 1 - size))):
                    parts.append(part)
                    size += len(part)
        except OSError as error:
            raise Unreadable(f"{path}: {reason(error)}") from None
        if size > limit:
            raise Unreadable(f"{path}: larger than {limit // MIB} MiB")
        return b"".join(parts)

    def text(self, path: str, limit: int = MIB) -> str:
        return self.read(path, limit).decode("utf-8", "replace")

    def lines(self, path: str, limit: int = MIB) -> Iterator[str]:
        """Line by line, so that what the caller drops is not kept anywhere, and what it does not take is not read."""
        size = 0
        try:
            with self._open(path) as file:
                while line := file.readline(limit + 1 - size):
                    size += len(line)
                    if size > limit:
                        raise Unreadable(f"{path}: larger than {limit // MIB} MiB")
                    yield line.decode("utf-8", "replace")
        except OSError as error:
            raise Unreadable(f"{path}: {reason(error)}") from None

    def maybe(self, path: str, limit: int = MIB) -> Optional[str]:
        """The text, or None where there is no such file."""
        return self.text(path, limit) if self.exists(path) else None

    def names(self, path: str) -> list[str]:
        """Names in a folder, without those of folders."""
        try:
            with os.scandir(self.path(path)) as entries:
                return sorted(entry.name for entry in entries if not entry.is_dir())
        except OSError as error:
            raise Unreadable(f"{path}: {reason(error)}") from None

    def names_or_none(self, path: str) -> list[str]:
        """As `names`; a folder that is not there has none."""
        return self.names(path) if self.exists(path) else []

    def processes(self) -> list[int]:
        try:
            return [int(name) for name in os.listdir(self.path("/proc")) if name.isdigit()]
        except OSError as error:
            raise Unreadable(f"/proc: {reason(error)}") from None

    def own_process(self) -> int:
        return os.getpid()

    def exists(self, path: str) -> bool:
        """Whether it is there; behind a folder that may not be entered, nobody can tell."""
        try:
            os.lstat(self.path(path))
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError as error:
            raise Unreadable(f"{path}: {reason(error)}") from None
        return True

    def is_link(self, path: str) -> bool:
        return os.path.islink(self.path(path))

    def stat(self, path: str) -> os.stat_result:
        try:
            return os.stat(self.path(path))
        except OSError as error:
            raise Unreadable(f"{path}: {reason(error)}") from None

    def space(self, path: str) -> Space:
        try:
            status = os.statvfs(self.path(path))
        except OSError as error:
            raise Unreadable(f"{path}: {reason(error)}") from None
        return Space(status.f_bavail * status.f_frsize, status.f_blocks * status.f_frsize, status.f_favail, status.f_files)

    def netlink(self, protocol: int, kind: int, payload: bytes, dump: bool = True) -> list[bytes]:
        try:
            return netlink_socket.ask(protocol, kind, payload, dump)
        except OSError as error:
            raise Unreadable(f"netlink: {reason(error)}") from None

    def run(self, command: Sequence[str]) -> str:
        """What a command prints. Its own errors are the reason."""
        if self._run_command is None:
            raise Unreadable(f"{command[0]}: commands are not run here")
        code, output, errors = self._run_command(list(command))
        if code:
            raise Unreadable(f"{' '.join(command)}: exit code {code}: {' '.join(errors.split())[:300]}", code)
        return output

    def tool(self, *names: str) -> Optional[str]:
        """The first of these commands that is there. Ansible's PATH on a node need not have the sbin folders."""
        for name in names:
            for folder in ("/usr/sbin", "/sbin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/local/bin"):
                if os.access(self.path(f"{folder}/{name}"), os.X_OK):
                    return f"{folder}/{name}"
        return None

    def write(self, path: str, text: str, mode: int = 0o644) -> None:
        """All of it or none of it: whoever reads meanwhile sees the old file or the new one."""
        target = self.path(path)
        descriptor, temporary = tempfile.mkstemp(prefix=".zerotrust-", dir=os.path.dirname(target))
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                os.fchmod(file.fileno(), mode)
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, target)
        except BaseException as error:
            os.unlink(temporary)
            if isinstance(error, OSError):
                # A descriptor has no name that the error could tell.
                raise OSError(error.errno, error.strerror, path) from None
            raise

    def remove(self, path: str) -> None:
        os.unlink(self.path(path))

    def make_folder(self, path: str) -> list[str]:
        """The folders that had to be made, outermost first."""
        if os.path.isdir(self.path(path)):
            return []
        made = self.make_folder(os.path.dirname(path))
        os.mkdir(self.path(path), 0o755)
        return [*made, path]

    def remove_folder(self, path: str) -> None:
        """Only an empty one goes."""
        with contextlib.suppress(OSError):
            os.rmdir(self.path(path))

    def set(self, path: str, value: str) -> None:
        """A kernel setting: one write, no truncation, no new file."""
        descriptor = os.open(self.path(path), os.O_WRONLY | os.O_CLOEXEC)
        try:
            os.write(descriptor, value.encode() + b"\n")
        except OSError as error:
            raise OSError(error.errno, f"{(error.strerror or '').lower()} when {value} was written to it", path) from None
        finally:
            os.close(descriptor)

    def expand(self, pattern: str) -> list[str]:
        return sorted(path[len(self.root) :] for path in glob.glob(glob.escape(self.root) + pattern))

    def _open(self, path: str, buffering: int = -1) -> BinaryIO:
        descriptor = os.open(self.path(path), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise OSError("not a regular file")
            return os.fdopen(descriptor, "rb", buffering)
        except BaseException:
            os.close(descriptor)
            raise


def reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower() if error.errno else str(error)
