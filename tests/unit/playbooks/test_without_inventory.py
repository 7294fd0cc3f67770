# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks that need no inventory and no cluster, run as a user runs them: files are named from where the run starts."""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PLAYBOOKS = Path(__file__).resolve().parents[3] / "playbooks"
REPORT = {
    "schema": "zerotrust.baremetal/report/v1",
    "cluster": "test",
    "moment": "verify",
    "stages": ["node"],
    "collected_at": "2026-11-22T19:00:00Z",
    "rules": {"ZT-NODE-023": {"severity": "medium", "layer": "node", "title": "The node's clock is right"}},
}


@pytest.fixture
def play(pytestconfig, tmp_path):
    def run(name, *extra):
        command = [str(Path(sys.executable).parent / "ansible-playbook"), str(PLAYBOOKS / name)]
        for one in extra:
            command += ["-e", one]
        environment = {
            **os.environ,
            "ANSIBLE_COLLECTIONS_PATH": str(pytestconfig.stash["collections"]),
            "ANSIBLE_LOCAL_TEMP": str(tmp_path / "local"),
            "ANSIBLE_NOCOLOR": "1",
            "PWD": str(tmp_path),
        }
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    return run


def test_explain_prints_the_page(play):
    done = play("explain.yml", "id=ZT-AMB-020")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "\nZT-AMB-020   The CNI file that the runtime reads ends with istio-cni\n" in done.stdout


def test_explain_of_an_unknown_id_is_an_error_with_the_closest(play):
    done = play("explain.yml", "id=ZT-AMB-20")
    assert done.returncode != 0
    assert "Did you mean ZT-AMB-020" in done.stdout


def test_diff_prints_and_ends_with_an_error_when_asked(play, tmp_path):
    for name, verdict in (("before", "PASS"), ("after", "FAIL")):
        finding = {"id": "ZT-NODE-023", "subject": "n1", "verdict": verdict, "message": f"it is {verdict}"}
        (tmp_path / f"{name}.json").write_text(json.dumps({**REPORT, "findings": [finding]}))
    done = play("diff.yml", "before=before.json", f"after={tmp_path}/after.json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "\nWORSE    PASS → FAIL  medium  The node's clock is right" in done.stdout
    assert play("diff.yml", "before=before.json", "after=after.json", "fail_on_worse=true").returncode != 0


def test_diff_without_files_says_what_to_write(play):
    done = play("diff.yml", "before=before.json")
    assert done.returncode != 0
    assert "Write -e before=FILE -e after=FILE" in done.stdout


NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: acme-shop, labels: {istio.io/dataplane-mode: acme-typo}}\n"


def test_analyze_writes_the_formats_that_it_is_asked_for_and_nothing_of_the_site_when_asked(play, tmp_path):
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / "a.yaml").write_text(NAMESPACE)
    made = tmp_path / "made"
    formats = '{"zerotrust_report_formats": ["json", "sarif", "markdown"]}'
    done = play("analyze.yml", "path=given", f"zerotrust_report_dir={made}", formats)
    assert done.returncode == 0, done.stdout + done.stderr
    assert sorted(one.name for one in made.iterdir()) == ["evidence.json.gz", "plan.json", "plan.md", "plan.sarif"]
    assert "acme-shop" in (made / "plan.sarif").read_text()
    other = tmp_path / "other"
    assert play("analyze.yml", "path=given", f"zerotrust_report_dir={other}", formats, "zerotrust_redact=true").returncode == 0
    written = {one.name: one.read_bytes() for one in other.iterdir()}
    assert sorted(written) == ["evidence-redacted.json.gz", "plan.json", "plan.md", "plan.sarif"]
    written["evidence-redacted.json.gz"] = gzip.decompress(written["evidence-redacted.json.gz"])
    assert b"ZT-IST-017" in written["plan.json"]
    assert [name for name, content in written.items() if b"acme" in content] == []


def test_analyze_names_files_from_where_the_command_is_given(play, tmp_path):
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / "a.yaml").write_text(NAMESPACE)
    (tmp_path / "key").write_bytes(b"0123456789abcdef")
    extra = ["zerotrust_report_dir=made/here", "zerotrust_redact=true", "zerotrust_redaction_key_file=key"]
    done = play("analyze.yml", "path=./given/a.yaml", *extra)
    assert done.returncode == 0, done.stdout + done.stderr
    assert sorted(one.name for one in (tmp_path / "made" / "here").iterdir()) == [
        "evidence-redacted.json.gz",
        "plan.html",
        "plan.json",
    ]


@pytest.mark.parametrize(
    "extra,said",
    [
        ('{"path": ["given"]}', "Say which folder, or which saved evidence.json.gz, is to be judged"),
        ('{"path": "a.yaml", "zerotrust_accepted": "ZT-GK-003"}', "zerotrust_accepted (accepted) has to be a list of mappings"),
        ('{"path": "a.yaml", "zerotrust_gate": "none"}', "zerotrust_gate (gate) has to be a mapping"),
    ],
)
def test_analyze_says_what_has_another_form(play, tmp_path, extra, said):
    (tmp_path / "a.yaml").write_text(NAMESPACE)
    done = play("analyze.yml", extra)
    assert done.returncode == 2
    assert said in done.stdout + done.stderr


@pytest.mark.parametrize("name", ["preflight.yml", "verify.yml", "collect.yml", "site.yml", "uninstall.yml"])
def test_no_driver_is_an_error_and_no_success(play, name):
    done = play(name)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "There is no host in the group drivers" in " ".join(done.stdout.split())
