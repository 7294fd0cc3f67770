# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

import copy
import json
import sys
from datetime import date
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "rules"))

from firing.every import CASES
from healthy import healthy

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence.bundle import Evidence
from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence.saved_bundle import SavedBundleError, packed
from ansible_collections.zerotrust.baremetal.plugins.module_utils.report import compared_files, comparison, json_report, text
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules import engine
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules.catalogue import IDS, RULES

STAGES = ("node", "network", "policy", "mesh", "enforcement")
FAILS_OPEN = {"id": "ZT-GK-003", "subject": "*", "reason": "decided", "until": "2027-01-01"}


def untouched(bundle):
    pass


def report(change=untouched, accepted=(), moment="verify", stages=STAGES):
    """Return the JSON report of the healthy cluster after a change, as data."""
    bundle = healthy(moment)
    change(bundle)
    result = engine.run(Evidence(bundle), RULES, moment, list(stages))
    engine.accept(result, accepted, IDS, date(2026, 11, 22))
    engine.gate(result)
    return json.loads(json_report.render(result, bundle, list(stages)))


def compared(before, after):
    return comparison.compare(*(comparison.report(one, "file") for one in (before, after)))


def short(changes):
    return [(one.id, one.subject, one.before, one.after) for one in changes]


def old_kernel(bundle):
    for node in bundle["nodes"].values():
        node["kernel"].update(release="5.4.0", version=[5, 4, 0])


def fails_open(bundle):
    for hook in bundle["api"]["webhooks"]:
        if hook["name"].endswith("gatekeeper.sh"):
            hook["failure_policy"] = "Ignore"


def blind(bundle):
    """The API server does not show its nodes."""
    del bundle["api"]["nodes"]
    bundle["missing"].append({"path": "api.nodes", "reason": "403: forbidden"})


def not_ready(bundle):
    bundle["api"]["nodes"]["node1"].update(ready=False, reason="no CNI")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.change.__name__)
def test_whatever_fires_is_worse_there_and_better_back(case):
    sound, faulty = report(moment=case.moment), report(case.change, moment=case.moment)
    there = compared(sound, faulty)
    (found,) = [one for one in there.worse if (one.id, one.subject) == (case.rule, case.subject)]
    assert case.says in found.message
    same = compared(faulty, faulty)
    assert (same.worse, same.better, same.accepted, same.warnings) == ([], [], [], [])
    back = compared(faulty, sound)
    assert back.worse == []
    # ZT-CIL-034 has nothing to say on a sound cluster before the change: nobody looked again.
    again = back.unchanged if (case.rule, case.moment) == ("ZT-CIL-034", "preflight") else back.better
    assert (case.rule, case.subject) in {(one.id, one.subject) for one in again}


def test_the_same_report_differs_in_nothing():
    one = report(old_kernel)
    result = compared(one, one)
    assert (result.worse, result.better, result.accepted) == ([], [], [])
    assert ("ZT-NODE-001", "n1", "FAIL", "FAIL") in short(result.unchanged)
    assert text.plain(comparison.lines(result)).splitlines()[1].endswith("NOTHING WORSE")


def test_what_cannot_be_seen_any_more_is_worse_than_pass_and_no_better_than_fail():
    assert ("ZT-NODE-019", "n1", "PASS", "UNKNOWN") in short(compared(report(), report(blind)).worse)
    was_faulty = compared(report(not_ready), report(blind))
    assert was_faulty.better == []
    assert short(was_faulty.unchanged) == [("ZT-NODE-019", "n1", "FAIL", "UNKNOWN")]
    assert "could not be seen again" in text.plain(comparison.lines(was_faulty))


def test_a_rule_that_is_not_asked_again_is_no_better_and_said():
    result = compared(report(fails_open), report(stages=["node"]))
    assert result.better == []
    assert ("ZT-GK-003", "webhook validation.gatekeeper.sh", "FAIL", "not seen") in short(result.unchanged)
    assert "ZT-GK-003" in result.vanished["rules"]
    assert "asked for different things" in result.warnings[0]


