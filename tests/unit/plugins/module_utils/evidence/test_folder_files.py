# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

import sys

import pytest

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import (
    bundle,
    document,
    manifests,
    saved_bundle,
    strict_yaml,
    values_file,
    versions,
)


def test_a_values_file_with_a_version():
    one = values_file.read("cni:\n  chained: true\n", "cilium-1.19.0.values.yaml", "x/cilium-1.19.0.values.yaml")
    assert (one.chart, one.version, one.pinned) == ("cilium", "1.19.0", False)
    assert one.origins == {
        "": "x/cilium-1.19.0.values.yaml:1",
        "cni": "x/cilium-1.19.0.values.yaml:1",
        "cni.chained": "x/cilium-1.19.0.values.yaml:2",
    }


@pytest.mark.parametrize("chart", values_file.CHARTS)
def test_without_a_version_the_pinned_one_is_meant(chart):
    one = values_file.read("", f"{chart}.values.yml", "f")
    assert (one.chart, one.version, one.pinned, one.values) == (chart, versions.pinned(chart), True, {})


@pytest.mark.parametrize(
    "name", ["values.yaml", "prometheus.values.yaml", "cilium.yaml", "my-cilium.values.yaml", "ciliumvalues.yaml"]
)
def test_other_files_are_no_values_files(name):
    assert not values_file.is_one(name)


@pytest.mark.parametrize("file,chart", [("istio-cni.values.yaml", "cni"), ("istio-base-1.31.0.values.yml", "base")])
def test_a_chart_may_be_named_as_its_release_is(file, chart):
    assert values_file.is_one(file)
    assert values_file.read("a: 1\n", file, file).chart == chart


@pytest.mark.parametrize(
    "file,meant",
    [
        ("cilum.values.yaml", "cilium.values.yaml"),
        ("Cilium.values.yaml", "cilium.values.yaml"),
        ("cillium-1.20.2.values.yml", "cilium-1.20.2.values.yaml"),
        ("istio_cni.values.yaml", "istio-cni.values.yaml"),
        ("istio.values.yaml", "istiod.values.yaml"),
        ("istiobase.values.yaml", "istio-base.values.yaml"),
        ("my-cilium.values.yaml", "cilium.values.yaml"),
        ("gatekeeper-prod.values.yaml", ""),
        ("gatekeper.values.yaml", "gatekeeper.values.yaml"),
        ("istio-ztunnel.values.yaml", "ztunnel.values.yaml"),
    ],
)
def test_a_name_that_is_nearly_one_is_an_error_with_what_was_meant(file, meant):
    with pytest.raises(values_file.ValuesError, match=f"Did you mean {meant}" if meant else "prod is no version"):
        values_file.read("a: 1\n", file, file)


@pytest.mark.parametrize(
    "chart", ["prometheus", "calico", "argo-cd", "ingress-nginx", "aws-vpc-cni", "istio-gateway", "database"]
)
def test_values_of_other_charts_are_none_of_ours(chart):
    file = f"{chart}.values.yaml"
    assert not values_file.is_one(file)
    assert values_file.meant(file) == ""
    assert values_file.chart_of(file) == chart


@pytest.mark.parametrize(
    "file,text,said",
    [
        ("cilium-abc.values.yaml", "a: 1", "abc is no version"),
        ("cilium-1.20.values.yaml", "a: 1", "1.20 is no version"),
        ("cilium.values.yaml", "[a]", "cilium.values.yaml:1: values of a chart are a mapping, this is a list"),
        ("cilium.values.yaml", "a: 1\n---\nb: 1\n", "cilium.values.yaml:3: a second document"),
    ],
)
def test_a_values_file_that_is_none(file, text, said):
    with pytest.raises(values_file.ValuesError) as error:
        values_file.read(text, file, file)
    assert said in str(error.value)


def manifest(kind, group="", name="x", **more):
    return {"apiVersion": f"{group}/v1" if group else "v1", "kind": kind, "metadata": {"name": name, "namespace": "n"}, **more}


def placed_of(*items, line=1):
    placed = manifests.Placed()
    for item in items:
        placed.add("f.yaml", document.Document(item, line))
    return placed


