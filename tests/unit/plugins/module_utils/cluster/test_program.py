# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs of others have limits, whatever they were given to read."""

import sys

import pytest

from ansible_collections.zerotrust.baremetal.plugins.module_utils.cluster import program


def shell(script, **environment):
    return program.run(["/bin/sh", "-c", script], environment or None)


def test_what_it_wrote_and_how_it_ended_is_known():
    assert shell('echo out; echo "$A" >&2; exit 3', A="said") == program.Done(3, "out\n", "said\n")


@pytest.mark.parametrize("where", ["", " >&2"])
def test_one_that_writes_without_end_is_ended(where):
    with pytest.raises(program.Refused, match=r"^it writes more than 64 MiB$"):
        shell(f"exec yes{where}")


def test_one_that_takes_all_memory_does_not_get_it():
    done = program.run([sys.executable, "-c", "bytearray(5 * 1024 ** 3)"])
    assert done.code
    assert "MemoryError" in done.said


def test_the_end_of_a_program_in_go_is_no_page_of_its_stack():
    # As kubectl 1.36 ends on a file of aliases of aliases.
    went = "runtime: out of memory: cannot allocate 16777216-byte block\nfatal error: out of memory\n\ngoroutine 1 [running]:"
    with pytest.raises(program.Refused, match=r"^it takes more than 4 GiB of memory$"):
        shell(f"echo '{went}' >&2; exit 2")


def test_what_is_no_text_is_said():
    with pytest.raises(program.Refused, match=r"^what it writes is not UTF-8 \(byte 3\)$"):
        shell("printf 'ab\\377'")
