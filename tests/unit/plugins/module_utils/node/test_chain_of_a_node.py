# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

import os

import pytest
from machine import FIXTURES

from ansible_collections.zerotrust.baremetal.plugins.module_utils.node import cni_chain
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.host import Unreadable

CONF, BIN = "/etc/cni/net.d", "/opt/cni/bin"
CHAINED = (FIXTURES / "cni" / "chained.conflist").read_bytes()
ALONE = (FIXTURES / "cni" / "cilium-alone.conflist").read_bytes()
CALICO = '{"name": "k8s-pod-network", "cniVersion": "0.3.1", "plugins": [{"type": "calico"}, {"type": "portmap"}]}'
WANTED = ["cilium-cni", "istio-cni"]


@pytest.fixture
def chained(node):
    node.put(f"{CONF}/05-cilium.conflist", CHAINED)
    for name in WANTED:
        binary(node, name)
    return node


def binary(node, name, folder=BIN):
    node.put(f"{folder}/{name}")
    os.chmod(f"{node.root}{folder}/{name}", 0o755)


def read(node, *bins):
    return cni_chain.read(node, CONF, bins or (BIN,))


def test_the_chain_that_is_wanted(chained):
    chained.outputs["dpkg-query"] = "some-package: /etc/cni/net.d/05-cilium.conflist\n"
    found = read(chained)
    assert found["chain"] == WANTED
    assert found["runtime_reads"] == found["istio_reads"] == f"{CONF}/05-cilium.conflist"
    assert (found["missing_binaries"], found["leftovers"]) == ([], [])
    (file,) = found["files"]
    assert (file["read"], file["written_by"], file["package"], file["mode"]) == (
        True,
        ["Cilium", "Istio"],
        "some-package",
        "0644",
    )
    assert cni_chain.wrong(found, WANTED) is None


def test_another_chain_names_its_file_and_who_wrote_it(chained):
    chained.put(f"{CONF}/05-cilium.conflist", ALONE)
    assert cni_chain.wrong(read(chained), WANTED) == (
        f"{CONF}/05-cilium.conflist, which the runtime reads, chains cilium-cni, wanted is cilium-cni -> istio-cni. "
        "Either have Cilium write it anew (restart the agent on this node), or set chain: [cilium-cni]"
    )


def test_the_order_counts(chained):
    assert "chains cilium-cni -> istio-cni, wanted is istio-cni -> cilium-cni" in cni_chain.wrong(read(chained), WANTED[::-1])


def test_a_file_that_sorts_before_the_right_one(chained):
    chained.put(f"{CONF}/00-mine.conf", '{"name": "n", "type": "bridge"}')
    found = read(chained)
    assert found["chain"] == ["bridge"]
    assert [file["read"] for file in found["files"]] == [True, False]
    said = cni_chain.wrong(found, WANTED)
    assert f"05-cilium.conflist has it: remove {CONF}/00-mine.conf, or rename it" in said
    assert "write them into its plugins in this order" in cni_chain.wrong(found, ["portmap"])


def test_a_damaged_first_file_is_what_the_runtime_reads(chained):
    chained.put(f"{CONF}/00-broken.conflist", "{")
    found = read(chained)
    assert (found["runtime_reads"], found["chain"]) == (f"{CONF}/00-broken.conflist", [])
    assert "00-broken.conflist, which the runtime reads, is damaged: not JSON" in cni_chain.wrong(found, WANTED)


def test_no_file_at_all(node):
    found = read(node)
    assert (found["runtime_reads"], found["files"]) == (None, [])
    assert f"there is no CNI file in {CONF}" in cni_chain.wrong(found, WANTED)


def test_a_link_to_nothing(node):
    node.put(f"{CONF}/x")
    os.symlink("/nowhere", f"{node.root}{CONF}/05-cilium.conflist")
    (file,) = read(node)["files"]
    assert (file["valid"], file["mtime"], file["mode"], file["package"]) == (False, None, None, None)


def test_binaries_are_looked_for_in_every_folder(chained):
    os.chmod(f"{chained.root}{BIN}/istio-cni", 0o644)
    found = read(chained)
    assert found["missing_binaries"] == ["istio-cni"]
    assert f"but istio-cni cannot be run from {BIN}" in cni_chain.wrong(found, WANTED)
    binary(chained, "istio-cni", "/usr/lib/cni")
    assert read(chained, BIN, "/usr/lib/cni")["missing_binaries"] == []


def test_leftovers_of_others(chained):
    chained.put(f"{CONF}/10-calico.conflist", CALICO)
    chained.put(f"{CONF}/10-flannel.conflist.cilium_bak", CALICO.replace("calico", "flannel"))
    chained.put(f"{CONF}/99-loopback.conf", '{"type": "loopback"}')
    chained.put(f"{CONF}/05-cilium.conflist.old", "")
    found = read(chained)
    assert [(one["path"], one["written_by"]) for one in found["leftovers"]] == [
        (f"{CONF}/10-flannel.conflist.cilium_bak", ["Flannel"]),
        (f"{CONF}/10-calico.conflist", ["Calico"]),
    ]


def test_the_primary_behind_istios_own_file_is_no_leftover(chained):
    chained.put(f"{CONF}/02-istio-cni.conflist", CHAINED)
    chained.put(f"{CONF}/05-cilium.conflist", ALONE)
    found = read(chained)
    assert found["runtime_reads"] == f"{CONF}/02-istio-cni.conflist"
    assert found["leftovers"] == []
    assert cni_chain.wrong(found, WANTED) is None


def test_what_may_not_be_read_is_no_empty_folder(chained, monkeypatch):
    really = os.scandir

    def scandir(path):
        if str(path).endswith(CONF):
            raise PermissionError(13, "Permission denied")
        return really(path)

    monkeypatch.setattr(os, "scandir", scandir)
    with pytest.raises(Unreadable, match="permission denied"):
        read(chained)