def test_acceptance_is_better_its_end_is_worse_and_a_new_accepted_one_is_shown():
    sound, open_, decided = report(), report(fails_open), report(fails_open, [FAILS_OPEN])
    key = ("ZT-GK-003", "webhook validation.gatekeeper.sh")
    assert (*key, "FAIL", "accepted") in short(compared(open_, decided).better)
    assert (*key, "accepted", "FAIL") in short(compared(decided, open_).worse)
    new = compared(sound, decided)
    assert (*key, "PASS", "accepted") in short(new.accepted)
    assert new.worse == []
    assert "PASS → accepted" in text.plain(comparison.lines(new))


def test_a_severity_that_is_raised_is_worse():
    before = report(fails_open)
    after = copy.deepcopy(before)
    after["rules"]["ZT-GK-003"]["severity"] = "high"
    result = compared(before, after)
    assert [(one.id, one.words) for one in result.worse] == [("ZT-GK-003", "medium → high")]
    undone = compared(before=after, after=before)
    assert [(one.id, one.words) for one in undone.better] == [("ZT-GK-003", "high → medium")]


def test_nodes_that_appear_and_vanish_are_named():
    def grown(bundle):
        bundle["desired"]["nodes"]["n3"] = {"node_name": "node3", "ips": ["192.0.2.13"]}

    result = compared(report(), report(grown))
    assert "n3" in result.appeared["subjects"]
    assert any(one.subject == "n3" and one.before == "new" for one in result.worse)
    assert "n3" in compared(report(grown), report()).vanished["subjects"]


def test_worst_comes_first_and_no_line_is_wider_than_a_terminal():
    def faulty(bundle):
        for change in (fails_open, old_kernel, blind):
            change(bundle)

    result = compared(report(), report(faulty))
    order = [(["FAIL", "UNKNOWN"].index(one.after), comparison.SEVERITIES.index(one.severity)) for one in result.worse]
    assert order == sorted(order)
    lines = comparison.lines(result)
    assert max(len(line) for _style, line in lines) <= text.WIDTH
    assert lines[1][1].endswith(f"{len(result.worse)} WORSE")
    assert lines == comparison.lines(compared(report(), report(faulty)))
    message = comparison.message(result)
    assert "- ZT-NODE-001 (n1, n2): PASS → FAIL, blocker" in message
    assert len(message.splitlines()) <= 7


def test_two_clusters_and_the_wrong_order_are_warnings():
    other = {**report(), "cluster": "other", "collected_at": "2026-11-21T00:00:00Z"}
    said = compared(report(), other).warnings
    assert said[0] == "The reports are of two clusters, test and other."
    assert "is newer than" in said[1]


def without(key):
    return json.dumps({name: value for name, value in report().items() if name != key}).encode()


@pytest.mark.parametrize(
    "content,says",
    [
        (b"", "is not JSON"),
        (b"\x1f\x8b\x08\xff", "is not whole, or not packed by gzip"),
        (packed(healthy("verify"))[:-20], "is not whole, or not packed by gzip"),
        (b"[" * 100000, "is not JSON"),
        (b"{} {}", "is not JSON: it holds 2 values, not one"),
        (b'{"schema": 1, "schema": 2}', "is not JSON: some/file.json:1: the key schema stands here and in line 1"),
        (b'"\xff"', "is not JSON: byte 2 is no UTF-8"),
        (b"[]", "is not a report"),
        (
            b'{"schema": "zerotrust.baremetal/report/v0"}',
            "has schema zerotrust.baremetal/report/v0, not zerotrust.baremetal/report/v1",
        ),
        (without("findings"), "is not a whole report (KeyError: 'findings')"),
        (without("rules"), "is not a whole report (KeyError: 'rules')"),
        (json.dumps({**report(), "findings": [7]}).encode(), "is not a whole report"),
        (json.dumps({**report(), "rules": {}}).encode(), "is not a whole report"),
    ],
)
def test_what_is_no_report_is_one_message_with_file_and_expectation(content, says):
    with pytest.raises(comparison.ReportError) as raised:
        compared_files.read((json.dumps(report()).encode(), "a"), (content, "some/file.json"))
    assert str(raised.value).startswith(f"some/file.json {says}")
    assert str(raised.value).endswith("reports/<cluster>/verify.json.")


