# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from xml.dom import minidom
from xml.etree import ElementTree

import pytest
from firing.every import CASES
from results import ACCEPTED, NASTY, STAGES, analysed, faulty, faulty_saying

from ansible_collections.zerotrust.baremetal.plugins.module_utils.report import junit


def suites(*given, **more):
    result, bundle = analysed(*given, **more)
    root = ElementTree.fromstring(junit.render(result, bundle, STAGES).encode())
    assert root.tag == "testsuites"
    for element in (root, *root):
        for name, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert element.get(name) == str(len(list(element.iter(tag))))
    return root


def outcomes(root, rule):
    """Return (name, outcome or None) of each case of a rule."""
    cases = [case for case in root.iter("testcase") if case.get("classname").endswith(f".{rule}")]
    return [(case.get("name"), case[0] if len(case) else None) for case in cases]


def test_a_healthy_cluster_is_green_in_every_layer():
    root = suites()
    assert [suite.get("name") for suite in root] == ["node", "network", "policy", "mesh", "pod"]
    assert (root.get("failures"), root.get("errors"), root.get("skipped")) == ("0", "0", "0")
    assert int(root.get("tests")) > 100


def test_a_case_is_a_rule_and_a_subject():
    names = [(case.get("classname"), case.get("name")) for case in suites(faulty).iter("testcase")]
    assert len(names) == len(set(names))
    assert ("node.ZT-NODE-001", "The kernel is new enough for Cilium: n1") in names


def test_cases_keep_their_names_when_what_is_seen_changes():
    def names(root):
        return {(case.get("classname"), case.get("name")) for case in root.iter("testcase")}

    assert names(suites(faulty_saying("kubelet stopped"))) == names(suites(faulty_saying("no CNI")))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}-{case.says[:24]}")
def test_every_fault_is_a_failure_that_says_what_and_how_to_mend_it(case):
    found = [one for name, one in outcomes(suites(case.change, moment=case.moment), case.rule) if name.endswith(case.subject)]
    (failure,) = [one for one in found if one is not None]
    assert failure.tag == "failure"
    assert case.says in failure.text
    assert "Source: " in failure.text


def test_unknown_is_an_error_and_never_green():
    ((_name, outcome),) = outcomes(suites(faulty), "ZT-AMB-008")
    assert outcome.tag == "error"
    assert "403: forbidden" in outcome.get("message")


def test_what_is_accepted_is_skipped_with_its_reason():
    found = [one for _name, one in outcomes(suites(faulty, ACCEPTED), "ZT-GK-003") if one is not None]
    assert [one.tag for one in found] == ["skipped"]
    assert found[0].get("message") == f"FAIL, accepted until 2027-01-01: decided {NASTY}"


CONTROL = "".join(map(chr, [*range(9), 11, 12, *range(14, 32), 127, 133, 0xFFFE, 0xFFFF]))


@pytest.mark.parametrize("said", [NASTY, "]]><!--", "&#0; &x;", CONTROL, "\ud800 half a pair", "two\nlines\tand \U0001f600"])
def test_the_file_is_xml_whatever_a_message_holds(said):
    result, bundle = analysed(faulty_saying(said))
    content = junit.render(result, bundle, STAGES).encode()
    minidom.parseString(content)
    ((_name, outcome), *_others) = outcomes(ElementTree.fromstring(content), "ZT-NODE-019")
    assert outcome.get("message").startswith("not Ready: ")


def test_what_xml_can_hold_is_unchanged():
    said = "]]> <b> & \"'\n\tü \U0001f600"
    ((_name, outcome), *_others) = outcomes(suites(faulty_saying(said)), "ZT-NODE-019")
    assert outcome.get("message") == f"not Ready: {said}"
    assert said in outcome.text