def test_objects_go_where_the_evidence_has_a_place_and_the_others_are_counted():
    given = [
        manifest("Namespace", name="apps"),
        manifest("PodDisruptionBudget", "policy", spec={"minAvailable": 1}),
        manifest("NetworkPolicy", "networking.k8s.io", spec={"podSelector": {}}),
        manifest("CiliumNetworkPolicy", "cilium.io"),
        manifest("ValidatingWebhookConfiguration", "admissionregistration.k8s.io", webhooks=[{"name": "w"}]),
        manifest("ConstraintTemplate", "templates.gatekeeper.sh", spec={"crd": {"spec": {"names": {"kind": "K8sX"}}}}),
        manifest("K8sX", "constraints.gatekeeper.sh", spec={"enforcementAction": "warn"}),
        manifest("Deployment", "apps", spec={"template": {"spec": {"securityContext": {"privileged": True}}}}),
        manifest("Job", "batch"),
        # Of another group, so another thing.
        manifest("NetworkPolicy", "crd.projectcalico.org"),
        {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization"},
    ]
    placed = placed_of(*given)
    api = placed.api
    assert api["namespaces"]["apps"]["labels"] == {"kubernetes.io/metadata.name": "apps"}
    assert api["budgets"][0]["min_available"] == 1
    assert api["policies"]["network_policies"] == [{"namespace": "n", "name": "x", "spec": {"podSelector": {}}}]
    assert api["policies"]["cilium_network_policies"][0]["name"] == "x"
    assert api["webhooks"][0]["failure_policy"] == "Fail"
    assert api["gatekeeper"]["templates"]["x"]["kind"] == "K8sX"
    assert api["gatekeeper"]["constraints"]["K8sX"]["x"]["action"] == "warn"
    assert (api["workloads"][0]["replicas"], api["workloads"][0]["container_fields"]) == (1, ["privileged"])
    assert sum(placed.placed.values()) == 8
    assert (len(placed), placed.names[0]) == (11, ("Namespace", "n", "apps"))
    assert placed.left == {"Job": 1, "NetworkPolicy": 1, "Kustomization": 1}


def test_what_is_not_there_has_no_key():
    assert placed_of(manifest("Job", "batch")).api == {}


GATEKEEPER = {"group": "constraints.gatekeeper.sh"}
HOOKS = {"group": "admissionregistration.k8s.io"}


@pytest.mark.parametrize(
    "item,said",
    [
        (
            manifest("PodDisruptionBudget", "policy", spec=[1]),
            "PodDisruptionBudget n/x: spec is [1], expected is a mapping or null",
        ),
        (
            manifest("PodDisruptionBudget", "policy", spec={"minAvailable": "half"}),
            'PodDisruptionBudget n/x: spec.minAvailable is "half", expected is a whole number, or a share such as 50%',
        ),
        (
            manifest("PodDisruptionBudget", "policy", spec={"selector": {"matchLabels": ["app"]}}),
            'PodDisruptionBudget n/x: spec.selector.matchLabels is ["app"], expected is a mapping or null',
        ),
        (
            manifest("Deployment", "apps", spec={"replicas": "many"}),
            'Deployment n/x: spec.replicas is "many", expected is a whole number from 0 to 2147483647 or null',
        ),
        (
            manifest("ValidatingWebhookConfiguration", **HOOKS, webhooks=[{"name": ["w"]}]),
            'ValidatingWebhookConfiguration n/x: webhooks[0].name is ["w"], expected is a text',
        ),
        (
            manifest("ConstraintTemplate", "templates.gatekeeper.sh", spec={"crd": None}),
            "ConstraintTemplate n/x: spec.crd is null, expected is a mapping",
        ),
        (
            manifest("K8sX", **GATEKEEPER, spec={"enforcementAction": {"deny": 1}}),
            'K8sX n/x: spec.enforcementAction is {"deny": 1}, expected is a text or null',
        ),
        (
            manifest("NetworkPolicy", "networking.k8s.io", spec={"ingress": [{"ports": [{"port": [80]}]}]}),
            "NetworkPolicy n/x: spec.ingress[0].ports[0].port is [80], expected is a whole number or a text or null",
        ),
        (
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "x", "labels": [1]}},
            "Namespace x: metadata.labels is [1], expected is a mapping or null",
        ),
        (
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"labels": {}}},
            "Namespace: metadata.name is not there, expected is a text",
        ),
    ],
)
def test_an_object_of_another_form_is_named_with_its_place_and_its_field(item, said):
    with pytest.raises(manifests.ManifestError) as error:
        placed_of(item, line=7)
    assert str(error.value) == f"f.yaml:7: {said}"


def test_null_is_as_absent_as_the_api_server_takes_it():
    given = [
        manifest("PodDisruptionBudget", "policy", spec={"minAvailable": 1, "maxUnavailable": None, "selector": None}),
        manifest("HorizontalPodAutoscaler", "autoscaling", spec=None),
        manifest("ValidatingWebhookConfiguration", **HOOKS, webhooks=[{"name": "w", "failurePolicy": None, "rules": None}]),
        manifest("K8sX", **GATEKEEPER, spec={"enforcementAction": None, "match": None}),
    ]
    for one in given:
        one["metadata"].update(creationTimestamp=None, labels=None, annotations=None)
    api = placed_of(*given).api
    assert (api["budgets"][0]["min_available"], api["budgets"][0]["selects"]) == (1, False)
    assert api["autoscalers"][0]["min"] == 1
    assert (api["webhooks"][0]["failure_policy"], api["webhooks"][0]["timeout"]) == ("Fail", 10)
    assert api["gatekeeper"]["constraints"]["K8sX"]["x"]["action"] == "deny"


