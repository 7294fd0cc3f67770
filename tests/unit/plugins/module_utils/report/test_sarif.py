# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

import json
from pathlib import Path

import jsonschema
import pytest
import yaml
from firing.every import CASES
from results import ACCEPTED, STAGES, analysed, faulty, faulty_saying

from ansible_collections.zerotrust.baremetal.plugins.module_utils.report import sarif
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules.catalogue import RULES

ROOT = Path(__file__).resolve().parents[5]


def of(required, optional=None):
    """Return the schema of an object that has these properties and no other."""
    properties = {**required, **(optional or {})}
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


def listed(items):
    return {"type": "array", "items": items}


# What the standard demands of the objects that are written here. A property that it does not have would be an error. The whole
# schema comes in no Python package; by hand, logs of sound and faulty clusters and of folders were checked with that of the npm
# package @microsoft/jest-sarif (sarif-2.1.0-rtm.5.json).
TEXT = {"type": "string", "minLength": 1}
URI = {"type": "string", "pattern": "^https://[^ ]+$"}
BAG = {"type": "object"}
MESSAGE = of({"text": {**TEXT, "not": {"pattern": r"(?<!\{)(\{\{)*\{(?!\{)"}}})
LEVEL = {"enum": ["none", "note", "warning", "error"]}
RULE = of(
    {
        "id": TEXT,
        "name": TEXT,
        "shortDescription": MESSAGE,
        "fullDescription": MESSAGE,
        "helpUri": URI,
        "help": MESSAGE,
        "defaultConfiguration": of({"level": LEVEL}),
        "properties": of({"severity": TEXT, "layer": TEXT}),
    }
)
ARTIFACT = of({"uri": {"type": "string", "pattern": r"^[A-Za-z0-9_.~:/%-]+$"}}, {"uriBaseId": {"const": "%SRCROOT%"}})
PLACE = of({"artifactLocation": ARTIFACT}, {"region": of({"startLine": {"type": "integer", "minimum": 1}})})
RESULT = of(
    {
        "ruleId": TEXT,
        "ruleIndex": {"type": "integer", "minimum": 0},
        "kind": {"enum": ["fail", "open"]},
        "level": LEVEL,
        "message": MESSAGE,
        "locations": listed(of({"logicalLocations": listed(of({"fullyQualifiedName": TEXT}))}, {"physicalLocation": PLACE})),
        "partialFingerprints": {"type": "object", "additionalProperties": TEXT, "minProperties": 1},
        "suppressions": listed(
            of({"kind": {"const": "external"}, "status": {"const": "accepted"}, "justification": TEXT, "properties": BAG})
        ),
        "properties": BAG,
    }
)
TIME = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"}
RUN = of(
    {
        "automationDetails": of({"id": TEXT}),
        "tool": of(
            {"driver": of({"name": TEXT, "version": TEXT, "semanticVersion": TEXT, "informationUri": URI, "rules": listed(RULE)})}
        ),
        "invocations": listed(of({"executionSuccessful": {"const": True}, "endTimeUtc": TIME})),
        "results": listed(RESULT),
        "properties": BAG,
    }
)
LOG = of({"$schema": URI, "version": {"const": "2.1.0"}, "runs": {**listed(RUN), "minItems": 1}})


def run(*given, **more):
    result, bundle = analysed(*given, **more)
    log = json.loads(sarif.render(result, bundle, STAGES))
    jsonschema.validate(log, LOG)
    (one,) = log["runs"]
    for entry in one["results"]:
        assert one["tool"]["driver"]["rules"][entry["ruleIndex"]]["id"] == entry["ruleId"]
        # 3.27.10: what is no failure has no level.
        assert (entry["kind"] == "fail") == (entry["level"] != "none")
    return one


