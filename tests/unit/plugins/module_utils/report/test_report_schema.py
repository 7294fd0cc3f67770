# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

import copy
import json
import sys
from pathlib import Path

import jsonschema_rs
import pytest
from results import ACCEPTED, STAGES, analysed, faulty

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence.schema_forms import Form
from ansible_collections.zerotrust.baremetal.plugins.module_utils.report import json_report
from ansible_collections.zerotrust.baremetal.plugins.module_utils.report.schema import REPORT

sys.path.insert(0, str(Path(__file__).resolve().parents[5] / "tests"))
import evidence_schema
import report_schema

EXPIRED = [{"id": "ZT-GK-003", "subject": "*", "reason": "decided", "until": "2026-01-01"}]
UNUSED = [{"layer": "pod", "subject": "namespace x", "reason": "decided", "until": "2027-01-01"}]


def written(*given, **more):
    return json.loads(json_report.render(*analysed(*given, **more), STAGES))


def closed(form: Form) -> Form:
    """Return the schema with no other keys allowed: a key of a report that it does not know is one that docs do not have."""
    if not isinstance(form, dict):
        return form
    made = {key: closed(value) if key in ("items", "additionalProperties") else value for key, value in form.items()}
    if "properties" in form:
        made["properties"] = {key: closed(value) for key, value in form["properties"].items()}
        made.setdefault("additionalProperties", False)
    return made


VALIDATOR = jsonschema_rs.Draft202012Validator(REPORT)


@pytest.mark.parametrize("moment", ["preflight", "verify"])
@pytest.mark.parametrize(
    "given",
    [(), (faulty,), (faulty, ACCEPTED), (faulty, EXPIRED), (faulty, UNUSED)],
    ids=["", "faulty", "accepted", "ended", "unused"],
)
def test_a_report_is_of_the_schema_and_has_no_key_that_it_does_not_know(given, moment):
    report = written(*given, moment=moment)
    VALIDATOR.validate(report)
    jsonschema_rs.Draft202012Validator(closed(REPORT)).validate(report)


def test_every_key_that_a_finding_can_have_is_in_the_schema():
    result, _bundle = analysed(faulty)
    own = set(json_report._OF_THE_RULE)
    assert set(result.findings[0].as_dict()) - own == set(REPORT["properties"]["findings"]["items"]["properties"])


def without(*path):
    report = copy.deepcopy(written(faulty))
    here = report
    for step in path[:-1]:
        here = here[step]
    del here[path[-1]]
    return report


@pytest.mark.parametrize(
    "path", [("findings",), ("findings", 0, "verdict"), ("counts", "layers", "mesh"), ("rules", "ZT-NODE-001", "why")]
)
def test_what_is_not_whole_is_not_of_the_schema(path):
    assert not VALIDATOR.is_valid(without(*path))


def test_the_page_is_current():
    assert report_schema.PAGE.read_text(encoding="utf-8") == evidence_schema.render(REPORT), "run tests/report_schema.py"
