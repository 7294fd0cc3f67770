# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Imports go one way: evidence <- rules <- report. Rules do no I/O and have no clock."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[5]
UTILS = ROOT / "plugins" / "module_utils"
MAY = {"evidence": {"evidence"}, "rules": {"evidence", "rules"}, "report": {"evidence", "rules", "report"}}
PURE = {"evidence", "rules", "report"}
# Modules of the standard library that reach out of the process, or know the time.
NOT_IN_RULES = {
    "os",
    "io",
    "pathlib",
    "subprocess",
    "socket",
    "time",
    "random",
    "tempfile",
    "urllib",
    "http",
    "requests",
    "kubernetes",
    "yaml",
}


def imports(path):
    """Yield (module, package of ours it belongs to or None)."""
    package = path.relative_to(UTILS).parts[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, None) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if node.level == 1:
                yield module, package
            elif node.level == 2:
                yield module, module.split(".")[0] or node.names[0].name
            elif ".module_utils." in module:
                yield module, module.split(".module_utils.")[1].split(".")[0]
            else:
                yield module, None


FILES = sorted(path for folder in PURE for path in (UTILS / folder).glob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_imports_go_down_only(path):
    folder = path.parent.name
    for module, ours in imports(path):
        assert ours is None or ours in MAY[folder], f"{folder} imports {module}"
        assert not module.startswith("ansible.") or folder == "evidence", f"{folder} imports {module}"


@pytest.mark.parametrize("path", sorted((UTILS / "rules").glob("*.py")), ids=lambda path: path.name)
def test_rules_do_no_io(path):
    for module, _ours in imports(path):
        assert module.split(".")[0] not in NOT_IN_RULES, module
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\bopen\(", text)
    assert ".now(" not in text
    assert ".today(" not in text


def test_the_page_of_what_is_no_rule_names_rules_that_are():
    from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules.catalogue import IDS

    named = set(re.findall(r"ZT-[A-Z]+-\d+", (ROOT / "docs" / "rules_left_out.md").read_text(encoding="utf-8")))
    assert named
    assert named <= set(IDS)


# What the page must account for: how many entries each part of the catalogue has, and of the failures each subject.
CATALOGUE = {"VER": 14, "NODE": 15, "CIL": 32, "AMB": 34, "IST": 34, "GK": 27, "PSS": 7}
FAILURES = {"0.": 15, "A": 23, "B": 13, "C": 18, "D": 10, "E": 16, "F": 7, "G": 9, "H": 5, "I": 9, "L": 3}


def left_out():
    """Yield (entries, what stands beside them) of every line of the page's tables."""
    for line in (ROOT / "docs" / "rules_left_out.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and cells[0] != "entry":
            yield cells[0].split(", "), cells[1:]


def test_every_hazard_has_a_rule_or_a_line_that_says_why_not():
    from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules.catalogue import IDS

    named = [entry for entries, _cells in left_out() for entry in entries]
    assert len(named) == len(set(named))
    catalogue = {f"{part}-{number:02d}" for part, count in CATALOGUE.items() for number in range(1, count + 1)}
    assert len(catalogue) == 163
    of_rules = {f"{part}-{int(number):02d}" for part, number in (one.removeprefix("ZT-").rsplit("-", 1) for one in IDS)}
    failures = {f"{part}{number}" for part, count in FAILURES.items() for number in range(1, count + 1)}
    assert (catalogue - of_rules) | failures <= set(named)
    # A rule has the number of VER-02, and asks for something else.
    assert set(named) - failures - (catalogue - of_rules) == {"VER-02"}


def test_every_line_of_what_is_left_out_is_whole():
    for entries, cells in left_out():
        assert len(cells) == 2 and all(cells), entries


def test_the_page_of_rules_is_what_the_rules_say():
    import sys

    sys.path.insert(0, str(ROOT / "tests"))
    import rules_docs

    from ansible_collections.zerotrust.baremetal.plugins.module_utils.report.rule_page import about
    from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules.catalogue import RULES

    assert (ROOT / "docs" / "rules.md").read_text(encoding="utf-8") == rules_docs.render(RULES, about), "run tests/rules_docs.py"