def test_the_tool_has_every_rule_with_its_remediation():
    rules = run()["tool"]["driver"]["rules"]
    assert [one["id"] for one in rules] == [rule.id for rule in RULES]
    by_id = {one["id"]: one for one in rules}
    assert by_id["ZT-NODE-001"]["defaultConfiguration"] == {"level": "error"}
    assert by_id["ZT-GK-003"]["defaultConfiguration"] == {"level": "warning"}
    assert "Boot a kernel of 5.10" in by_id["ZT-NODE-001"]["help"]["text"]


def test_the_tool_has_the_version_of_the_collection():
    built = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"]
    driver = run()["tool"]["driver"]
    assert (driver["version"], driver["semanticVersion"]) == (built, built), "report/version.py is behind galaxy.yml"


def test_links_lead_to_this_collection():
    galaxy = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
    assert galaxy["repository"] == sarif.REPOSITORY
    anchors = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    for one in run()["tool"]["driver"]["rules"]:
        assert f"(#{one['helpUri'].split('#')[1]})" in anchors


def test_a_healthy_cluster_has_no_results():
    assert run()["results"] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}-{case.says[:24]}")
def test_every_fault_is_a_result(case):
    results = run(case.change, moment=case.moment)["results"]
    assert case.rule in [one["ruleId"] for one in results if one["kind"] == "fail"]


def test_fail_is_fail_and_unknown_is_open():
    results = {one["ruleId"]: one for one in run(faulty)["results"]}
    assert (results["ZT-NODE-001"]["kind"], results["ZT-NODE-001"]["level"]) == ("fail", "error")
    assert (results["ZT-AMB-008"]["kind"], results["ZT-AMB-008"]["level"]) == ("open", "none")


def test_what_is_accepted_is_suppressed_with_its_reason_and_the_rest_is_not():
    suppressed = {one["ruleId"]: one["suppressions"] for one in run(faulty, ACCEPTED)["results"]}
    (entry,) = suppressed.pop("ZT-GK-003")
    assert entry["justification"] == ACCEPTED[0]["reason"]
    assert entry["properties"]["until"] == "2027-01-01"
    assert list(suppressed.values()) == [[]] * len(suppressed)


@pytest.mark.parametrize(
    "place,physical",
    [
        (
            "group_vars/all.yml:7",
            {"artifactLocation": {"uri": "group_vars/all.yml", "uriBaseId": "%SRCROOT%"}, "region": {"startLine": 7}},
        ),
        ("my vars/a:b.yml", {"artifactLocation": {"uri": "my%20vars/a%3Ab.yml", "uriBaseId": "%SRCROOT%"}}),
        ("/etc/my vars.yml:3", {"artifactLocation": {"uri": "file:///etc/my%20vars.yml"}, "region": {"startLine": 3}}),
    ],
)
def test_a_key_is_shown_in_its_file_and_line(place, physical):
    def change(bundle):
        bundle["charts"]["cilium"]["problems"] = [{"path": "cni.chained", "suggestion": "", "why": ""}]
        bundle["charts"]["cilium"]["origins"] = {"cni.chained": place}

    (one,) = run(change, moment="preflight")["results"]
    (location,) = one["locations"]
    assert location == {"logicalLocations": [{"fullyQualifiedName": "cilium_values: cni.chained"}], "physicalLocation": physical}


def fingerprints(results):
    return [tuple(one["partialFingerprints"].items()) for one in results]


def test_runs_compare_by_fingerprints():
    before, after = run(faulty_saying("kubelet stopped"))["results"], run(faulty_saying("no CNI"))["results"]
    assert [one["message"] for one in before] != [one["message"] for one in after]
    assert fingerprints(before) == fingerprints(after)
    assert len(set(fingerprints(before))) == len(before)


def test_a_message_is_neither_a_placeholder_nor_a_link():
    results = run(faulty_saying("{0} [click](https://example.com)"))["results"]
    (said,) = [one["message"]["text"] for one in results if one["ruleId"] == "ZT-NODE-019"]
    assert "{{0}} [click] (https://example.com)" in said
