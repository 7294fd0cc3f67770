# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Folders as GitOps keeps them: Applications of Argo CD, kustomizations that are not built."""

import json
import os
import select
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from test_driver_modules import MODULE
from test_folder_evidence import judged, read

FIXTURES = Path(__file__).parents[2] / "fixtures" / "gitops"
BUILT = """apiVersion: apps/v1
kind: Deployment
metadata: {name: app, namespace: shop}
spec: {replicas: 3, template: {metadata: {labels: {app: app}}}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: app, namespace: shop}
spec: {minAvailable: 2, selector: {matchLabels: {app: app}}}
"""


@pytest.fixture
def kustomize(tmp_path, monkeypatch):
    """A kustomize that says what it was asked to build, and prints what is in its folder. The control ring has the real one."""
    tools = tmp_path / "tools"
    tools.mkdir()
    monkeypatch.setenv("PATH", str(tools))
    (tools / "built.yaml").write_text(BUILT)

    def program(script):
        path = tools / "kustomize"
        path.write_text(f'#!/bin/sh\n/bin/echo "$@" >> {tools}/asked\n{script}\n'.replace("TOOLS", str(tools)))
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return tools

    return program


def verdicts(tmp_path, answer, subject):
    """Return the verdicts about a subject, of a run that findings may stop."""
    judged(tmp_path, answer, report_dir=str(tmp_path / "reports"))
    report = json.loads((tmp_path / "reports" / "plan.json").read_text())
    return {one["verdict"] for one in report["findings"] if one["subject"] == subject}


def test_an_application_is_judged_as_the_values_it_gives_its_chart(tmp_path, charts):
    answer = read(tmp_path, FIXTURES / "argo", charts, ambient=True)
    cilium = answer["evidence"]["charts"]["cilium"]
    assert cilium["values"] == {
        "cni": {"chained": True, "exclusive": True},
        "encryption": {"enabled": True, "type": "wireguard"},
    }
    assert (cilium["version"], cilium["release"], cilium["namespace"]) == ("1.20.2", "cilium", "kube-system")
    result = judged(tmp_path, answer, report_dir=str(tmp_path / "reports"), formats=["sarif"])
    assert "ZT-VER-011 (apps/cilium.yaml (Application cilium): cni.chained)" in result["msg"]
    log = json.loads((tmp_path / "reports" / "plan.sarif").read_text())
    places = {
        one["ruleId"]: (where["artifactLocation"]["uri"], where["region"]["startLine"])
        for one in log["runs"][0]["results"]
        for where in [one["locations"][0].get("physicalLocation")]
        if where
    }
    assert places["ZT-VER-011"] == ("apps/cilium.yaml", 24)
    assert places["ZT-AMB-001"] == ("envs/production/cilium.yaml", 2)


def test_what_an_application_set_makes_is_unknown_and_the_rest_is_named(tmp_path, charts):
    answer = read(tmp_path, FIXTURES / "argo", charts, ambient=True)
    assert verdicts(tmp_path, answer, "chart istiod") == {"UNKNOWN"}
    text = " ".join("\n".join(answer["evidence"]["notes"]).split())
    assert "apps/mesh.yaml: ApplicationSet mesh makes its Applications of what its generators find" in text
    assert "apps/shop.yaml:8 (Application shop: path overlays/production; judge what is built of it)" in text


def test_a_values_file_that_is_not_there_makes_the_chart_unknown(tmp_path, charts):
    answer = read(tmp_path, FIXTURES / "argo" / "apps", charts, ambient=True)
    reasons = [one["reason"] for one in answer["evidence"]["missing"] if one["path"] == "charts.cilium"]
    assert reasons == [
        "cilium.yaml:19: $clusters/envs/production/cilium.yaml is not in the folder: judge the root of the repository it is in"
    ]
    assert verdicts(tmp_path, answer, "chart cilium") == {"UNKNOWN"}


def test_two_givers_of_one_chart_are_refused(tmp_path, folder):
    shutil.copytree(FIXTURES / "argo", folder, dirs_exist_ok=True)
    (folder / "cilium.values.yaml").write_text("")
    assert (
        "apps/cilium.yaml (Application cilium): chart cilium has values in cilium.values.yaml too"
        in read(tmp_path, folder)["msg"]
    )


def test_an_application_that_installs_nothing_is_named(tmp_path, folder):
    source = "{repoURL: https://git.example.com/x.git, ref: site}"
    text = f"apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: x}}\nspec: {{sources: [{source}]}}\n"
    (folder / "app.yaml").write_text(text)
    assert "app.yaml:4 (Application x: nothing is installed from its sources)" in read(tmp_path, folder)["msg"]


