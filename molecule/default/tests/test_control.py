# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
"""What needs no kernel: objects as asked, bad input told before anything is changed, a lost API server."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from ztlab import charts, go, network, paths
from ztlab.testing import refuses, site_that_loses_the_api

HERE = Path(__file__).parent
SIMULATED = ("-e", f"@{HERE.parent / 'vars/simulated.yml'}")


@pytest.fixture(autouse=True)
def nothing_changes(request, cluster):
    """Bad input is told before anything is changed: no object of the platform gets a new generation."""
    if "refused" not in request.node.name:
        yield
        return
    before = generations(cluster)
    yield
    assert generations(cluster) == before


def generations(cluster):
    wide = "jsonpath={range .items[*]}{.metadata.uid} {.metadata.generation} {.metadata.labels}{'\\n'}{end}"
    return cluster.kubectl("get", "deployments,daemonsets,configmaps,namespaces", "-A", "-o", wide, check=True).stdout


def test_istiod_has_two_replicas_and_a_budget(api):
    assert api("-n", "istio-system", "get", "deployment", "istiod")["spec"]["replicas"] == 2
    budget = api("-n", "istio-system", "get", "pdb", "istiod")
    assert budget["spec"]["minAvailable"] == 1
    assert budget["status"]["disruptionsAllowed"] == 1


def test_cilium_is_configured_for_the_mesh(api):
    config = api("-n", "kube-system", "get", "configmap", "cilium-config")["data"]
    wanted = {
        "cni-exclusive": "false",
        "bpf-lb-sock-hostns-only": "true",
        "enable-wireguard": "true",
        "kube-proxy-replacement": "true",
    }
    assert {key: config.get(key) for key in wanted} == wanted


def test_gatekeeper_has_two_replicas_and_lets_the_platform_start(api):
    assert api("-n", "gatekeeper-system", "get", "deployment", "gatekeeper-controller-manager")["spec"]["replicas"] == 2
    webhook = api("get", "validatingwebhookconfiguration", "gatekeeper-validating-webhook-configuration")["webhooks"][0]
    assert webhook["failurePolicy"] == "Ignore"


@pytest.mark.parametrize(
    ("namespace", "level"),
    [("kube-system", "privileged"), ("istio-system", "privileged"), ("gatekeeper-system", "restricted"), ("shop", "restricted")],
)
def test_namespaces_carry_their_level(api, namespace, level):
    assert api("get", "namespace", namespace)["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == level


def test_only_the_asked_namespace_is_enrolled(cluster):
    enrolled = cluster.kubectl("get", "namespaces", "-l", "istio.io/dataplane-mode=ambient", "-o", "name", check=True).stdout
    assert enrolled.split() == ["namespace/shop"]


def test_a_missing_kubeconfig_is_refused(playbook):
    refuses(
        playbook("site", *SIMULATED, "-e", "zerotrust_kubeconfig=/nowhere/admin.conf"),
        "/nowhere/admin.conf",
        "zerotrust_kubeconfig",
    )


def test_a_wrong_cidr_is_refused(playbook):
    run = playbook("site", *SIMULATED, "-e", json.dumps({"zerotrust_pod_cidrs": ["10.244.0.0/33"]}))
    refuses(run, "zerotrust_pod_cidrs", "10.244.0.0/33", "for example 10.244.0.0/16")


def test_a_misspelt_chart_key_is_refused_by_its_place(playbook, tmp_path):
    values = yaml.safe_load((paths.CHECKOUT / "inventories/lab/group_vars/drivers.yml").read_text())["cilium_values"]
    mine = tmp_path / "mine.yml"
    mine.write_text(yaml.safe_dump({"cilium_values": {**values, "cni": {"chained": True}}, "zerotrust_gate": {"fail": ["high"]}}))
    run = playbook("site", *SIMULATED, "-e", f"@{mine}")
    refuses(run, "ZT-VER-011", "cilium_values: cni.chained", "istio-cni")


@pytest.fixture
def repository(cluster, tmp_path):
    """A chart repository in the lab's network, as its URL and its process; what the driver keeps of it goes at the end."""
    kept = paths.CACHE.parent / "zerotrust/charts"
    before = set(kept.glob("*"))
    folder = tmp_path / "repository"
    shutil.copytree(charts.packages().path, folder)
    subprocess.run([go.binaries("helm").path / "helm", "repo", "index", folder], check=True)
    serve = [sys.executable, "-u", "-m", "http.server", "0", "--bind", network.GATEWAY, "--directory", str(folder)]
    server = subprocess.Popen(cluster.namespace.inside(*serve), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    yield re.search(r"http://\S+:\d+", server.stdout.readline())[0], server
    server.kill()
    server.wait()
    for folder in set(kept.glob("*")) - before:
        shutil.rmtree(folder)


def test_a_misspelt_key_is_refused_for_a_chart_of_a_repository_too(playbook, tmp_path, repository):
    """Brought once: the second run does not need the repository."""
    url, server = repository
    mine = tmp_path / "mine.yml"
    lab = yaml.safe_load((paths.CHECKOUT / "inventories/lab/group_vars/drivers.yml").read_text())["cilium_values"]
    chart = {"cilium_chart_ref": "cilium", "cilium_chart_repo_url": url, "cilium_values": {**lab, "cni": {"chained": True}}}
    mine.write_text(yaml.safe_dump({**chart, "zerotrust_gate": {"fail": ["high"]}}))
    for _run in range(2):
        refuses(playbook("site", *SIMULATED, "-e", f"@{mine}"), "ZT-VER-011", "cilium_values: cni.chained")
        server.kill()


def test_an_unreachable_node_is_refused_as_a_finding(playbook, tmp_path):
    inventory = tmp_path / "ghost.yml"
    ghost = {"ansible_host": "127.0.0.1", "ansible_port": 1, "zerotrust_cluster": "control", "zerotrust_node_name": "simulated1"}
    inventory.write_text(yaml.safe_dump({"nodes": {"hosts": {"ghost": ghost}}}))
    gate = json.dumps({"zerotrust_gate": {"fail": ["blocker", "high"], "unknown": ["blocker"]}})
    refuses(playbook("site", "-i", str(inventory), *SIMULATED, "-e", gate), "ghost", "unreachable")


def test_a_kernel_below_the_floor_is_refused(playbook, tmp_path):
    """This machine stands for the node, and its kernel says to the node's Python that it is another release."""
    (tmp_path / "osrelease").write_text("5.4.0-216-generic\n")
    python = tmp_path / "python"
    hide = f"mount --bind {tmp_path}/osrelease /proc/sys/kernel/osrelease"
    python.write_text(f'#!/bin/sh\nexec unshare --mount sh -c \'{hide} && exec {sys.executable} "$@"\' python "$@"\n')
    python.chmod(0o755)
    inventory = tmp_path / "old.yml"
    old = {
        "ansible_connection": "local",
        "ansible_python_interpreter": str(python),
        "zerotrust_cluster": "control",
        "zerotrust_node_name": "simulated1",
        "zerotrust_node_ips": ["127.0.0.1"],
    }
    inventory.write_text(yaml.safe_dump({"nodes": {"hosts": {"old": old}}}))
    gate = json.dumps({"zerotrust_gate": {"fail": ["blocker"], "unknown": []}})
    run = playbook("site", "-i", str(inventory), *SIMULATED, "-e", gate)
    refuses(run, "ZT-NODE-001", "simulated1", "5.4.0-216-generic", "older than 5.10")


def test_a_changed_setting_of_istio_cni_restarts_it(api, playbook):
    """It reads its ConfigMap only when it starts. What comes after puts the setting back."""
    before = istio_cni_pods(api)
    run = playbook(
        "site", *SIMULATED, "--tags", "mesh", "-e", json.dumps({"istio_cni_values": {"ambient": {"dnsCapture": False}}})
    )
    assert run.returncode == 0, run.stdout
    assert api("-n", "istio-system", "get", "configmap", "istio-cni-config")["data"]["AMBIENT_DNS_CAPTURE"] == "false"
    after = istio_cni_pods(api)
    assert len(after) == len(before)
    assert not before & after


def istio_cni_pods(api):
    found = api("-n", "istio-system", "get", "pods", "-l", "k8s-app=istio-cni-node")["items"]
    return {pod["metadata"]["uid"] for pod in found}


def test_a_lost_api_server_stops_with_a_word_and_the_next_run_completes(cluster, playbook, tmp_path):
    """The API server goes away while Istio is brought to its state."""
    run = site_that_loses_the_api(cluster, tmp_path, *SIMULATED, when=lambda text: "Stage mesh" in text)
    refuses(run, "did not answer. Bring it back first.", "it goes on from here")
    again = playbook("site", *SIMULATED)
    assert again.returncode == 0, again.stdout
