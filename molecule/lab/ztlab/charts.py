# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
"""The charts we install, taken from their Go modules and packaged with the version they really are."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from ztlab import go
from ztlab.artifacts import Artifact, digest
from ztlab.console import LabError


@dataclass(frozen=True)
class Chart:
    name: str
    version: str
    family: str
    module: str
    folder: str
    hub: str = ""


_CILIUM = "github.com/cilium/cilium"
_GATEKEEPER = "github.com/open-policy-agent/gatekeeper/v3"
_ISTIO = "istio.io/istio"
CHARTS = (
    Chart("cilium", "1.20.2", "cilium", _CILIUM, "install/kubernetes/cilium"),
    Chart("gatekeeper", "3.23.0", "gatekeeper", _GATEKEEPER, "charts/gatekeeper"),
    Chart("base", "1.31.0", "istio", _ISTIO, "manifests/charts/base"),
    Chart("istiod", "1.31.0", "istio", _ISTIO, "manifests/charts/istio-control/istio-discovery", hub="docker.io/istio"),
    Chart("cni", "1.31.0", "istio", _ISTIO, "manifests/charts/istio-cni", hub="docker.io/istio"),
    Chart("ztunnel", "1.31.0", "istio", _ISTIO, "manifests/charts/ztunnel", hub="docker.io/istio"),
)


def packages() -> Artifact:
    """A folder of <name>-<version>.tgz."""
    helm = go.binaries("helm")

    def build(folder: Path) -> None:
        for chart in CHARTS:
            _package(chart, folder, helm.ensure() / "helm")

    sums = [go.FAMILIES[family].folder / "go.sum" for family in ("cilium", "istio", "gatekeeper")]
    return Artifact("charts", digest(*sums, repr(CHARTS)), build, "packaging the charts")


def _package(chart: Chart, folder: Path, helm: Path) -> None:
    work = folder / ".work" / chart.name
    shutil.copytree(go.module_folder(chart.family, chart.module) / chart.folder, work)
    for path in (work, *work.rglob("*")):
        path.chmod(path.stat().st_mode | 0o200)
    if chart.hub:
        # A release of Istio replaces the development hub and tag of its charts; so do we, and nothing else.
        values = work / "values.yaml"
        text = values.read_text()
        text = re.sub(r"^(\s*hub:) \S+/testing$", rf"\1 {chart.hub}", text, flags=re.M)
        values.write_text(re.sub(r"^(\s*tag:) latest$", rf"\1 {chart.version}", text, flags=re.M))
    version = ["--version", chart.version, "--app-version", chart.version]
    made = subprocess.run([helm, "package", work, "--destination", folder, *version], capture_output=True, text=True, check=False)
    if made.returncode:
        raise LabError(f"chart {chart.name}: {made.stderr.strip()}")
    shutil.rmtree(folder / ".work")


def sources() -> Artifact:
    """What the node ring needs of Cilium's source beside the programs: the datapath and the three scripts of its image."""

    def build(folder: Path) -> None:
        cilium = go.module_folder("cilium", _CILIUM)
        shutil.copytree(cilium / "bpf", folder / "bpf", ignore=shutil.ignore_patterns("tests"))
        for script in (
            "images/cilium/init-container.sh",
            "plugins/cilium-cni/install-plugin.sh",
            "plugins/cilium-cni/cni-uninstall.sh",
        ):
            shutil.copyfile(cilium / script, folder / Path(script).name)
        shutil.copytree(go.module_folder("gatekeeper", _GATEKEEPER) / "charts/gatekeeper/crds", folder / "gatekeeper-crds")
        kwok = go.module_folder("kubernetes", "sigs.k8s.io/kwok") / "kustomize/stage"
        stages = [
            path.read_text()
            for kind in ("node/fast", "node/heartbeat", "pod/fast")
            for path in sorted((kwok / kind).glob("*.yaml"))
            if path.name != "kustomization.yaml"
        ]
        (folder / "kwok-stages.yaml").write_text("\n---\n".join(stages))

    sums = [go.FAMILIES[family].folder / "go.sum" for family in ("cilium", "gatekeeper", "kubernetes")]
    return Artifact("sources", digest(*sums), build, "copying the datapath's source")
