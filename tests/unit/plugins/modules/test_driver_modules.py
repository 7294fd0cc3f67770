# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).parents[1] / "module_utils" / "rules"))

from healthy import healthy

MODULES = Path(__file__).resolve().parents[4] / "plugins" / "modules"


# Of a module's name and its arguments.
MODULE = """
import json, runpy, sys
from ansible.module_utils.testing import patch_module_args

with patch_module_args(json.loads(sys.stdin.read() if sys.argv[2] == "-" else sys.argv[2])):
    runpy.run_module("ansible_collections.zerotrust.baremetal.plugins.modules." + sys.argv[1], run_name="__main__")
"""


def run(name, tmp_path, check=False, **arguments):
    """Run a module the way a target does: arguments on stdin, one JSON object on stdout."""
    given = {"_ansible_check_mode": check, "_ansible_remote_tmp": str(tmp_path), **arguments}
    done = subprocess.run(
        [sys.executable, "-c", MODULE, name, "-"], input=json.dumps(given), capture_output=True, text=True, check=False
    )
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


def test_analyze_writes_every_format_it_is_asked_for(tmp_path):
    asked = ["sarif", "junit", "markdown"]
    reports = run("analyze", tmp_path, **arguments(tmp_path, formats=asked))["reports"]
    names = {"sarif": "verify.sarif", "junit": "verify.xml", "markdown": "verify.md", "evidence": "evidence.json.gz"}
    assert {name: Path(path).name for name, path in reports.items()} == names
    assert {path.name for path in (tmp_path / "reports").iterdir()} == set(names.values())
    assert json.loads(Path(reports["sarif"]).read_text())["version"] == "2.1.0"
    assert Path(reports["junit"]).read_text().startswith("<?xml")
    assert Path(reports["markdown"]).read_text().startswith("## test verify: Passed")


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


def test_evidence_is_saved_as_analyze_saves_it(tmp_path):
    given = arguments(tmp_path)
    run("analyze", tmp_path, **given)
    written = (tmp_path / "reports" / "evidence.json.gz").read_bytes()
    given["report_dir"] = str(tmp_path / "alone")
    result = run("evidence_bundle", tmp_path, **given)
    assert (tmp_path / "alone" / "evidence.json.gz").read_bytes() == written
    assert [path.name for path in (tmp_path / "alone").iterdir()] == ["evidence.json.gz"]
    assert result["path"] in result["lines"][0][1]


def test_evidence_that_is_saved_says_what_could_not_be_read(tmp_path):
    given = arguments(tmp_path)
    given["nodes"]["n2"] = {"missing": "unreachable: timed out"}
    given["cluster_evidence"]["missing"] = [{"path": "api.pods", "reason": "403: forbidden"}]
    result = run("evidence_bundle", tmp_path, check=True, **given)
    assert result["missing"] == [
        {"path": "api.pods", "reason": "403: forbidden"},
        {"path": "nodes.n2", "reason": "unreachable: timed out"},
    ]
    assert not (tmp_path / "reports").exists()


def test_evidence_that_cannot_be_saved_is_one_sentence(tmp_path):
    (tmp_path / "reports").write_text("a file")
    assert "Set zerotrust_report_dir" in run("evidence_bundle", tmp_path, **arguments(tmp_path))["msg"]


def test_redacted_evidence_is_the_same_with_the_same_key_and_names_nobody(tmp_path):
    (tmp_path / "key").write_bytes(b"0123456789abcdef\n")
    given = arguments(tmp_path, redact=True)
    result = run("evidence_bundle", tmp_path, **given, redaction_key_file=str(tmp_path / "key"))
    assert [path.name for path in (tmp_path / "reports").iterdir()] == ["evidence-redacted.json.gz"]
    assert "with other names and addresses" in result["lines"][0][1]
    first = (tmp_path / "reports" / "evidence-redacted.json.gz").read_bytes()
    assert b"192.0.2.1" not in gzip.decompress(first)
    assert b"node1" not in gzip.decompress(first)
    run("evidence_bundle", tmp_path, **given, redaction_key_file=str(tmp_path / "key"))
    assert (tmp_path / "reports" / "evidence-redacted.json.gz").read_bytes() == first
    run("evidence_bundle", tmp_path, **given)
    assert (tmp_path / "reports" / "evidence-redacted.json.gz").read_bytes() != first


@pytest.mark.parametrize("content,said", [(None, "No such file or directory"), (b"short", "a key of 5 bytes is too short")])
def test_a_key_that_is_none_is_said_with_how_to_make_one(tmp_path, content, said):
    if content is not None:
        (tmp_path / "key").write_bytes(content)
    result = run("evidence_bundle", tmp_path, **arguments(tmp_path, redact=True), redaction_key_file=str(tmp_path / "key"))
    assert said in result["msg"]
    assert "/dev/urandom" in result["msg"]
    assert not (tmp_path / "reports").exists()


