# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

import gzip
import json
import os
import sys
from pathlib import Path

import pytest

from ansible_collections.zerotrust.baremetal.plugins.module_utils.cluster import folder as reader
from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import manifests

sys.path.insert(0, str(Path(__file__).parents[1] / "module_utils" / "rules"))
sys.path.insert(0, str(Path(__file__).parent))

from healthy import healthy
from test_driver_modules import arguments, run


def read(tmp_path, folder, charts="", **more):
    return run("folder_evidence", tmp_path, path=str(folder), charts_dir=str(charts), helm_binary="/nowhere/helm", **more)


def judged(tmp_path, answer, **more):
    gate = {"fail": ["blocker", "high"], "unknown": []}
    kept = {key: answer[key] for key in ("cluster", "moment", "stages", "desired", "nodes")}
    return run("analyze", tmp_path, **kept, cluster_evidence=answer["evidence"], gate=gate, **more)


def said(result):
    return "\n".join(text for _style, text in result["lines"])


def test_a_wrong_value_is_found_with_its_line_and_stops(tmp_path, folder, charts):
    (folder / "cilium.values.yaml").write_text("# ours\ncni:\n  chained: true\n  exclusive: true\n")
    answer = read(tmp_path, folder, charts, ambient=True)
    assert answer["stages"] == ["network"]
    assert answer["evidence"]["charts"]["cilium"]["chart"]["version"] == "1.20.2"
    result = judged(tmp_path, answer)
    assert result["failed"]
    assert "ZT-VER-011 (cilium.values.yaml: cni.chained)" in result["msg"]
    assert "cilium.values.yaml:3" in result["msg"]
    assert "cni.exclusive is true (cilium.values.yaml:4)" in result["msg"]
    assert "the pinned version" in said(result)


def test_what_the_folder_does_not_have_is_unknown_under_one_heading(tmp_path, folder, charts):
    (folder / "cilium-1.20.2.values.yaml").write_text("cni: {exclusive: false}\nencryption: {enabled: true, type: wireguard}\n")
    answer = read(tmp_path, folder, charts, ambient=False)
    result = judged(tmp_path, answer)
    assert not result["stopped"]
    unknown = [one for one in result["findings"] if one["verdict"] == "UNKNOWN"]
    reasons = {one["message"] for one in unknown}
    assert f"not in {folder}" in reasons
    assert all("not in" in one or "helm was not found" in one for one in reasons)
    assert said(result).count("rules cannot be judged") <= len(reasons)
    assert any("not asked: " in one for one in answer["evidence"]["notes"])


def test_whether_a_mesh_is_wanted_is_not_guessed(tmp_path, folder, charts):
    (folder / "cilium.values.yaml").write_text("cni: {exclusive: true}\n")
    result = judged(tmp_path, read(tmp_path, folder, charts))
    assert "zerotrust_ambient=true" in said(result)
    assert "ZT-AMB-001 (chart" not in result["msg"]


def test_a_chart_that_cannot_be_had_is_unknown_with_the_reason(tmp_path, folder, charts):
    (folder / "cilium-1.19.9.values.yaml").write_text("cni: {chained: true}\n")
    result = judged(tmp_path, read(tmp_path, folder, charts))
    unknown = {one["id"]: one["message"] for one in result["findings"] if one["verdict"] == "UNKNOWN"}
    assert "cilium-1.19.9.tgz: no such file" in unknown["ZT-VER-011"]
    assert "cilium-1.19.9.tgz: no such file" in unknown["ZT-CIL-007"]


def test_without_a_folder_of_charts_the_repository_is_asked(tmp_path, folder):
    (folder / "cilium.values.yaml").write_text("")
    answer = read(tmp_path, folder, repositories={"cilium": "https://charts.example.com"})
    assert "was not brought from https://charts.example.com" in answer["evidence"]["missing"][0]["reason"]


