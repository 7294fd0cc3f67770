# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import conflist

FIXTURES = Path(__file__).parents[3] / "fixtures" / "node" / "cni"


def fixture(name):
    return (FIXTURES / name).read_bytes()


def test_cilium_alone():
    chain = conflist.parse(fixture("cilium-alone.conflist"), "05-cilium.conflist")
    assert chain["valid"] and chain["error"] is None
    assert (chain["cni_name"], chain["cni_version"]) == ("cilium", "0.3.1")
    assert chain["plugins"] == [{"type": "cilium-cni", "enable-debug": False, "log-file": "/var/run/cilium/cilium-cni.log"}]


def test_chained_keeps_both_objects_whole():
    chain = conflist.parse(fixture("chained.conflist"), "05-cilium.conflist")
    assert [plugin["type"] for plugin in chain["plugins"]] == ["cilium-cni", "istio-cni"]
    assert chain["plugins"][1]["ambient_enabled"] is True
    assert chain["plugins"][1]["exclude_namespaces"] == ["kube-system"]


def test_single_plugin_keeps_only_its_type():
    chain = conflist.parse(fixture("bridge.conf"), "10-bridge.conf")
    assert chain["valid"] and chain["plugins"] == [{"type": "bridge"}]


def test_list_in_a_conf_file_is_what_containerd_refuses():
    chain = conflist.parse(fixture("chained.conflist"), "05-cilium.conf")
    assert not chain["valid"] and "no type" in chain["error"]


def test_a_mapping_without_a_name_is_judged_by_its_type():
    assert conflist.parse({"type": "bridge"})["valid"]
    assert conflist.parse({"name": "n", "plugins": [{"type": "bridge"}]})["valid"]


@pytest.mark.parametrize(
    ("source", "error"),
    [
        (b"", "not JSON"),
        (b"\x00\x00\x00", "not JSON"),
        (b"\xef\xbb\xbf{}", "not JSON"),
        (b"[]", "not a JSON object"),
        (b"{}", "no plugins in list"),
        (b'{"name": "x", "plugins": {}}', "plugins is not a list"),
        (b'{"name": "x", "plugins": []}', "no plugins in list"),
        (b'{"plugins": [{"type": "a"}]}', "no name"),
        (b'{"name": 1, "plugins": [{"type": "a"}]}', "name is not a string"),
        (b'{"name": "x", "cniVersion": 1, "plugins": [{"type": "a"}]}', "cniVersion is not a string"),
        (b'{"name": "x", "plugins": ["a"]}', "plugin 0 is not an object"),
        (b'{"name": "x", "plugins": [{"type": "a"}, {"type": ""}]}', "plugin 1 has no type"),
        (b'{"name": "x", "plugins": [{"type": NaN}]}', "not JSON"),
        (b'{"name": "x", "plugins": [' + b"[" * 50 + b"]" * 50 + b"]}", "nested too deeply"),
        (b"[" * 200_000, "nested too deeply"),
        (json.dumps({"a": 1}).encode("utf-16"), "not JSON"),
    ],
)
def test_broken(source, error):
    chain = conflist.parse(source, "x.conflist")
    assert not chain["valid"]
    assert error in chain["error"]


def test_broken_plugins_are_still_listed():
    chain = conflist.parse(b'{"name": "x", "plugins": [{"type": "cilium-cni"}, 7]}', "x.conflist")
    assert not chain["valid"] and chain["plugins"] == [{"type": "cilium-cni"}, {"type": None}]


def test_runtime_order_is_bytewise_and_ignores_the_rest():
    names = ["a.json", "05-cilium.conflist", "Z.conf", "05-cilium.conf.cilium_bak", "readme", "02-istio-cni.conflist", "x.conf~"]
    assert conflist.runtime_order(names) == ["02-istio-cni.conflist", "05-cilium.conflist", "Z.conf", "a.json"]
    assert conflist.leftovers(names) == ["05-cilium.conf.cilium_bak"]


def test_istio_passes_over_invalid_files_and_json():
    files = [{"name": "01.json", "valid": True}, {"name": "02.conflist", "valid": False}, {"name": "05.conflist", "valid": True}]
    assert conflist.istio_reads(files) == "05.conflist"
    assert conflist.istio_reads(files[:2]) is None


# Bytes, as the kernel has them.
NAMES = st.tuples(
    st.binary(max_size=6).map(lambda name: name.replace(b"/", b"").replace(b"\0", b"")),
    st.sampled_from([b"", b".conf", b".conflist", b".json", b".CONF", b".conf~", b".conflist.cilium_bak", b".conf.d", b"."]),
).map(b"".join)


@settings(derandomize=True, deadline=None, database=None, max_examples=300)
@given(names=st.sets(NAMES, max_size=12).flatmap(lambda names: st.permutations(sorted(names))))
def test_whatever_the_names_are_the_runtime_reads_them_by_their_bytes(names):
    order = [os.fsencode(name) for name in conflist.runtime_order(map(os.fsdecode, names))]
    # containerd sorts what Go lists, and takes what filepath.Ext says of it.
    assert order == sorted(name for name in names if name.endswith((b".conf", b".conflist", b".json")))
