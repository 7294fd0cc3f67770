# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

import base64
import gzip
import json
from datetime import datetime, timezone

import pytest

from ansible_collections.zerotrust.baremetal.plugins.module_utils.cluster import api, charts, collect, releases
from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import helm_release

NOW = datetime(2026, 11, 22, 19, 0, tzinfo=timezone.utc)


def record(number, status, created="2026-11-22T18:00:00Z"):
    return {
        "metadata": {
            "name": f"sh.helm.release.v1.x.v{number}",
            "labels": {"version": str(number), "status": status},
            "uid": f"u{number}",
            "resourceVersion": "1",
            "creationTimestamp": created,
        }
    }


@pytest.mark.parametrize(
    "statuses,stuck",
    [
        ([], []),
        (["deployed"], []),
        (["superseded", "deployed"], []),
        (["pending-install"], [1]),
        (["deployed", "pending-upgrade"], [2]),
        (["superseded", "deployed", "failed", "pending-rollback"], [4]),
        (["failed"], [1]),
        (["failed", "failed"], [1, 2]),
        (["failed", "pending-upgrade"], [1, 2]),
        (["deployed", "failed"], []),
    ],
)
def test_only_what_keeps_helm_from_working_is_stuck(statuses, stuck):
    read = releases.read([record(number, status) for number, status in enumerate(statuses, start=1)])
    assert [one.number for one in releases.stuck(read, NOW, 0)] == stuck


def test_a_young_pending_revision_may_be_at_work():
    read = releases.read([record(1, "pending-install", "2026-11-22T18:59:30Z")])
    assert releases.stuck(read, NOW, 60) == []
    assert len(releases.stuck(read, NOW, 10)) == 1


def test_revisions_are_ordered_by_number():
    assert [
        one.number for one in releases.read([record(10, "deployed"), record(9, "superseded"), {"metadata": {"name": "other"}}])
    ] == [9, 10]


def test_a_release_record_gives_no_manifest():
    content = {
        "chart": {"metadata": {"name": "c", "version": "1"}},
        "config": {"password": "x"},
        "manifest": "kind: Secret",
        "info": {},
    }
    data = base64.b64encode(base64.b64encode(gzip.compress(json.dumps(content).encode()))).decode()
    item = {"metadata": {"labels": {"name": "r", "status": "deployed", "version": "3"}}, "data": {"release": data}}
    read = helm_release.describe(item)
    assert (read["name"], read["revision"], read["chart"], read["values"]) == ("r", 3, "c", {"password": "<redacted>"})
    assert "kind: Secret" not in str(read)


def test_a_damaged_release_record_is_said():
    item = {"metadata": {"labels": {"name": "r", "status": "deployed", "version": "3"}}, "data": {"release": "AAAA"}}
    assert "damaged" in helm_release.describe(item)["unreadable"]


def test_a_kubeconfig_that_is_not_there(tmp_path):
    with pytest.raises(api.ClusterError, match=r"does not exist. Set zerotrust_kubeconfig"):
        api.Api(str(tmp_path / "none"), "", 5)


@pytest.mark.parametrize("content", ["", "not: [yaml", "kind: Config", "[]", "\x00"])
def test_a_kubeconfig_that_is_none(tmp_path, content):
    path = tmp_path / "config"
    path.write_text(content)
    with pytest.raises(api.ClusterError, match="kubeconfig"):
        api.Api(str(path), "", 5)


KUBECONFIG = """
apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "http://127.0.0.1:1"}}]
users: [{name: u, user: {}}]
contexts: [{name: x, context: {cluster: c, user: u}}]
current-context: x
"""


def test_an_api_server_that_is_down_is_one_sentence_with_host_and_file(tmp_path):
    path = tmp_path / "config"
    path.write_text(KUBECONFIG)
    with pytest.raises(api.ClusterError) as error:
        api.Api(str(path), "", 2).version()
    text = str(error.value)
    assert "http://127.0.0.1:1" in text
    assert str(path) in text
    assert "connection refused" in text
    assert "Traceback" not in text
    assert "HTTPConnectionPool" not in text


def test_a_context_that_is_not_there(tmp_path):
    path = tmp_path / "config"
    path.write_text(KUBECONFIG)
    with pytest.raises(api.ClusterError, match="other"):
        api.Api(str(path), "other", 2)


