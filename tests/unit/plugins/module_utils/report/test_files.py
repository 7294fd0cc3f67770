# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports are written all of them or none."""

import contextlib
import resource
import signal
import subprocess
import sys

import pytest

from ansible_collections.zerotrust.baremetal.plugins.module_utils.report import files


@contextlib.contextmanager
def files_of_at_most(size):
    """As on a disk that is full: whoever writes more gets an error."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def content(folder):
    return {one.name: one.read_bytes() for one in folder.iterdir()}


def test_what_was_there_is_replaced_and_read_by_everybody(tmp_path):
    folder = tmp_path / "made" / "here"
    files.write(str(folder), {"a.json": b"old"})
    assert files.write(str(folder), {"a.json": b"new", "b.html": b"x"}) == [str(folder / "a.json"), str(folder / "b.html")]
    assert content(folder) == {"a.json": b"new", "b.html": b"x"}
    assert {one.stat().st_mode & 0o777 for one in folder.iterdir()} == {0o644}


def test_a_disk_that_is_full_leaves_the_reports_before_and_no_rest(tmp_path):
    (tmp_path / "a.json").write_bytes(b"old")
    with pytest.raises(OSError, match="large"), files_of_at_most(1000):
        files.write(str(tmp_path), {"a.json": b"new", "b.html": b"x" * 5000})
    assert content(tmp_path) == {"a.json": b"old"}


def test_a_name_that_is_taken_by_a_folder_replaces_nothing(tmp_path):
    (tmp_path / "b.html").mkdir()
    (tmp_path / "a.json").write_bytes(b"old")
    with pytest.raises(IsADirectoryError, match=r"b\.html"):
        files.write(str(tmp_path), {"a.json": b"new", "b.html": b"x"})
    assert (tmp_path / "a.json").read_bytes() == b"old"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.json", "b.html"]


# Told to end between the first file and the second.
TOLD = """
import os, signal, sys
from ansible_collections.zerotrust.baremetal.plugins.module_utils.cluster.interruption import end_in_order
from ansible_collections.zerotrust.baremetal.plugins.module_utils.report import files

replace = os.replace

def told(aside, path):
    replace(aside, path)
    os.kill(os.getpid(), int(sys.argv[2]))

# Whoever started the tests may ignore it, and that is handed down.
signal.signal(int(sys.argv[2]), signal.SIG_DFL)
end_in_order()
os.replace = told
files.write(sys.argv[1], {"a.json": b"new", "b.html": b"new"})
"""


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_whoever_is_told_to_end_leaves_no_reports_of_two_runs_and_no_rest(tmp_path, told):
    for name in ("a.json", "b.html"):
        (tmp_path / name).write_bytes(b"old")
    done = subprocess.run(
        [sys.executable, "-c", TOLD, str(tmp_path), str(told.value)], capture_output=True, text=True, check=False
    )
    assert done.stderr == f"Ended by {told.name} before there was a result.\n"
    assert content(tmp_path) == {"a.json": b"new", "b.html": b"new"}