def test_a_key_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "key")
    result = run("evidence_bundle", tmp_path, **arguments(tmp_path, redact=True), redaction_key_file=str(tmp_path / "key"))
    assert "it is no file. Make a key once" in result["msg"]


def test_explain_shows_pages_or_all_rules(tmp_path):
    one = run("explain", tmp_path, id="ZT-AMB-020")
    assert [rule["id"] for rule in one["rules"]] == ["ZT-AMB-020"]
    assert one["text"].splitlines()[1].startswith("ZT-AMB-020")
    assert len(run("explain", tmp_path)["rules"]) > 50


def test_explain_offers_the_closest_id(tmp_path):
    result = run("explain", tmp_path, id="ZT-AMB-20")
    assert result["failed"] is True
    assert "Did you mean ZT-AMB-020" in result["msg"]


def reports(tmp_path):
    """Return the JSON reports of a healthy cluster and of the same with an old kernel on n1."""

    def change(bundle):
        bundle["nodes"]["n1"]["kernel"].update(release="4.9.0", version=[4, 9, 0])

    files = []
    for name, edit in (("before", lambda bundle: None), ("after", change)):
        given = arguments(tmp_path, change=edit, gate={"fail": [], "unknown": []}, report_dir=str(tmp_path / name))
        files.append(run("analyze", tmp_path, **given)["reports"]["json"])
    return files


def test_report_diff_compares_what_analyze_wrote(tmp_path):
    before, after = reports(tmp_path)
    result = run("report_diff", tmp_path, before=before, after=after)
    assert ("ZT-NODE-001", "n1", "PASS", "FAIL") in [
        (one["id"], one["subject"], one["before"], one["after"]) for one in result["worse"]
    ]
    assert result["counts"]["worse"] == len(result["worse"])
    assert (result["better"], result["unchanged"]) == ([], [])
    back = run("report_diff", tmp_path, before=after, after=before, fail_on_worse=True)
    assert back["counts"]["better"] == result["counts"]["worse"]


def test_report_diff_fails_on_worse_when_asked(tmp_path):
    before, after = reports(tmp_path)
    result = run("report_diff", tmp_path, before=before, after=after, fail_on_worse=True)
    assert result["failed"] is True
    assert "- ZT-NODE-001 (n1): PASS → FAIL, blocker" in result["msg"]
    assert "worse" not in result


def test_report_diff_waits_for_no_pipe_and_reads_no_device(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for given in (str(tmp_path / "pipe"), "/dev/zero", str(tmp_path)):
        result = run("report_diff", tmp_path, before=given, after=given)
        assert result["msg"].startswith(f"{given} is no file. Expected is evidence")


def test_report_diff_reads_no_file_of_any_size(tmp_path):
    with open(tmp_path / "large.json", "wb") as file:
        file.truncate(256 * 1024 * 1024 + 1)
    result = run("report_diff", tmp_path, before=str(tmp_path / "large.json"), after="/nowhere")
    assert "large.json is larger than 256 MiB" in result["msg"]


def test_report_diff_names_the_file_it_cannot_use(tmp_path):
    before, _after = reports(tmp_path)
    missing = run("report_diff", tmp_path, before=before, after=str(tmp_path / "none.json"))
    assert f"{tmp_path}/none.json cannot be read: No such file" in missing["msg"]
    other = tmp_path / "report.md"
    other.write_text("# Report\n")
    assert f"{other} is not JSON" in run("report_diff", tmp_path, before=str(other), after=before)["msg"]


@pytest.mark.parametrize(
    "name,more",
    [("cluster_evidence", {}), ("disruption_budget", {}), ("helm_release_guard", {"release": "x", "namespace": "y"})],
)
def test_a_missing_kubeconfig_is_one_clear_message(name, more, tmp_path):
    result = run(name, tmp_path, kubeconfig=str(tmp_path / "none"), **more)
    assert result["failed"] is True
    assert "does not exist. Set zerotrust_kubeconfig" in result["msg"]


@pytest.mark.parametrize(
    "name", ["analyze", "cluster_evidence", "disruption_budget", "explain", "helm_release_guard", "report_diff"]
)
def test_documentation_names_every_option(name):
    text = (MODULES / f"{name}.py").read_text()
    documentation = yaml.safe_load(text.split('DOCUMENTATION = r"""')[1].split('"""')[0])
    fragment = (
        {"kubeconfig", "context"} if "zerotrust.baremetal.cluster" in documentation["extends_documentation_fragment"] else set()
    )
    for option in set(documentation["options"]) | fragment:
        assert f'"{option}": {{' in text
