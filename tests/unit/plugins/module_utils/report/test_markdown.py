# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

import dataclasses

import pytest
from markdown_it import MarkdownIt
from results import ACCEPTED, NASTY, STAGES, analysed, faulty, faulty_saying

from ansible_collections.zerotrust.baremetal.plugins.module_utils.report import markdown

GFM = MarkdownIt("commonmark").enable(["table", "strikethrough"])
JOINER = "\u2060"
# What a report is made of; anything else came from a message.
BLOCKS = {"heading", "paragraph", "bullet_list", "list_item", "table", "thead", "tbody", "tr", "th", "td"}
INLINE = {"text", "strong_open", "strong_close"}


def tokens(*given):
    result, bundle = analysed(*given)
    return GFM.parse(markdown.render(result, bundle, STAGES))


def texts(parsed):
    """Return what a reader sees, one entry a line or cell, and see that it is all plain."""
    seen = []
    for token in parsed:
        if token.type == "inline":
            assert {child.type for child in token.children} <= INLINE, token.content
            seen.append("".join(child.content for child in token.children))
        else:
            assert token.type.removesuffix("_open").removesuffix("_close") in BLOCKS, token
    return seen


def rows(parsed):
    """Return the number of cells of each row."""
    counted = []
    for token in parsed:
        if token.type == "tr_open":
            counted.append(0)
        elif token.type in ("th_open", "td_open"):
            counted[-1] += 1
    return counted


def test_findings_come_first_and_the_layers_last():
    seen = texts(tokens(faulty))
    assert seen[0] == "test verify: Stopped"
    assert seen[1] == "FAIL blocker: The kernel is new enough for Cilium (ZT-NODE-001), stops the gate"
    unknown = next(index for index, line in enumerate(seen) if line.startswith("UNKNOWN"))
    assert unknown < seen.index("layer")


def test_nodes_with_the_same_fault_are_one_line_with_one_fix():
    seen = texts(tokens(faulty))
    assert "2 nodes: n1, n2: kernel 5.4.0 is older than 5.10, which Cilium 1.18 and newer needs" in seen
    assert len([line for line in seen if line.startswith("Fix: Boot a kernel of 5.10")]) == 1


def test_all_well_is_short():
    result, bundle = analysed()
    assert len(markdown.render(result, bundle, STAGES).splitlines()) < 15


def test_what_is_accepted_is_a_row_with_reason_and_date():
    parsed = tokens(faulty, ACCEPTED)
    seen = texts(parsed)
    first = seen.index("ZT-GK-003")
    assert seen[first + 3 : first + 5] == [f"decided {NASTY}", "2027-01-01"]
    assert set(rows(parsed)) == {5}


def test_an_acceptance_that_ended_or_meets_nothing_is_told():
    entries = [
        {"id": "ZT-GK-003", "subject": "*", "reason": "for a week", "until": "2026-11-01"},
        {"id": "ZT-NODE-023", "subject": "n9", "reason": "x", "until": "2027-01-01"},
    ]
    seen = texts(tokens(faulty, entries))
    assert "Accepted until 2026-11-01 (for a week), which has passed" in seen
    assert "zerotrust_accepted has ZT-NODE-023 (n9), and nothing was found for it: remove the entry." in seen


HOSTILE = [
    NASTY,
    "a | b || c \\| d \\",
    "![i](https://x.example/i.png) [l](javascript:x) <https://x.example> [r]: /x",
    "`code` ``` *e* __s__ ~~d~~ $m$ &lt; &#60;",
    "<!-- --> </td></table> <details>",
]


@pytest.mark.parametrize("said", HOSTILE)
def test_what_a_cluster_says_stays_text(said):
    parsed = tokens(faulty_saying(said), [{**ACCEPTED[0], "reason": f"decided {said}"}])
    seen = texts(parsed)
    assert f"n1: not Ready: {said}" in seen
    assert f"cluster: 403: forbidden {said}" in seen
    assert f"decided {said}" in seen
    assert set(rows(parsed)) == {5}


def test_lines_of_a_message_start_no_block():
    seen = texts(tokens(faulty_saying("x\n\n# heading\n- item\n\n    code\n---\n```\n| a |\n|---|")))
    assert "n1: not Ready: x # heading - item code --- ``` | a | |---|" in seen


def test_what_cannot_be_seen_is_shown_as_such():
    seen = texts(tokens(faulty_saying("a\x00\x1b[31m\u202eb")))
    assert "n1: not Ready: a\ufffd\ufffd[31m\ufffdb" in seen


def test_nobody_is_mentioned_and_no_page_linked():
    result, bundle = analysed(faulty_saying("@everyone x@sha256:1 https://x.example www.x.example"))
    content = markdown.render(result, bundle, STAGES)
    assert f"@{JOINER}everyone x@sha256:1 https:\\//x.example www\\.x.example" in content
    assert f"n1: not Ready: @{JOINER}everyone x@sha256:1 https://x.example www.x.example" in texts(GFM.parse(content))


def test_it_fits_into_a_comment():
    result, bundle = analysed(faulty_saying("x" * 100000), ACCEPTED)
    result.findings = [dataclasses.replace(one, id=f"{one.id}-{number}") for one in result.findings for number in range(200)]
    content = markdown.render(result, bundle, STAGES)
    assert len(content) < 65536
    assert "Cut here, to fit into a comment" in content
    assert texts(GFM.parse(content))[-1].startswith(f"{result.rules_run} rules")
