# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
"""Faults of real nodes: each told before anything is changed, or stopped with a word and gone on from."""

from __future__ import annotations

import contextlib
import json

import pytest
from ztlab.testing import refuses, site_that_loses_the_api

NODES = ("node1", "node2")


@pytest.fixture
def unchanged(cluster, node):
    """Nothing of ours may be on the cluster or on the nodes before, and nothing after."""
    yield
    assert cluster.kubectl("get", "namespaces", "-o", "name", check=True).stdout.split() == [
        "namespace/default",
        "namespace/kube-node-lease",
        "namespace/kube-public",
        "namespace/kube-system",
    ]
    assert cluster.kubectl("-n", "kube-system", "get", "daemonsets", "-o", "name", check=True).stdout.split() == [
        "daemonset.apps/kube-proxy"
    ]
    for name in NODES:
        assert node(name).check_output("find /etc -name '*zerotrust*'") == ""


@contextlib.contextmanager
def reporting_kernel(host, release):
    """The node's kernel says that it is another release, as far as anyone can read."""
    host.check_output(f"sh -c 'echo {release} > /run/osrelease && mount --bind /run/osrelease /proc/sys/kernel/osrelease'")
    try:
        yield
    finally:
        host.check_output("umount /proc/sys/kernel/osrelease")


def test_a_kernel_below_the_floor_is_refused(node, playbook, unchanged):
    with reporting_kernel(node("node2"), "5.4.0-216-generic"):
        refuses(playbook("site"), "ZT-NODE-001", "node2", "5.4.0-216-generic", "5.10")


def test_a_node_that_is_off_is_refused(cluster, playbook, unchanged):
    cluster.supervisor.control("stop", "node2")
    try:
        refuses(playbook("site"), "node2", "unreachable")
    finally:
        cluster.up(cluster.spec["kinds"], 0)


def test_a_lost_api_server_stops_with_a_word_and_the_next_run_completes(cluster, node, tmp_path, playbook):
    """The API server goes away while the network is taken over from kube-proxy."""
    stages = ("--tags", "node,network")
    run = site_that_loses_the_api(
        cluster,
        tmp_path,
        *stages,
        when=lambda text: cluster.kubectl("-n", "kube-system", "get", "daemonset", "cilium").returncode == 0,
    )
    refuses(run, "did not answer. Bring it back first.", "it goes on from here")
    again = playbook("site", *stages)
    assert again.returncode == 0, again.stdout
    listed = json.loads(cluster.kubectl("get", "nodes", "-o", "json", check=True).stdout)["items"]
    assert [one["status"] for item in listed for one in item["status"]["conditions"] if one["type"] == "Ready"] == [
        "True",
        "True",
    ]
    for name in NODES:
        assert "KUBE-SVC" not in node(name).check_output("iptables-save")