def bundle(change=untouched, moment="verify"):
    made = healthy(moment)
    change(made)
    return made


def of_files(before, after):
    names = ("before.json", "after.json.gz")
    contents = [json.dumps(one).encode() if "findings" in one else packed(one) for one in (before, after)]
    first, second, said = compared_files.read(*zip(contents, names, strict=True))
    return comparison.compare(first, second), said


@pytest.mark.parametrize("before", [report(), bundle()], ids=["report", "evidence"])
@pytest.mark.parametrize("after", [report(old_kernel), bundle(old_kernel)], ids=["report", "evidence"])
def test_evidence_stands_in_for_its_report(before, after):
    result, said = of_files(before, after)
    assert result.worse == compared(report(), report(old_kernel)).worse != []
    assert result.warnings == []
    assert bool(said) == (("findings" in before) != ("findings" in after))


def test_evidence_is_judged_at_the_moment_and_for_the_stages_of_the_other():
    result, said = of_files(bundle(moment="preflight"), bundle())
    assert (result.before.moment, result.after.moment) == ("verify", "verify")
    assert said == ["before.json was collected for preflight, and is judged at verify as the other one."]
    result, said = of_files(report(moment="preflight", stages=["node"]), bundle())
    assert (result.after.moment, result.after.stages) == ("preflight", ["node"])
    assert any("after.json.gz was collected for verify" in one for one in said)
    assert result.before.rules.keys() == result.after.rules.keys()


def test_what_an_object_accepts_counts_in_evidence():
    def accepted(made):
        fails_open(made)
        text = "ZT-GK-003 until 2027-01-31: ticket 4711"
        name = next(one["configuration"] for one in made["api"]["webhooks"] if one["name"] == "validation.gatekeeper.sh")
        made["api"]["acceptances"] = [{"kind": "ValidatingWebhookConfiguration", "namespace": "", "name": name, "text": text}]

    result, _said = of_files(bundle(), bundle(accepted))
    assert result.worse == []
    assert ("ZT-GK-003", "webhook validation.gatekeeper.sh", "PASS", "accepted") in short(result.accepted)


@pytest.mark.parametrize("key,says", [("nodes", "it is a damaged bundle: nodes is not there"), ("", "its schema is")])
def test_evidence_that_cannot_be_judged_is_one_message(key, says):
    broken = bundle()
    if key:
        del broken[key]
    else:
        broken["schema"] += "7"
    with pytest.raises(SavedBundleError, match=f"^after.json.gz: {says}"):
        of_files(bundle(), broken)


def test_thousands_of_nodes_are_compared():
    def fleet(change):
        one = report(change)
        per_node = [finding for finding in one["findings"] if finding["subject"] == "n1"]
        one["findings"] += [{**finding, "subject": f"m{number}"} for number in range(5000) for finding in per_node]
        return comparison.report(one, "file")

    before, after = fleet(untouched), fleet(old_kernel)
    result = comparison.compare(before, after)
    assert len(result.worse) >= 5000
    assert len(comparison.lines(result)) < 100


@pytest.mark.parametrize("subject", [7, True, None])
def test_a_subject_that_is_no_text_is_one_message(subject):
    damaged = report()
    damaged["findings"][0]["subject"] = subject
    with pytest.raises(comparison.ReportError, match=r"file is not a whole report .TypeError: the id or subject of a finding"):
        comparison.report(damaged, "file")


def test_a_stage_that_is_none_is_one_message():
    with pytest.raises(comparison.ReportError, match=r"file is not a whole report .ValueError"):
        comparison.report({**report(), "stages": [{}]}, "file")