def test_manifests_are_judged_as_far_as_rules_go_and_the_rest_is_said(tmp_path, folder):
    (folder / "deep").mkdir()
    (folder / "deep" / "all.yaml").write_text(
        "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: kube-system\n"
        "  labels: {pod-security.kubernetes.io/enforce: restricted}\n"
        "---\napiVersion: batch/v1\nkind: Job\nmetadata: {name: a}\n"
    )
    (folder / "list.json").write_text(
        json.dumps(
            {"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}}]}
        )
    )
    (folder / "README.md").write_text("x")
    (folder / ".hidden.yaml").write_text("[")
    answer = read(tmp_path, folder)
    result = judged(tmp_path, answer)
    assert "ZT-PSS-002 (namespace kube-system at deep/all.yaml:5): it enforces restricted" in result["msg"]
    text = " ".join(said(result).split())
    assert "list.json, deep/all.yaml: 3 objects; judged: 1 Namespace" in text
    assert "NOT judged, as no rule reads them: 1 object (1 Job)" in text
    assert "NOT judged, as the rules about them are of a mesh, which nothing here asks for" in text
    assert "not read: README.md" in text


OBJECTS = """
apiVersion: v1
kind: Namespace
metadata: {name: kube-system, labels: {pod-security.kubernetes.io/enforce: restricted}}
---
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Namespace
  metadata:
    name: apps
    annotations:
      istio.io/dataplane-mode: ambient
- apiVersion: policy/v1beta1
  kind: PodDisruptionBudget
  metadata: {name: a, namespace: apps}
"""


def test_what_is_said_of_an_object_or_a_value_has_its_line_in_every_report(tmp_path, folder, charts):
    """Of the key where the rule knows it, else of the object; of a value that is not set, of what it would stand in."""
    (folder / "all.yaml").write_text(OBJECTS)
    (folder / "cilium.values.yaml").write_text("# ours\ncni:\n  chained: true\n")
    made = tmp_path / "made"
    result = judged(
        tmp_path, read(tmp_path, folder, charts, ambient=True), report_dir=str(made), formats=["json", "sarif", "html"]
    )
    found = json.loads((made / "plan.json").read_text())["findings"]
    places = {(one["id"], one["subject"]): one.get("place") for one in found if one["verdict"] == "FAIL"}
    assert places["ZT-PSS-002", "namespace kube-system"] == "all.yaml:4"
    assert places["ZT-IST-017", "namespace apps"] == "all.yaml:14"
    assert places["ZT-PDB-006", "PodDisruptionBudget apps/a"] == "all.yaml:15"
    assert places["ZT-VER-011", "cilium.values.yaml: cni.chained"] == "cilium.values.yaml:3"
    # The chart's default speaks, of cni.exclusive; of the other key nothing is in the file.
    assert places["ZT-AMB-001", "chart cilium"] == "cilium.values.yaml:2"
    assert places["ZT-CIL-028", "chart cilium"] == "cilium.values.yaml:1"
    assert all(places.values())
    results = json.loads((made / "plan.sarif").read_text())["runs"][0]["results"]
    physical = {
        (one["ruleId"], one["locations"][0]["logicalLocations"][0]["fullyQualifiedName"]): one["locations"][0] for one in results
    }
    for key, place in places.items():
        file, _colon, line = place.rpartition(":")
        where = physical[key]["physicalLocation"]
        assert (where["artifactLocation"]["uri"], where["region"]["startLine"]) == (file, int(line)), key
    text, page = " ".join(said(result).split()), (made / "plan.html").read_text()
    for place in places.values():
        assert place in text
        assert place in page


def test_namespaces_that_are_not_in_the_folder_are_not_passed(tmp_path, folder):
    (folder / "all.yaml").write_text("apiVersion: v1\nkind: Namespace\nmetadata: {name: apps}\n")
    result = judged(tmp_path, read(tmp_path, folder))
    verdicts = {one["id"]: one["verdict"] for one in result["findings"]}
    assert verdicts["ZT-AMB-035"] == "UNKNOWN"
    assert verdicts["ZT-GK-004"] == "UNKNOWN"


@pytest.mark.parametrize("moment", ["preflight", "verify"])
@pytest.mark.parametrize("name", ["evidence.json.gz", "evidence.json"])
def test_a_saved_bundle_alone_gives_the_same_verdict_again(tmp_path, folder, moment, name):
    content = json.dumps(healthy(moment)).encode()
    (folder / name).write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    answer = read(tmp_path, folder)
    assert (answer["moment"], answer["cluster"]) == (moment, healthy(moment)["cluster"])
    result = judged(tmp_path, answer)
    assert result["findings"] == []
    assert result["counts"]["PASS"] > 50


def test_values_beside_a_bundle_stand_in_the_place_of_its_own(tmp_path, folder, charts):
    (folder / "evidence.json").write_text(json.dumps(healthy("verify")))
    (folder / "cilium.values.yaml").write_text("cni: {chained: true}\n")
    answer = read(tmp_path, folder, charts)
    assert answer["moment"] == "plan"
    assert answer["desired"]["features"]["wireguard"] is False
    result = judged(tmp_path, answer)
    assert "cilium.values.yaml: cni.chained" in result["msg"]
    assert "not in" not in said(result)


def test_a_manifest_beside_a_bundle_stands_in_the_place_of_the_object(tmp_path, folder):
    (folder / "evidence.json").write_text(json.dumps(healthy("preflight")))
    (folder / "ns.yaml").write_text(
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: kube-system, labels: {istio.io/dataplane-mode: ambient}}\n"
    )
    answer = read(tmp_path, folder)
    assert set(answer["evidence"]["api"]["namespaces"]) == set(healthy("preflight")["api"]["namespaces"])
    assert "ZT-AMB-035 (namespace kube-system at ns.yaml:1)" in judged(tmp_path, answer)["msg"]


