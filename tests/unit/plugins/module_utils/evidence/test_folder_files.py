# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import (
    bundle,
    manifests,
    saved_bundle,
    values_file,
    versions,
)


def test_a_values_file_with_a_version():
    one = values_file.read("cni:\n  chained: true\n", "cilium-1.19.0.values.yaml", "x/cilium-1.19.0.values.yaml")
    assert (one.chart, one.version, one.pinned) == ("cilium", "1.19.0", False)
    assert one.origins == {"cni": "x/cilium-1.19.0.values.yaml:1", "cni.chained": "x/cilium-1.19.0.values.yaml:2"}


@pytest.mark.parametrize("chart", values_file.CHARTS)
def test_without_a_version_the_pinned_one_is_meant(chart):
    one = values_file.read("", f"{chart}.values.yml", "f")
    assert (one.chart, one.version, one.pinned, one.values) == (chart, versions.pinned(chart), True, {})


@pytest.mark.parametrize(
    "name", ["values.yaml", "prometheus.values.yaml", "cilium.yaml", "my-cilium.values.yaml", "ciliumvalues.yaml"]
)
def test_other_files_are_no_values_files(name):
    assert not values_file.is_one(name)


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
    api, placed, left = manifests.place([("f.yaml:1", one) for one in given])
    assert api["namespaces"]["apps"]["labels"] == {"kubernetes.io/metadata.name": "apps"}
    assert api["budgets"][0]["min_available"] == 1
    assert api["policies"]["network_policies"] == [{"namespace": "n", "name": "x", "spec": {"podSelector": {}}}]
    assert api["policies"]["cilium_network_policies"][0]["name"] == "x"
    assert api["webhooks"][0]["failure_policy"] == "Fail"
    assert api["gatekeeper"]["templates"]["x"]["kind"] == "K8sX"
    assert api["gatekeeper"]["constraints"]["K8sX"]["x"]["action"] == "warn"
    assert (api["workloads"][0]["replicas"], api["workloads"][0]["container_fields"]) == (1, ["privileged"])
    assert sum(placed.values()) == 8
    assert left == {"Job": 1, "NetworkPolicy": 1, "Kustomization": 1}


def test_what_is_not_there_has_no_key():
    assert manifests.place([("f", manifest("Job", "batch"))])[0] == {}


@pytest.mark.parametrize(
    "item",
    [
        manifest("PodDisruptionBudget", "policy", spec=[1]),
        manifest("Deployment", "apps", spec={"replicas": "many"}),
        manifest("ValidatingWebhookConfiguration", "admissionregistration.k8s.io", webhooks={"a": 1}),
        manifest("ConstraintTemplate", "templates.gatekeeper.sh", spec={"crd": None}),
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "x", "labels": [1]}},
        "text",
    ],
)
def test_an_object_of_another_form_is_named_with_its_place(item):
    with pytest.raises(manifests.ManifestError, match=r"^f.yaml:7: "):
        manifests.place([("f.yaml:7", item)])


def test_a_list_is_what_is_in_it():
    assert list(manifests.unfold({"apiVersion": "v1", "kind": "List", "items": [1, 2]})) == [1, 2]
    assert len(list(manifests.unfold(manifest("AllowList")))) == 1


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