def test_what_gets_its_name_from_the_api_server_has_no_place():
    item = manifest("Deployment", "apps")
    item["metadata"] = {"generateName": "x-"}
    assert placed_of(item).left == {"Deployment": 1}


def test_without_the_library_that_checks_forms_its_name_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "jsonschema_rs", None)
    manifests._checked.cache_clear()
    with pytest.raises(manifests.ManifestError, match=r"^f.yaml:1: manifests are checked by .*pip install jsonschema-rs$"):
        placed_of(manifest("Deployment", "apps"))


def test_a_list_is_what_is_in_it():
    text = (
        "\n---\napiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: A}\n"
        "-\n  apiVersion: v1\n  kind: B\n  spec:\n    - at: 1\n"
    )
    (read,) = strict_yaml.documents(text, "f.yaml")
    first, second = manifests.unfold("f.yaml", read)
    assert (first.value, first.line, first.lines) == ({"apiVersion": "v1", "kind": "A"}, 6, {"apiVersion": 6, "kind": 6})
    assert (second.line, second.lines) == (8, {"apiVersion": 8, "kind": 9, "spec": 10, "spec.0": 11, "spec.0.at": 11})
    assert second.lines_below(document.branches([("spec",), ("status", "phase")])) == {"spec": 10}
    items = [manifest("A"), manifest("B")]
    in_json = document.Document({"apiVersion": "v1", "kind": "List", "items": items}, 3)
    assert [(one.value, one.line) for one in manifests.unfold("f.json", in_json)] == [(items[0], 3), (items[1], 3)]
    assert len(list(manifests.unfold("f.json", document.Document(manifest("AllowList"), 1)))) == 1


@pytest.mark.parametrize("item", ["{kind: B}", "{apiVersion: 1, kind: B}", "text"])
def test_what_is_in_a_list_and_is_no_object_is_named_by_its_line(item):
    text = f"apiVersion: v1\nkind: List\nitems:\n- {{apiVersion: v1, kind: A}}\n- {item}\n"
    (read,) = strict_yaml.documents(text, "f.yaml")
    with pytest.raises(manifests.ManifestError, match=r"^f.yaml:5: an object has no apiVersion and kind$"):
        list(manifests.unfold("f.yaml", read))


def test_the_lines_of_keys_are_kept_of_objects_that_rules_read():
    text = "apiVersion: v1\nkind: {}\nmetadata:\n  name: x\n  labels:\n    a: b\n    c: d\nspec: {{}}\n"
    placed = manifests.Placed()
    for kind in ("Namespace", "ConfigMap"):
        (read,) = strict_yaml.documents(text.format(kind), "f.yaml")
        placed.add("f.yaml", read)
    lines = {"metadata": 3, "metadata.labels": 5, "metadata.labels.a": 6, "metadata.labels.c": 7, "spec": 8}
    at = {"kind": "Namespace", "namespace": "", "name": "x", "file": "f.yaml", "line": 1, "lines": lines}
    assert placed.api["origins"] == [at]


@pytest.mark.parametrize("meta", [None, [1], "x", {}, {"name": None}])
def test_what_no_rule_reads_may_have_any_name(meta):
    assert placed_of({"apiVersion": "v1", "kind": "Job", "metadata": meta}).left == {"Job": 1}


SAVED = {
    **{key: {} for key in ("desired", "nodes", "api", "charts")},
    "schema": bundle.SCHEMA,
    "cluster": "c",
    "moment": "verify",
    "collected_at": "2026-11-22T19:00:00Z",
    "missing": [],
}


def test_a_saved_bundle_is_read_as_it_is():
    assert saved_bundle.is_one(SAVED)
    assert saved_bundle.read(SAVED, "f") == SAVED
    assert not saved_bundle.is_one({"schema": "zerotrust.baremetal/report/v1"})
    assert not saved_bundle.is_one([1])


@pytest.mark.parametrize(
    "change,said",
    [
        ({"schema": "zerotrust.baremetal/evidence/v2"}, "its schema is"),
        ({"nodes": {"a": 1}}, "nodes.a"),
        ({"nodes": {"a": {"missing": [1]}}}, "nodes.a"),
        ({"api": None}, "api"),
        ({"charts": {"cilium": []}}, "charts.cilium"),
        ({"missing": [{"path": 1}]}, "missing"),
        ({"moment": "later"}, "moment"),
        ({"collected_at": "yesterday"}, "collected_at"),
        ({"desired": {"nodes": 3}}, "desired.nodes"),
        ({"desired": {"features": []}}, "desired.features"),
        ({"desired": {"stages": "node"}}, "desired.stages"),
        ({"api": {"webhooks": [1]}}, "api.webhooks"),
        ({"api": {"policies": {"network_policies": ["x"]}}}, "api.policies"),
    ],
)
def test_a_damaged_bundle_is_one_sentence(change, said):
    with pytest.raises(saved_bundle.SavedBundleError, match=r"^f: ") as error:
        saved_bundle.read({**SAVED, **change}, "f")
    assert said in str(error.value)