def test_a_webhook_configuration_beside_a_bundle_takes_the_place_of_all_its_webhooks(tmp_path, folder):
    bundle = healthy("preflight")
    own = next(one for one in bundle["api"]["webhooks"] if one["kind"] == "validating")
    (folder / "evidence.json").write_text(json.dumps(bundle))
    kind = "ValidatingWebhookConfiguration"
    (folder / "hook.json").write_text(
        json.dumps(
            {
                "apiVersion": "admissionregistration.k8s.io/v1",
                "kind": kind,
                "metadata": {"name": own["configuration"]},
                "webhooks": [{"name": "only.example.com"}],
            }
        )
    )
    hooks = read(tmp_path, folder)["evidence"]["api"]["webhooks"]
    assert [one["name"] for one in hooks if one["configuration"] == own["configuration"]] == ["only.example.com"]
    assert len(hooks) > 1


ACCEPTING = """apiVersion: v1
kind: Namespace
metadata:
  name: kube-system
  labels: {pod-security.kubernetes.io/enforce: restricted}
  annotations: {zerotrust.baremetal/accept: "ZT-PSS-002 until 2999-01-31: ticket 4711"}
"""


def test_a_manifest_accepts_what_is_found_about_it(tmp_path, folder):
    (folder / "ns.yaml").write_text(ACCEPTING)
    answer = read(tmp_path, folder)
    result = judged(tmp_path, answer)
    assert not result["stopped"]
    (one,) = [one for one in result["findings"] if one["accepted"]]
    assert (one["id"], one["subject"], one["accepted"]["reason"]) == ("ZT-PSS-002", "namespace kube-system", "ticket 4711")
    assert "ticket 4711 (the annotation of Namespace kube-system)" in said(result)
    assert judged(tmp_path, answer, annotations=False)["stopped"]


