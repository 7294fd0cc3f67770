# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
"""What a parameter of an Application comes to, as Helm's own `--set` makes it."""

from __future__ import annotations

import json
import subprocess

import pytest
from ztlab import go

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import helm_set

GIVEN = [
    *(("a", value) for value in ("true", "True", "null", "0", "007", "-1", "+1", "-0", "1.5", "", " x", "9223372036854775808")),
    *(("a", value) for value in ("{}", "{x,2,true}", r"{x\,y,z}", "{x", r"x\,y")),
    *((name, "x") for name in ("a.b.c", "a[1].b", "a[0][1]", r"a.b\.c/d", "a.", "a..b", "a[x]", "a[99999]")),
]


@pytest.fixture(scope="module")
def chart(tmp_path_factory):
    """A chart that prints its values."""
    folder = tmp_path_factory.mktemp("chart")
    (folder / "templates").mkdir()
    (folder / "Chart.yaml").write_text("apiVersion: v2\nname: values\nversion: 1.0.0\n")
    (folder / "templates" / "values.yaml").write_text("{{ .Values | toJson }}\n")
    return folder


@pytest.mark.parametrize("as_text", [False, True], ids=["set", "set-string"])
@pytest.mark.parametrize(("name", "value"), GIVEN)
def test_a_parameter_is_what_helm_makes_of_it(chart, name, value, as_text):
    command = [
        go.binaries("helm").path / "helm",
        "template",
        "x",
        chart,
        "--set-string" if as_text else "--set",
        f"{name}={value}",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    ours = {}
    try:
        helm_set.put(ours, name, value, as_text=as_text)
    except helm_set.SetError:
        assert done.returncode
    else:
        assert not done.returncode, done.stderr
        assert json.loads(next(line for line in done.stdout.splitlines() if line.startswith("{"))) == ours