def test_an_application_of_another_form_is_named(tmp_path, folder):
    (folder / "a.yaml").write_text(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: x}\nspec:\n  source: [1]\n"
    )
    assert "- a.yaml:5: source is [1], expected is a mapping" in read(tmp_path, folder)["msg"]


def test_a_kustomization_is_judged_as_what_comes_out(tmp_path, kustomize):
    tools = kustomize("/bin/cat TOOLS/built.yaml")
    answer = read(tmp_path, FIXTURES / "kustomize")
    # The base is not built for itself, and neither it nor the patch is judged alone.
    assert (tools / "asked").read_text() == f"build {FIXTURES}/kustomize/overlays/production\n"
    assert [(one["namespace"], one["replicas"]) for one in answer["evidence"]["api"]["workloads"]] == [("shop", 3)]
    assert len(answer["evidence"]["api"]["budgets"]) == 1
    note = "overlays/production/kustomization.yaml, built: 2 objects; judged: 1 Deployment, 1 PodDisruptionBudget"
    assert note in answer["evidence"]["notes"]


def test_one_overlay_is_judged_with_bases_beside_it(tmp_path, kustomize):
    tools = kustomize("/bin/cat TOOLS/built.yaml")
    read(tmp_path, FIXTURES / "kustomize" / "overlays" / "production")
    assert (tools / "asked").read_text() == f"build {FIXTURES}/kustomize/overlays/production\n"


def test_nothing_is_brought_over_the_network(tmp_path, folder, kustomize):
    tools = kustomize("/bin/cat TOOLS/built.yaml")
    (folder / "base").mkdir()
    (folder / "kustomization.yaml").write_text("resources: [base]\n")
    (folder / "base" / "kustomization.yaml").write_text("namespace: x\nresources:\n- https://u:p@example.com/x//base?ref=v1\n")
    message = read(tmp_path, folder)["msg"]
    assert "- base/kustomization.yaml:2: resources: https://<redacted>@example.com/x//base?ref=v1 is not there" in message
    assert "judge what `kustomize build` prints" in message
    assert not (tools / "asked").exists()


@pytest.mark.parametrize(
    "text",
    [
        "resources: ['http://127.0.0.1:8001/x.yaml']\n",
        "generators: [plugin.yaml]\n",
        "transformers:\n- |-\n  kind: PatchTransformer\n  Path: http://127.0.0.1:8001/x.yaml\n",
    ],
)
def test_not_from_the_driver_itself_either(tmp_path, folder, kustomize, text):
    tools = kustomize("/bin/cat TOOLS/built.yaml")
    (folder / "kustomization.yaml").write_text(text)
    (folder / "plugin.yaml").write_text("kind: ConfigMapGenerator\nfiles: [x=http://127.0.0.1:8001/x.yaml]\n")
    # As it would be called if it were a file.
    (folder / "http:" / "127.0.0.1:8001").mkdir(parents=True)
    (folder / "http:" / "127.0.0.1:8001" / "x.yaml").touch()
    assert "http://127.0.0.1:8001/x.yaml is not there" in read(tmp_path, folder)["msg"]
    assert not (tools / "asked").exists()


def test_without_a_tool_that_builds_it_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    message = read(tmp_path, FIXTURES / "kustomize")["msg"]
    assert "overlays/production/kustomization.yaml: neither kustomize nor kubectl is in the path of the driver" in message


