# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest

from ansible_collections.zerotrust.baremetal.plugins.module_utils.report import rule_page, text
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules.catalogue import IDS, RULES


def joined(lines):
    return " ".join(text.plain(lines).split())


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_page_has_everything_a_rule_says_of_itself(rule):
    lines = rule_page.lines([rule])
    shown = joined(lines)
    for part in (rule.id, rule.severity, rule.layer, *rule.stages, rule.title, rule.why, rule.remediation, rule.source):
        assert " ".join(part.split()) in shown
    # An address longer than a line stays in one piece.
    assert all(len(line) <= text.WIDTH or rule.source in line for _style, line in lines)


def test_the_list_has_every_rule_once_and_fits():
    lines = rule_page.index(RULES)
    assert [line.split()[0] for _style, line in lines if line.startswith("ZT-")] == IDS
    assert max(len(line) for _style, line in lines) <= text.WIDTH
    assert lines[-1][1] == f"{len(RULES)} rules"


def test_ids_are_found_in_the_order_asked_for_in_any_case_and_once():
    found = rule_page.find([" zt-gk-003", "ZT-AMB-020", "ZT-GK-003", ""], RULES)
    assert [rule.id for rule in found] == ["ZT-GK-003", "ZT-AMB-020"]
    assert rule_page.find([], RULES) == []


def test_every_unknown_id_is_named_in_one_message_with_the_closest():
    with pytest.raises(rule_page.UnknownRule) as raised:
        rule_page.find(["ZT-AMB-20", "ZT-AMB-020", "nonsense"], RULES)
    message = str(raised.value)
    assert "no rule ZT-AMB-20. Did you mean ZT-AMB-020" in message
    assert "no rule NONSENSE. explain without an id lists all rules." in message
