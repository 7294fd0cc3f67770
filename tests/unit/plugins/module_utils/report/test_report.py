# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest
from results import ACCEPTED, NASTY, STAGES, analysed, faulty

from ansible_collections.zerotrust.baremetal.plugins.module_utils.report import (
    html,
    json_report,
    junit,
    markdown,
    sarif,
    text,
)


def table(*given, reports=None):
    result, bundle = analysed(*given)
    return text.plain(text.lines(result, bundle, STAGES, reports or {}))


def test_nodes_with_the_same_fault_are_one_line_with_one_fix():
    shown = table(faulty)
    assert "2 nodes: n1, n2: kernel 5.4.0 is older than 5.10" in shown
    assert shown.count("Boot a kernel of 5.10 or newer on this node") == 1


def test_no_line_is_wider_than_a_terminal():
    assert max(len(line) for line in table(faulty, ACCEPTED).splitlines()) <= text.WIDTH


def test_findings_come_first_and_the_layers_last():
    lines = table(faulty).splitlines()
    assert lines[1].endswith("STOPPED")
    assert lines[3].startswith("FAIL")
    first_unknown = next(index for index, line in enumerate(lines) if line.startswith("UNKNOWN"))
    layers = next(index for index, line in enumerate(lines) if line.startswith("layer"))
    assert 3 < first_unknown < layers


def test_what_is_accepted_is_shown_with_reason_and_date():
    shown = table(faulty, ACCEPTED)
    assert "accepted" in shown
    assert "until 2027-01-01: decided" in shown


def test_all_well_is_short():
    shown = table()
    assert shown.splitlines()[1].endswith("PASSED")
    assert len(shown.splitlines()) < 15


def test_the_one_message_names_ids_subjects_and_fixes():
    result, _bundle = analysed(faulty)
    message = text.message(result, "test", "preflight")
    assert "Nothing was changed." in message
    assert "ZT-NODE-001 (n1, n2): kernel 5.4.0 is older than 5.10" in message
    assert "Boot a kernel" in message


class Reader(HTMLParser):
    void = {"meta", "input", "br"}

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.text = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in self.void:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def page(*given):
    result, bundle = analysed(*given)
    content = html.render(result, bundle, STAGES)
    reader = Reader()
    reader.feed(content)
    assert reader.open == []
    return content, reader


def test_the_page_is_well_formed_and_reaches_out_to_nothing():
    content, reader = page(faulty, ACCEPTED)
    assert "default-src 'none'" in content
    # Its policy lets nothing run but the one script, which reads and writes the page only.
    (script,) = re.findall(r"<script>(.*?)</script>", content, re.S)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'\">" in content
    assert not re.search(r"fetch|XMLHttp|import|eval|innerHTML|document\.write|https?:", script)
    assert [tag for tag, _attributes in reader.tags].count("script") == 1
    for tag, attributes in reader.tags:
        assert tag not in ("img", "link", "iframe", "object")
        assert "src" not in attributes
        assert not any(name.startswith("on") for name in attributes)
        if tag != "a":
            assert "href" not in attributes
        elif attributes["href"].startswith("#"):
            assert f'id="{attributes["href"][1:]}"' in content
    assert "url(" not in content
    assert "@import" not in content


def test_what_a_cluster_says_cannot_become_markup():
    content, reader = page(faulty, ACCEPTED)
    assert content.count("<script") == 1
    assert NASTY in "".join(reader.text)


def test_the_page_has_every_part():
    _content, reader = page(faulty, ACCEPTED)
    seen = "".join(reader.text)
    for part in (
        "Stopped",
        "What is wrong",
        "What could not be seen",
        "What is accepted",
        "What is as it should be",
        "ZT-NODE-001",
    ):
        assert part in seen
    radios = [attributes["id"] for tag, attributes in reader.tags if tag == "input" and attributes["type"] == "radio"]
    assert radios == ["f-all", "f-fail", "f-unknown", "f-accepted", "f-pass"]


def test_without_its_script_the_page_hides_the_controls_of_it():
    _content, reader = page(faulty)
    (tools,) = [attributes for _tag, attributes in reader.tags if attributes.get("id") == "tools"]
    assert "hidden" in tools


def rows_of_nodes(change):
    content, _reader = page(change)
    (table,) = re.findall(r'<div class="matrix".*?</div>', content, re.S) or [""]
    rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S) for row in re.findall(r"<tr>(.*?)</tr>", table, re.S)]
    return [[re.sub(r"<[^>]+>", "", cell) for cell in row] for row in rows], content


def test_nodes_that_fare_alike_are_a_row_and_rules_that_do_not_tell_them_apart_are_none():
    def change(bundle):
        bundle["nodes"]["n2"]["kernel"].update(release="5.4.0", version=[5, 4, 0])
        for number in range(500):
            bundle["nodes"][f"m{number}"] = bundle["nodes"]["n1"]
            address = f"198.18.{number // 250}.{number % 250}"
            bundle["desired"]["nodes"][f"m{number}"] = {"node_name": f"node-m{number}", "ips": [address]}

    rows, content = rows_of_nodes(change)
    column = rows[0].index("ZT-NODE-001")
    by_node = {row[0]: row[column] for row in rows[1:]}
    assert by_node["n2"] == "F"
    assert by_node["n1"] == "✓"
    (many,) = [name for name in by_node if name.startswith("500 nodes: m0, m1, m2 and 497 more")]
    assert by_node[many] == "✓"
    assert "ZT-NODE-002" not in rows[0]
    assert re.search(r"rules end alike on all nodes.*ZT-NODE-002", content)


def test_where_all_nodes_fare_alike_there_is_no_table_of_them():
    rows, content = rows_of_nodes(lambda bundle: None)
    assert rows == []
    assert "2 nodes; 0 of " in content


def test_the_data_has_every_finding():
    result, bundle = analysed(faulty, ACCEPTED)
    data = json.loads(json_report.render(result, bundle, STAGES))
    assert data["schema"] == "zerotrust.baremetal/report/v1"
    assert len(data["findings"]) == len(result.findings)
    assert data["stopped"] is True
    assert {"id", "verdict", "subject", "message", "remedy", "seen"} <= set(data["findings"][0])
    assert {one["id"] for one in data["findings"]} == set(data["rules"])
    assert data["rules"]["ZT-NODE-001"]["severity"] == "blocker"


@pytest.mark.parametrize("render", [html.render, json_report.render, sarif.render, junit.render, markdown.render])
def test_the_same_evidence_gives_the_same_report(render):
    one, other = analysed(faulty), analysed(faulty)
    assert render(*one, STAGES) == render(*other, STAGES)
