# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest

from ansible_collections.zerotrust.baremetal.plugins.action.node_evidence import with_offset
from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import clock


@pytest.mark.parametrize("truth", [-3600.0, -5.2, 0.0, 0.4, 90.0])
@pytest.mark.parametrize(("before", "inside", "after"), [(0.1, 0.5, 0.1), (6.0, 20.0, 0.3), (0.0, 1.0, 4.0)])
def test_the_truth_lies_within_the_uncertainty(truth, before, inside, after):
    sent = 1_795_374_000.0
    began = sent + before + truth
    offset, uncertainty = clock.offset(sent, began, began + inside, sent + before + inside + after)
    assert abs(offset - truth) <= uncertainty + 0.001
    # What the module itself takes costs no certainty.
    assert uncertainty == pytest.approx((before + after) / 2, abs=0.001)


def test_the_offset_goes_into_the_evidence():
    result = {"began": 110.2, "ended": 111.2, "evidence": {"clock": {"epoch": 110.5}}}
    assert with_offset(result, 100.0, 101.4)["evidence"]["clock"] == {
        "epoch": 110.5,
        "offset_s": 10.0,
        "offset_uncertainty_s": 0.2,
    }


@pytest.mark.parametrize(
    "result",
    [{"failed": True, "msg": "x"}, {"evidence": None}, {"evidence": {"clock": {}}}, {"evidence": {}, "began": 1.0, "ended": 2.0}],
)
def test_without_the_nodes_time_there_is_no_offset(result):
    assert "offset_s" not in str(with_offset(result, 1.0, 2.0))
