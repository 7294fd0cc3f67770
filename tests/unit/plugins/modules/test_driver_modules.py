# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).parents[1] / "module_utils" / "rules"))

from healthy import healthy

MODULES = Path(__file__).resolve().parents[4] / "plugins" / "modules"


def run(name, tmp_path, check=False, **arguments):
    """Run a module the way a target does: arguments in a file, one JSON object on stdout."""
    given = {"_ansible_check_mode": check, "_ansible_remote_tmp": str(tmp_path), **arguments}
    script = (
        "import json, sys, runpy\n"
        "from ansible.module_utils import basic\n"
        "from ansible.module_utils.testing import patch_module_args\n"
        "given = json.load(open(sys.argv[1]))\n"
        "with patch_module_args(given):\n"
        f"    runpy.run_module('ansible_collections.zerotrust.baremetal.plugins.modules.{name}', run_name='__main__')\n"
    )
    path = tmp_path / "arguments.json"
    path.write_text(json.dumps(given))
    done = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return json.loads(done.stdout.strip().splitlines()[-1])


def arguments(tmp_path, moment="verify", change=lambda bundle: None, **more):
    bundle = healthy(moment)
    change(bundle)
    return {
        "cluster": "test",
        "moment": moment,
        "desired": bundle["desired"],
        "nodes": bundle["nodes"],
        "cluster_evidence": {
            "collected_at": bundle["collected_at"],
            "api": bundle["api"],
            "charts": bundle["charts"],
            "missing": [],
        },
        "report_dir": str(tmp_path / "reports"),
        **more,
    }


def test_analyze_passes_and_writes_reports(tmp_path):
    result = run("analyze", tmp_path, **arguments(tmp_path))
    assert result["stopped"] is False
    assert result["changed"] is False
    assert result["findings"] == []
    assert result["counts"]["FAIL"] == 0
    assert set(result["reports"]) == {"json", "html", "evidence"}
    bundle = json.loads(gzip.decompress(Path(result["reports"]["evidence"]).read_bytes()))
    assert bundle["schema"] == "zerotrust.baremetal/evidence/v1"
    assert Path(result["reports"]["html"]).read_text().startswith("<!doctype html>")


def test_analyze_in_check_mode_judges_and_writes_nothing(tmp_path):
    def change(bundle):
        bundle["nodes"]["n1"]["kernel"]["version"] = [4, 9, 0]

    result = run("analyze", tmp_path, check=True, **arguments(tmp_path, "preflight", change))
    assert result["failed"] is True
    assert result["stopped"] is True
    assert "ZT-NODE-001" in result["msg"]
    assert "Nothing was changed" in result["msg"]
    assert not (tmp_path / "reports").exists()


def test_analyze_passes_on_what_the_gate_lets_through(tmp_path):
    def change(bundle):
        bundle["nodes"]["n1"]["kernel"]["version"] = [4, 9, 0]

    result = run("analyze", tmp_path, **arguments(tmp_path, "preflight", change, gate={"fail": [], "unknown": []}))
    assert result["stopped"] is False
    assert result["findings"][0]["id"] == "ZT-NODE-001"


def test_analyze_refuses_an_unknown_acceptance(tmp_path):
    entry = {"id": "ZT-NO-001", "reason": "x", "until": "2027-01-01"}
    result = run("analyze", tmp_path, **arguments(tmp_path, accepted=[entry]))
    assert result["failed"] is True
    assert "no rule 'ZT-NO-001'" in result["msg"]


def test_analyze_says_when_it_cannot_write(tmp_path):
    (tmp_path / "reports").write_text("a file")
    result = run("analyze", tmp_path, **arguments(tmp_path))
    assert result["failed"] is True
    assert "Set zerotrust_report_dir" in result["msg"]


@pytest.mark.parametrize("name,more", [("cluster_evidence", {}), ("helm_release_guard", {"release": "x", "namespace": "y"})])
def test_a_missing_kubeconfig_is_one_clear_message(name, more, tmp_path):
    result = run(name, tmp_path, kubeconfig=str(tmp_path / "none"), **more)
    assert result["failed"] is True
    assert "does not exist. Set zerotrust_kubeconfig" in result["msg"]


@pytest.mark.parametrize("name", ["analyze", "cluster_evidence", "helm_release_guard"])
def test_documentation_names_every_option(name):
    text = (MODULES / f"{name}.py").read_text()
    documentation = yaml.safe_load(text.split('DOCUMENTATION = r"""')[1].split('"""')[0])
    fragment = (
        {"kubeconfig", "context"} if "zerotrust.baremetal.cluster" in documentation["extends_documentation_fragment"] else set()
    )
    for option in set(documentation["options"]) | fragment:
        assert f'"{option}": {{' in text
