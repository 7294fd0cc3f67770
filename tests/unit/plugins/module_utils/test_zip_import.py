# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each file of the zip that Ansible sends is compiled once."""

import ast
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[4]
FILES = {
    "outer/__init__.py": "",
    "outer/inner/__init__.py": "",
    "outer/early.py": "",
    "outer/inner/leaf.py": "from outer import early\n\n\ndef fail():\n    raise ValueError\n",
    "outer/broken.py": "def\n",
}
# Counts what is compiled out of the zip, and says what an import of it shows.
PROBE = """
import collections, json, sys, traceback
compiled = collections.Counter()
sys.addaudithook(lambda event, what: event == "compile" and str(what[1]).startswith(sys.argv[1]) and compiled.update([what[1]]))
sys.path.insert(0, sys.argv[1])
if sys.argv[2] == "early":
    import outer.early
    compiled.clear()
sys.path.insert(1, sys.argv[3])
from zip_import import compile_once
if sys.argv[4] == "once":
    compile_once()
from outer.inner import leaf
seen = dict(compiled)
try:
    import outer.broken
except SyntaxError as error:
    broken = [error.filename, error.lineno]
try:
    import outer.absent
except ModuleNotFoundError as error:
    absent = error.name
try:
    leaf.fail()
except ValueError:
    lines = traceback.format_exc().splitlines()[-2:]
import outer
names = [leaf.__file__, leaf.__spec__.origin, outer.__file__, list(outer.inner.__path__)]
json.dump([seen, [names, broken, absent, lines]], sys.stdout)
"""


@pytest.fixture(name="archive")
def fixture_archive(tmp_path):
    with zipfile.ZipFile(tmp_path / "code.zip", "w") as archive:
        for name, text in FILES.items():
            archive.writestr(name, text)
    return str(tmp_path / "code.zip")


def imported(archive, start, how):
    command = [sys.executable, "-c", PROBE, archive, start, str(ROOT / "plugins" / "module_utils"), how]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


@pytest.mark.parametrize(("start", "fewer"), [("fresh", []), ("early", ["outer/__init__.py", "outer/early.py"])])
def test_each_file_of_a_zip_is_compiled_once_and_imported_as_ever(archive, start, fewer):
    compiled, seen = imported(archive, start, "once")
    expected = {"outer/__init__.py", "outer/inner/__init__.py", "outer/early.py", "outer/inner/leaf.py"} - set(fewer)
    assert compiled == {f"{archive}/{name}": 1 for name in expected}
    assert seen == imported(archive, start, "as Python does")[1]


@pytest.mark.parametrize("path", sorted((ROOT / "plugins" / "modules").glob("*.py")), ids=lambda path: path.name)
def test_every_module_sees_to_it_before_it_loads_anything_else(path):
    body = ast.parse(path.read_text(encoding="utf-8")).body
    calls = [node for node in body if isinstance(node, ast.Expr) and ast.unparse(node) == "compile_once()"]
    assert len(calls) == 1
    before = [node.module for node in body[: body.index(calls[0])] if isinstance(node, ast.ImportFrom)]
    assert [name.rpartition(".")[2] for name in before if name.startswith("ansible")] == ["zip_import"]