def test_a_chart_that_cannot_be_brought_is_missing_and_no_error():
    given = {"ref": "cilium", "repo_url": "https://charts.example.com", "values": {"a": {"password": "x"}}}
    found, missing = charts.collect({"cilium": given}, "/nowhere/helm", "v1.36.3")
    assert found["cilium"]["values"] == {"a": {"password": "<redacted>"}}
    assert missing[0]["path"] == "charts.cilium"
    assert missing[0]["reason"] == "cilium: helm was not found, so the chart was not brought from https://charts.example.com"


def test_without_helm_the_keys_are_judged_all_the_same(tmp_path):
    (tmp_path / "Chart.yaml").write_text("name: cilium\nversion: 1.20.2\n")
    (tmp_path / "values.yaml").write_text("cni: {exclusive: true}\n")
    given = {"ref": str(tmp_path), "values": {}, "user_values": {"cni": {"chained": True}}}
    found, missing = charts.collect({"cilium": given}, str(tmp_path / "no-helm"), "")
    assert [one["path"] for one in found["cilium"]["problems"]] == ["cni.chained"]
    assert {one["path"] for one in missing} == {"charts.cilium.rendered", "charts.cilium.render_error"}


class Answers:
    """An API server that has only what is given, by path; every other kind it does not know."""

    host = "https://192.0.2.10:6443"

    def __init__(self, lists=None, objects=None):
        self.lists, self.objects, self.asked = lists or {}, objects or {}, []

    def version(self):
        return {"gitVersion": "v1.36.3"}

    def get(self, path, query=None):
        return self.objects.get(path)

    def text(self, path, timeout):
        return None

    def items(self, path, query=None, metadata_only=False):
        self.asked.append((path, query, metadata_only))
        found = self.lists.get(path)
        if isinstance(found, Exception):
            raise found
        return None if found is None else iter(found)


def _meta(name, **more):
    return {"name": name, "namespace": "shop", **more}


def test_what_rules_across_objects_need_is_read_and_a_kind_that_is_refused_is_missing():
    template = {"metadata": {"labels": {"app": "web"}}}
    pods = [{"metadata": _meta("web-1", labels={"istio.io/use-waypoint": "w", "app": "web"})}]
    answers = Answers(
        {
            "/apis/apps/v1/deployments": [
                {"kind": "Deployment", "metadata": _meta("web"), "spec": {"replicas": 0, "template": template}}
            ],
            "/apis/policy/v1/poddisruptionbudgets": [{"metadata": _meta("web"), "spec": {"minAvailable": 1, "selector": {}}}],
            "/api/v1/services": [],
            "/api/v1/pods": pods,
            "/apis/gateway.networking.k8s.io/v1/gateways": api.Unreadable("403: forbidden"),
            "/apis/monitoring.coreos.com/v1/prometheuses": [{"metadata": _meta("k8s")}],
        }
    )
    found, missing = collect.Collector(answers, {}).run()
    assert found["workloads"] == [
        {
            "kind": "Deployment",
            "namespace": "shop",
            "name": "web",
            "labels": {"app": "web"},
            "dataplane_annotations": {},
            "container_fields": [],
            "replicas": 0,
        }
    ]
    assert (found["budgets"][0]["namespace"], found["budgets"][0]["selects"]) == ("shop", True)
    assert found["autoscalers"] is None
    labels = {"istio.io/use-waypoint": "w"}
    assert found["use_waypoint"] == [{"kind": "Pod", "namespace": "shop", "name": "web-1", "labels": labels}]
    assert found["monitoring"] == {
        "prometheuses": [{"namespace": "shop", "name": "k8s"}],
        "servicemonitors": None,
        "podmonitors": None,
    }
    assert "gateways" not in found
    assert {"path": "api.gateways", "reason": "403: forbidden"} in missing
    # Of pods with a waypoint nothing but their metadata is asked for, of Services only those that are open.
    assert ("/api/v1/pods", {"labelSelector": "istio.io/use-waypoint"}, True) in answers.asked
    assert ("/api/v1/services", {"fieldSelector": "spec.type!=ClusterIP"}, False) in answers.asked


def test_a_label_on_the_settings_of_istio_cni_is_no_change_of_them():
    path = "/api/v1/namespaces/istio-system/configmaps/istio-cni-config"
    fields = [
        {"time": "2026-11-22T18:37:16Z", "fieldsV1": {"f:data": {}}},
        {"time": "2026-11-22T18:59:00Z", "fieldsV1": {"f:metadata": {}}},
    ]
    config = {"metadata": {"name": "istio-cni-config", "managedFields": fields}, "data": {}}
    found, _missing = collect.Collector(Answers(objects={path: config}), {}).run()
    assert found["istio"]["cni_config_changed"] == "2026-11-22T18:37:16Z"
