# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
"""Well-made manifests of others, as they publish them: nothing is told that is not so, and what is so is named here."""

from __future__ import annotations

import json
import os

import pytest
from ztlab import charts, go

ISTIO = ("istio", "istio.io/istio")
CILIUM = ("cilium", "github.com/cilium/cilium")
METRICS = ("sigs.k8s.io/metrics-server", "v0.9.0")
PROMETHEUS = ("github.com/prometheus-operator/prometheus-operator", "v0.85.0")
NGINX = ("k8s.io/ingress-nginx", "v0.0.0-20240708192948-52c50467d67d")

# Module, path in it, how many objects or charts have to be read, and the findings that are true: rule, subject, why it is.
GIVEN = {
    "metrics-server, highly available": (METRICS, "manifests/overlays/release-ha-1.21+", "10 objects", []),
    "metrics-server": (METRICS, "manifests/overlays/release", "9 objects", []),
    "prometheus-operator": (PROMETHEUS, "bundle.yaml", "15 objects", []),
    "prometheus with thanos": (PROMETHEUS, "example/thanos", "12 objects", []),
    "ingress-nginx": (NGINX, "deploy/static/provider/baremetal", "19 objects", []),
    "grafana, jaeger, kiali, loki, prometheus": (ISTIO, "samples/addons", "49 objects", []),
    "bookinfo": (ISTIO, "samples/bookinfo/platform/kube", "73 objects", []),
    "connectivity check": (CILIUM, "examples/kubernetes/connectivity-check", "174 objects", []),
    "gatekeeper": (("gatekeeper", "github.com/open-policy-agent/gatekeeper/v3"), "deploy", "31 objects", []),
    "kwok": (("kubernetes", "sigs.k8s.io/kwok"), "kustomize/kwok", "19 objects", []),
    # Its Application installs a ztunnel of 1.18, which was alpha and gets no fixes.
    "ambient by Argo CD": (
        ISTIO,
        "samples/ambient-argo",
        "(Application istio-ztunnel): chart ztunnel 1.18.5 as release istio-ztunnel in istio-system",
        [("ZT-VER-002", "chart ztunnel")],
    ),
}


def folder(module):
    """A family's module at the version that the lab builds, or one of its own."""
    return go.module_folder(*module) if module[0] in go.FAMILIES else go.published(*module)


@pytest.mark.parametrize("name", GIVEN)
def test_only_what_is_so_is_told(playbook, tmp_path, name):
    module, path, read, true = GIVEN[name]
    run = playbook(
        "analyze",
        *("-e", f"path={folder(module) / path}", "-e", f"zerotrust_charts_dir={charts.packages().path}"),
        *("-e", f"zerotrust_helm_binary={go.binaries('helm').path / 'helm'}"),
        # With it kustomizations are built.
        environment={"PATH": f"{go.binaries('kubernetes').path}:{os.environ['PATH']}"},
    )
    assert run.returncode == 0, run.stdout
    report = json.loads((tmp_path / "plan.json").read_text())
    assert read in " ".join(report["notes"])
    found = [one for one in report["findings"] if one["verdict"] == "FAIL"]
    assert [(one["id"], one["subject"]) for one in found] == true, [(one["id"], one["message"]) for one in found]
    assert not [one for one in report["findings"] if "the rule itself failed" in one["message"]]
