# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

import subprocess
import time

import pytest

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import clock


@pytest.mark.parametrize("truth", [-3600.0, -5.2, 0.0, 0.4, 90.0])
@pytest.mark.parametrize(("there", "back"), [(0.1, 0.1), (6.0, 0.3), (0.0, 4.0)])
def test_the_truth_lies_within_the_uncertainty(truth, there, back):
    sent = 1_795_374_000.0
    offset, uncertainty = clock.offset(sent, sent + there + truth, sent + there + back)
    assert abs(offset - truth) <= uncertainty + 0.001
    assert uncertainty == pytest.approx((there + back) / 2, abs=0.001)


def test_the_command_tells_the_time_of_this_machine():
    sent = time.time()
    told = clock.told(subprocess.run(clock.COMMAND.split(), capture_output=True, text=True, check=True).stdout)
    assert sent - 0.001 <= told <= time.time() + 0.001


@pytest.mark.parametrize("answer", ["", "1795374000.%N\n", "date: invalid date\n"])
def test_an_answer_that_is_no_time_is_none(answer):
    assert clock.told(answer) is None
