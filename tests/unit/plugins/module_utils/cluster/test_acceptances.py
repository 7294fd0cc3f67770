# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from ansible_collections.zerotrust.baremetal.plugins.module_utils.cluster import collect
from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import acceptance

TEXT = "ZT-PSS-002 until 2027-01-31: ticket 4711"


def item(kind, name, namespace="", **annotations):
    return {"kind": kind, "metadata": {"name": name, "namespace": namespace, "annotations": annotations}}


class Server:
    """An API server on which a few objects accept something."""

    host = "https://192.0.2.10:6443"
    lists = {
        "/api/v1/namespaces": [item("Namespace", "shop", **{acceptance.ANNOTATION: TEXT}), item("Namespace", "other", other="x")],
        "/api/v1/namespaces/istio-system/pods": [item("Pod", "a", "istio-system", **{acceptance.ANNOTATION: "later"})],
        "/api/v1/pods": [item("Pod", "a", "istio-system", **{acceptance.ANNOTATION: "later"})],
        "/apis/apiextensions.k8s.io/v1/customresourcedefinitions": [item("PartialObjectMetadata", "x")],
    }

    def version(self):
        return {}

    def get(self, path):
        daemon_set = item("DaemonSet", "cilium", "kube-system", **{acceptance.ANNOTATION: "x" * 20000})
        return daemon_set if path.endswith("/daemonsets/cilium") else None

    def text(self, path, timeout):
        return None

    def items(self, path, query=None, metadata_only=False):
        # Nothing here has a label, so a selector by label finds nothing.
        return iter([] if query and "labelSelector" in query else self.lists.get(path, []))


def test_what_objects_accept_is_collected_once_each():
    found, _missing = collect.Collector(Server(), {}).run()
    assert [(one["kind"], one["namespace"], one["name"]) for one in found["acceptances"]] == [
        ("DaemonSet", "kube-system", "cilium"),
        ("Namespace", "", "shop"),
        ("Pod", "istio-system", "a"),
    ]
    assert found["acceptances"][1]["text"] == TEXT
    assert len(found["acceptances"][0]["text"]) < 10000
    assert set(found["namespaces"]) == {"shop", "other"}