def test_what_is_no_kustomization_needs_no_such_tool(tmp_path, folder, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    (folder / "app.yaml").write_text(BUILT)
    assert "app.yaml: 2 objects; judged: 1 Deployment, 1 PodDisruptionBudget" in read(tmp_path, folder)["evidence"]["notes"]


def test_what_the_tool_says_is_passed_on(tmp_path, kustomize):
    kustomize('/bin/echo "Error: no matches for Id" >&2; exit 1')
    message = read(tmp_path, FIXTURES / "kustomize")["msg"]
    assert "- overlays/production/kustomization.yaml: it cannot be built: no matches for Id" in message


@pytest.mark.parametrize("told", ["error: no matches", "panic: no matches\\n\\ngoroutine 1 [running]:\\nmain.main()"])
def test_only_the_error_of_the_tool_is_passed_on(tmp_path, kustomize, told):
    kustomize(f"printf '# Warning: commonLabels is deprecated\\n{told}\\n' >&2; exit 1")
    assert read(tmp_path, FIXTURES / "kustomize")["msg"].endswith("no matches")


def test_a_long_chain_of_bases_is_followed_to_what_is_not_there(tmp_path, folder, kustomize):
    kustomize("exit 0")
    for number in range(1200):
        (folder / str(number)).mkdir()
        (folder / str(number) / "kustomization.yaml").write_text(f"resources: [../{number + 1}]\n")
    assert "- 1199/kustomization.yaml:1: resources: ../1200 is not there" in read(tmp_path, folder)["msg"]


def test_links_that_lead_back_are_followed_once(tmp_path, folder, kustomize):
    kustomize("/bin/cat TOOLS/built.yaml")
    (folder / "kustomization.yaml").write_text("resources: [a, b]\n")
    for name in ("a", "b"):
        (folder / name).symlink_to(".")
    assert len(read(tmp_path, folder)["evidence"]["api"]["workloads"]) == 1


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_whoever_is_told_to_end_takes_the_tool_and_its_folder_along(tmp_path, kustomize, told):
    # It says who it is, and waits for what never comes.
    tools = kustomize("/bin/echo $$ > TOOLS/started; read line < TOOLS/never")
    for name in ("started", "never"):
        os.mkfifo(tools / name)
    (tmp_path / "aside").mkdir()
    given = {"path": str(FIXTURES / "kustomize"), "_ansible_remote_tmp": str(tmp_path)}
    # Whoever started the tests may ignore it, and that is handed down.
    before = signal.signal(told, signal.SIG_DFL)
    module = subprocess.Popen(
        [sys.executable, "-c", MODULE, "folder_evidence", json.dumps(given)],
        env={**os.environ, "TMPDIR": str(tmp_path / "aside")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    signal.signal(told, before)
    # For writing too: so it opens at once, and who ends before the tool is started ends the waiting.
    with open(os.open(tools / "started", os.O_RDWR), "rb", buffering=0) as started:
        assert select.select([started, module.stdout], [], [])[0] == [started]
        tool = int(started.readline())
    assert [one.name.rpartition("-")[0] for one in (tmp_path / "aside").iterdir()] == ["zerotrust-kustomize"]
    module.send_signal(told)
    assert module.communicate() == ("", f"Ended by {told.name} before there was a result.\n")
    assert list((tmp_path / "aside").iterdir()) == []
    with pytest.raises(ProcessLookupError):
        os.kill(tool, 0)


def test_two_overlays_of_one_object_are_refused(tmp_path, folder, kustomize):
    kustomize("/bin/cat TOOLS/built.yaml")
    for name in ("a", "b"):
        (folder / name).mkdir()
        (folder / name / "kustomization.yaml").write_text("resources: []\n")
    message = read(tmp_path, folder)["msg"]
    assert "b/kustomization.yaml: it builds Deployment shop/app, as a/kustomization.yaml does: judge one of them alone" in message


@pytest.mark.parametrize(
    "content,said",
    [
        (b"resources: [\xff]\n", "kustomization.yaml: it is not UTF-8 (byte 13)"),
        (b"#" * 1024 * 1025, "kustomization.yaml: it is larger than 1 MiB"),
        (b"resources: [" + b"x" * 5000 + b"]\n", "kustomization.yaml:1: resources: " + "x" * 239 + "… is not there"),
    ],
)
def test_a_kustomization_that_cannot_be_read_is_named(content, said, tmp_path, folder):
    (folder / "kustomization.yaml").write_bytes(content)
    assert f"\n- {said}" in read(tmp_path, folder)["msg"]


def test_every_kustomization_that_is_wrong_is_named_at_once(tmp_path, folder, kustomize):
    kustomize("/bin/cat TOOLS/built.yaml")
    for name, text in (("a", "resources: ["), ("b", "helmCharts: [{name: x}]"), ("c", "resources: [gone.yaml]")):
        (folder / name).mkdir()
        (folder / name / "kustomization.yaml").write_text(text)
    message = read(tmp_path, folder)["msg"]
    for words in ("- a/kustomization.yaml:", "- b/kustomization.yaml:1: helmCharts brings", "resources: gone.yaml is not there"):
        assert words in message


def test_a_chart_is_not_read_as_manifests(tmp_path, folder):
    (folder / "chart" / "templates").mkdir(parents=True)
    (folder / "chart" / "Chart.yaml").write_text("name: x\nversion: 1.0.0\n")
    (folder / "chart" / "templates" / "a.yaml").write_text("{{ if .Values.x }}\n")
    (folder / "ns.yaml").write_text("apiVersion: v1\nkind: Namespace\nmetadata: {name: apps}\n")
    assert (
        "not read: chart/Chart.yaml (a chart; judge what `helm template` makes of it)"
        in read(tmp_path, folder)["evidence"]["notes"]
    )
