# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
"""What the main scenario promises, shown by behaviour on real kernels."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

HERE = Path(__file__).parent
NODES = ("node1", "node2")
FIRST_CNI_FILE = "/etc/cni/net.d/05-cilium.conflist"


@pytest.fixture(scope="module", autouse=True)
def workloads(cluster):
    cluster.kubectl("apply", "-f", str(HERE / "workloads.yaml"), check=True)
    for namespace, pod in (("plain", "server"), ("plain", "client"), ("shop", "enrolled")):
        ready(cluster, namespace, pod)
    yield
    cluster.kubectl("delete", "--ignore-not-found", "--wait=false", "-f", str(HERE / "workloads.yaml"))


def ready(cluster, namespace, pod, seconds=240):
    deadline = time.monotonic() + seconds
    while (
        cluster.kubectl(
            "-n", namespace, "get", "pod", pod, "-o", "jsonpath={.status.conditions[?(@.type=='Ready')].status}"
        ).stdout
        != "True"
    ):
        assert time.monotonic() < deadline, cluster.kubectl("-n", namespace, "describe", "pod", pod).stdout[-3000:]
        time.sleep(2)


def fetch(cluster, url):
    return cluster.kubectl("-n", "plain", "exec", "client", "--", "/bin/busybox", "wget", "-q", "-T", "20", "-O", "-", url)


def wireguard_bytes(host):
    link = json.loads(host.check_output("ip -s -j link show cilium_wg0"))[0]
    return link["stats64"]["tx"]["bytes"]


def test_every_module_execution_on_a_node_is_counted_and_few():
    """The idempotence run, just before: nothing changed, and each node was asked once, by preflight."""
    counted = json.loads((Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"]) / "module-runs.json").read_text())
    assert {host: changes for host, changes in counted["changed"].items() if changes} == {}
    assert {host: counted["runs"].get(host) for host in NODES} == dict.fromkeys(NODES, 1)


def test_the_kernels_are_the_ones_chosen(node):
    assert [node(name).check_output("uname -r").split(".")[:2] for name in NODES] == [["6", "12"], ["6", "1"]]


def test_kube_proxy_is_gone_and_services_answer(cluster, node):
    assert cluster.kubectl("-n", "kube-system", "get", "daemonset,configmap", "kube-proxy").stdout == ""
    for name in NODES:
        assert "KUBE-SVC" not in node(name).check_output("iptables-save")
    assert fetch(cluster, "http://server.plain.svc.cluster.local/index.html").stdout == "behind the service\n"


def test_traffic_between_nodes_goes_through_wireguard(cluster, node):
    before = [wireguard_bytes(node(name)) for name in NODES]
    for _attempt in range(3):
        assert fetch(cluster, "http://server.plain/index.html").stdout == "behind the service\n"
    after = [wireguard_bytes(node(name)) for name in NODES]
    assert all(new > old for old, new in zip(before, after, strict=True)), (before, after)


def test_a_privileged_pod_is_refused_and_told_which_field(cluster):
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "bad", "namespace": "plain"},
        "spec": {
            "containers": [{"name": "c", "image": "docker.io/library/busybox:1.37.0", "securityContext": {"privileged": True}}]
        },
    }
    # The first calls to an emulated webhook can exceed its timeout, and the webhook lets pass what it cannot judge in time.
    for _attempt in range(5):
        answer = cluster.kubectl("create", "--dry-run=server", "-f", "-", stdin=json.dumps(pod))
        if answer.returncode:
            break
    assert answer.returncode != 0
    assert "securityContext.privileged" in answer.stderr
    assert "validation.gatekeeper.sh" in answer.stderr


def test_an_enrolled_pod_carries_the_redirection(cluster, node, api):
    pod = api("-n", "shop", "get", "pod", "enrolled")
    assert pod["metadata"]["annotations"]["ambient.istio.io/redirection"] == "enabled"
    host = node("node1")
    for namespace in host.check_output("ip -j netns list | grep -o 'cni-[0-9a-f-]*'").split():
        if pod["status"]["podIP"] in host.check_output(f"ip -n {namespace} -4 -o address"):
            assert "ISTIO_PRERT" in host.check_output(f"ip netns exec {namespace} iptables-save")
            return
    pytest.fail("the pod's network namespace was not found on node1")


def test_an_enrolled_pod_answers(cluster, api):
    address = api("-n", "shop", "get", "pod", "enrolled")["status"]["podIP"]
    assert fetch(cluster, f"http://{address}:8080/index.html").stdout == "inside the mesh\n"


@pytest.mark.parametrize("name", NODES)
def test_the_first_cni_file_ends_with_istio_cni(node, name):
    files = sorted(node(name).check_output("ls /etc/cni/net.d/").split())
    first = next(file for file in files if file.endswith((".conf", ".conflist", ".json")))
    plugins = [plugin["type"] for plugin in json.loads(node(name).file(f"/etc/cni/net.d/{first}").content_string)["plugins"]]
    assert plugins == ["cilium-cni", "istio-cni"]


@pytest.mark.parametrize("name", NODES)
def test_the_modules_that_look_at_one_node_are_content(module, name):
    chain = module(name, "cni_chain", chain=["cilium-cni", "istio-cni"])
    assert not chain.get("failed"), chain
    assert [file["path"] for file in chain["files"] if file["read"]] == [chain["runtime_reads"]]
    other = module(name, "cni_chain", chain=["cilium-cni"])
    assert other["failed"] is True
    assert f"{chain['runtime_reads']}, which the runtime reads, chains cilium-cni -> istio-cni" in other["msg"]
    kubelet = module(
        name,
        "certificate",
        paths=["/var/lib/kubelet/pki/kubelet.crt"],
        ca_path="/etc/kubernetes/pki/ca.crt",
        valid_for="1d",
    )
    assert not kubelet.get("failed"), kubelet
    assert kubelet["files"][0]["verified"] is True


def test_verify_passes_and_reports(playbook, tmp_path):
    run = playbook("verify")
    assert run.returncode == 0, run.stdout
    report = json.loads((tmp_path / "verify.json").read_text())
    assert report
    assert "<html" in (tmp_path / "verify.html").read_text()


def test_what_somebody_broke_fails_verify_and_site_mends_it(cluster, node, playbook):
    """A conflist that is no JSON on one node, the reverse path filter of a pod's link on the other."""
    host, other = node("node2"), node("node1")
    host.check_output(f"sh -c 'echo \"{{ broken\" > {FIRST_CNI_FILE}'")
    link = next(name for name in other.check_output("ls /proc/sys/net/ipv4/conf").split() if name.startswith("lxc"))
    other.check_output(f"sysctl -w net.ipv4.conf.{link}.rp_filter=1")
    run = playbook("verify")
    assert run.returncode != 0
    assert "node2" in run.stdout
    assert "05-cilium.conflist is damaged" in run.stdout
    assert "ZT-NODE-018" in run.stdout
    assert f"on for {link} (1)" in run.stdout
    assert "Traceback" not in run.stdout
    run = playbook("site")
    assert run.returncode == 0, run.stdout
    assert json.loads(host.file(FIRST_CNI_FILE).content_string)["plugins"][0]["type"] == "cilium-cni"
    assert other.check_output(f"sysctl -n net.ipv4.conf.{link}.rp_filter") == "0"
