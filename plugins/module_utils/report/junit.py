# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as JUnit XML, for the test view of a CI system: a suite is a layer, a case is a rule and a subject.

There is no standard; what Jenkins and GitLab read is written: https://github.com/testmoapp/junitxml.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

from ..rules.engine import FAIL, PASS, Finding, Result
from ..rules.rule import LAYERS
from . import grouping

# What XML 1.0 cannot hold, not even escaped (https://www.w3.org/TR/xml/#charsets).
_NO_CHARACTER = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(result: Result, bundle: Mapping[str, Any], stages: list[str]) -> str:
    """Return the whole file."""
    root = ElementTree.Element("testsuites", name=_legal(f"{bundle['cluster']} {bundle['moment']}"))
    for layer in LAYERS:
        cases: dict[tuple[str, str], list[Finding]] = {}
        for finding in result.findings:
            if finding.layer == layer:
                cases.setdefault((finding.id, finding.subject), []).append(finding)
        if cases:
            suite = ElementTree.SubElement(root, "testsuite", name=layer, timestamp=_legal(str(bundle["collected_at"])))
            properties = ElementTree.SubElement(suite, "properties")
            ElementTree.SubElement(properties, "property", name="stages", value=", ".join(stages))
            for findings in cases.values():
                _case(suite, layer, findings)
            _count(suite, [suite])
    _count(root, root.findall("testsuite"))
    ElementTree.indent(root, " ")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _case(suite: ElementTree.Element, layer: str, findings: Sequence[Finding]) -> None:
    first = findings[0]
    # Nothing of what was seen is in the name, so that a case has its history.
    name = f"{first.title}: {first.subject}"
    case = ElementTree.SubElement(suite, "testcase", classname=f"{layer}.{first.id}", name=_legal(name), time="0")
    faults = [one for one in findings if one.verdict != PASS]
    if not faults:
        return
    worst = next((one for one in faults if one.verdict == FAIL), faults[0])
    # Acceptance is by rule and subject: it covers all of a case.
    if worst.accepted:
        said = f"{worst.verdict}, accepted until {worst.accepted['until']}: {grouping.reason(worst.accepted)}"
        outcome = ElementTree.SubElement(case, "skipped", message=_legal(said))
    else:
        # UNKNOWN is an error, a test that could not be made; skipped would be green, and what was not seen is never PASS.
        kind = "failure" if worst.verdict == FAIL else "error"
        outcome = ElementTree.SubElement(case, kind, type=worst.severity, message=_legal(worst.message))
    outcome.text = _legal("\n".join([*(_line(one) for one in faults), worst.why, f"Source: {worst.source}"]))


def _line(finding: Finding) -> str:
    place = f"{finding.place}: " if finding.place and finding.place not in finding.message else ""
    return f"{place}{finding.verdict}: {finding.message.rstrip('.')}. {finding.remedy}".rstrip()


def _count(element: ElementTree.Element, suites: Sequence[ElementTree.Element]) -> None:
    for name, path in (("tests", "testcase"), ("failures", ".//failure"), ("errors", ".//error"), ("skipped", ".//skipped")):
        element.set(name, str(sum(len(suite.findall(path)) for suite in suites)))


def _legal(text: str) -> str:
    return _NO_CHARACTER.sub("\ufffd", text)