def test_a_manifest_without_the_annotation_ends_what_the_object_accepted(tmp_path, folder):
    bundle = healthy("preflight")
    names = ("shop", "kube-system")
    bundle["api"]["acceptances"] = [{"kind": "Namespace", "namespace": "", "name": name, "text": "x"} for name in names]
    (folder / "evidence.json").write_text(json.dumps(bundle))
    (folder / "ns.yaml").write_text("apiVersion: v1\nkind: Namespace\nmetadata: {name: kube-system}\n")
    assert [one["name"] for one in read(tmp_path, folder)["evidence"]["api"]["acceptances"]] == ["shop"]
    (folder / "ns.yaml").write_text(ACCEPTING)
    assert [one["name"] for one in read(tmp_path, folder)["evidence"]["api"]["acceptances"]] == ["shop", "kube-system"]


def test_a_bundle_keeps_to_its_stages(tmp_path, folder):
    bundle = healthy("preflight")
    bundle["desired"]["stages"] = ["node", "network"]
    (folder / "evidence.json").write_text(json.dumps(bundle))
    assert read(tmp_path, folder)["stages"] == ["node", "network"]


def test_every_file_that_is_wrong_is_named_at_once(tmp_path, folder):
    (folder / "cilium.values.yaml").write_text("a: [1\n")
    (folder / "cilium-1.20.2.values.yaml").write_text("a: 1\n")
    (folder / "istiod.values.yaml").write_text("a: 1\na: 2\n")
    (folder / "x.json").write_text('{"a": \n')
    (folder / "latin.yaml").write_bytes(b"a: \xe4\n")
    (folder / "evidence.json.gz").write_bytes(b"none")
    (folder / "cni-new.values.yaml").write_text("")
    (folder / "gatekeper.values.yaml").write_text("")
    message = read(tmp_path, folder)["msg"]
    for expected in (
        "- cilium.values.yaml:2: ",
        "- istiod.values.yaml:2: the key a stands here and in line 1",
        "- x.json:2: ",
        "- latin.yaml: it is not UTF-8",
        "- evidence.json.gz: ",
        "- cni-new.values.yaml: new is no version",
        "- gatekeper.values.yaml: its name is not <chart>.values.yaml",
        "Did you mean gatekeeper.values.yaml?",
    ):
        assert expected in message


def test_two_files_for_one_chart_or_two_bundles_are_refused(tmp_path, folder):
    (folder / "cilium.values.yaml").write_text("")
    (folder / "cilium-1.19.0.values.yaml").write_text("")
    for name in ("a.json", "b.json"):
        (folder / name).write_text(json.dumps(healthy("verify")))
    message = read(tmp_path, folder)["msg"]
    assert "cilium.values.yaml: chart cilium has values in cilium-1.19.0.values.yaml too" in message
    assert "b.json: a.json is a saved bundle too" in message


def test_objects_of_no_form_are_named(tmp_path, folder):
    budget = "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: p}\nspec: [1]\n"
    (folder / "x.yaml").write_text(f"a: 1\n---\n{budget}")
    (folder / "y.yaml").write_text(budget)
    said = "PodDisruptionBudget p: spec is [1], expected is a mapping or null"
    assert read(tmp_path, folder)["msg"] == (
        f"{folder} cannot be judged before this is put right:\n- x.yaml:3: {said}\n- y.yaml:1: {said}"
    )


def test_without_the_library_that_checks_forms_nothing_is_judged_and_it_is_said_once(folder, monkeypatch):
    for name in ("x.yaml", "y.yaml"):
        (folder / name).write_text("apiVersion: v1\nkind: Namespace\nmetadata: {name: p}\n")
    monkeypatch.setitem(sys.modules, "jsonschema_rs", None)
    manifests._checked.cache_clear()
    with pytest.raises(reader.FolderError) as error:
        reader.read(str(folder))
    assert str(error.value).startswith("x.yaml:1: manifests are checked by the Python package jsonschema-rs")
    assert "y.yaml" not in str(error.value)


def test_a_folder_with_nothing_to_judge_says_what_is_in_it(tmp_path, folder):
    assert "found: no file." in read(tmp_path, folder)["msg"]
    (folder / "notes.txt").write_text("x")
    (folder / "prometheus.values.yaml").write_text("a: 1\n")
    message = read(tmp_path, folder)["msg"]
    assert "found: notes.txt, prometheus.values.yaml (values of chart prometheus, which no rule knows)." in message


