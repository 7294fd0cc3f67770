# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from datetime import date
from html import unescape

import pytest
from healthy import healthy

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence.bundle import Evidence
from ansible_collections.zerotrust.baremetal.plugins.module_utils.report import html, json_report, junit, markdown, sarif, text
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules import engine
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules.catalogue import IDS, RULES
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules.rule import STAGES

FORMATS = {
    "text": lambda *given: text.plain(text.lines(*given, {})),
    "json": json_report.render,
    "html": html.render,
    "junit": junit.render,
    "markdown": markdown.render,
    "sarif": sarif.render,
}


@pytest.mark.parametrize("name", FORMATS)
def test_what_an_object_accepts_is_shown_with_its_source_in_every_format(name):
    bundle = healthy()
    bundle["api"]["namespaces"]["kube-system"]["labels"]["pod-security.kubernetes.io/enforce"] = "restricted"
    bundle["api"]["acceptances"] = [
        {"kind": "Namespace", "namespace": "", "name": "kube-system", "text": "ZT-PSS-002 until 2027-01-31: ticket 4711"}
    ]
    evidence = Evidence(bundle)
    result = engine.run(evidence, RULES, "verify", STAGES)
    engine.accept_annotated(result, evidence, IDS, date(2026, 11, 22))
    engine.gate(result)
    assert not result.stopped
    shown = unescape(FORMATS[name](result, bundle, list(STAGES))).replace("\\", "")
    for said in ("ticket 4711", "2027-01-31", "the annotation of Namespace kube-system"):
        assert said in shown
