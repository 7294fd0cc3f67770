# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
"""What needs no kernel: objects as asked, bad input told before anything is changed, a lost API server."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path

import pytest
import yaml
from ztlab import paths

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


def refuses(run, *words):
    assert run.returncode != 0, run.stdout
    assert "Traceback" not in run.stdout
    for word in words:
        assert word in run.stdout, f"{word!r} is not in:\n{run.stdout[-4000:]}"


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


def test_an_unreachable_node_is_refused_as_a_finding(playbook, tmp_path):
    inventory = tmp_path / "ghost.yml"
    ghost = {"ansible_host": "127.0.0.1", "ansible_port": 1, "zerotrust_cluster": "control", "zerotrust_node_name": "simulated1"}
    inventory.write_text(yaml.safe_dump({"nodes": {"hosts": {"ghost": ghost}}}))
    gate = json.dumps({"zerotrust_gate": {"fail": ["blocker", "high"], "unknown": ["blocker"]}})
    refuses(playbook("site", "-i", str(inventory), *SIMULATED, "-e", gate), "ghost", "unreachable")


def test_a_lost_api_server_stops_with_a_word_and_the_next_run_completes(cluster, playbook, tmp_path):
    """The API server goes away while Istio is brought to its state."""
    log = tmp_path / "site.log"
    command = [
        "ansible-playbook",
        "playbooks/site.yml",
        "-i",
        "inventories/lab",
        *SIMULATED,
        "-e",
        f"zerotrust_report_dir={tmp_path}",
    ]
    with log.open("w") as out:
        run = subprocess.Popen(command, cwd=paths.CHECKOUT, env=os.environ, stdout=out, stderr=subprocess.STDOUT)
        try:
            while "Stage mesh" not in log.read_text():
                assert run.poll() is None, log.read_text()[-4000:]
                time.sleep(0.2)
            cluster.supervisor.control("stop", "apiserver")
            code = run.wait(timeout=300)
        finally:
            run.kill()
            cluster.supervisor.control("start", "apiserver")
    text = log.read_text()
    assert code != 0, text
    assert "Traceback" not in text
    assert "did not answer. Bring it back first." in text
    assert "it goes on from here" in text
    while cluster.kubectl("get", "--raw=/readyz").returncode:
        time.sleep(0.5)
    again = playbook("site", *SIMULATED)
    assert again.returncode == 0, again.stdout