def test_a_path_that_is_no_folder(tmp_path, folder):
    assert read(tmp_path, folder / "none")["msg"].endswith("there is no such file or folder")
    (folder / "file").write_text("")
    assert "found: file." in read(tmp_path, folder / "file")["msg"]


def test_what_is_no_file_is_named_and_not_waited_for(tmp_path, folder):
    (folder / "a.yaml").write_text("apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n")
    os.mkfifo(folder / "b.yaml")
    os.mkfifo(folder / "kustomization.yaml")
    (folder / "circle").symlink_to(".")
    (folder / "gone.yaml").symlink_to("nowhere")
    notes = read(tmp_path, folder)["evidence"]["notes"]
    left = next(one for one in notes if one.startswith("not read: ")).removeprefix("not read: ")
    assert left.split(", ") == [
        "b.yaml (no regular file)",
        "circle (a link",
        "which is not followed)",
        "gone.yaml (a link",
        "which is not followed)",
        "kustomization.yaml (no regular file)",
    ]
    assert "is neither a file nor a folder" in read(tmp_path, folder / "b.yaml")["msg"]


def test_a_folder_that_cannot_be_listed_is_no_silence(tmp_path, folder, monkeypatch):
    (folder / "a.yaml").write_text("apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n")
    # Deeper than a path may be long: that keeps root out as well.
    monkeypatch.chdir(folder)
    for _level in range(20):
        os.mkdir("x" * 250)
        os.chdir("x" * 250)
    result = read(tmp_path, folder)
    assert result["failed"]
    assert "nobody knows what is in it: File name too long. Run as somebody who may list it" in result["msg"]


@pytest.mark.parametrize("name", [b"one\xff.yaml", b"one\n- two.yaml", b"\x1b[31mred.yaml", b"one\xe2\x80\xa8.txt"])
def test_a_name_that_no_report_can_hold_is_refused(name, tmp_path, folder):
    (folder / os.fsdecode(name)).write_text("apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n")
    result = read(tmp_path, folder)
    assert result["failed"]
    assert result["msg"].endswith("its name has what is no UTF-8, or a control character: rename it")
    assert result["msg"].isprintable()


def test_a_name_in_another_script_is_none_of_these(tmp_path, folder):
    (folder / "Übersicht 日本.yaml").write_text("apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n")
    assert read(tmp_path, folder)["evidence"]["notes"][0].startswith("Übersicht 日本.yaml: 1 object")


def test_one_file_is_judged_without_those_beside_it(tmp_path, folder):
    (folder / "cilium.values.yaml").write_text("[")
    (folder / "ns.yaml").write_text("apiVersion: v1\nkind: Namespace\nmetadata: {name: apps}\n")
    assert list(read(tmp_path, folder / "ns.yaml")["evidence"]["api"]["namespaces"]) == ["apps"]


@pytest.mark.parametrize("moment", ["preflight", "verify"])
def test_what_is_saved_without_a_verdict_gets_it_later(tmp_path, folder, moment):
    given = arguments(tmp_path, moment, report_dir=str(folder))
    saved = run("evidence_bundle", tmp_path, **given)
    assert saved["path"] == str(folder / "evidence.json.gz")
    answer = read(tmp_path, saved["path"])
    assert answer["moment"] == moment
    assert answer["nodes"] == given["nodes"]
    result = judged(tmp_path, answer, report_dir=str(tmp_path / "reports"))
    assert result["findings"] == []
    assert result["counts"]["PASS"] > 50


def test_secrets_in_values_do_not_get_into_the_evidence(tmp_path, folder, charts):
    (folder / "cilium.values.yaml").write_text("etcd: {password: hunter2}\n")
    assert "hunter2" not in json.dumps(read(tmp_path, folder, charts))
