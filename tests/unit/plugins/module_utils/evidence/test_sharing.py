# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

import gzip
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "rules"))

from healthy import healthy

from ansible_collections.zerotrust.baremetal.plugins.module_utils.cluster import folder
from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import saved_bundle, strict_json
from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence.sharing import Sharing


def shared(value):
    (document,) = strict_json.documents(json.dumps(value), "x.json", Sharing().mapping)
    return document.value


def node(**members):
    return {"machine_id": "", **members}


def test_equal_parts_of_nodes_are_one():
    settings = {"net.ipv4.ip_forward": {"value": "1", "files": ["/etc/sysctl.d/90-a.conf"]}}
    a, b = shared([node(sysctls=settings, mtu=1500), node(sysctls=settings, mtu=9000)])
    assert a["sysctls"] is b["sysctls"]
    assert (a["mtu"], b["mtu"]) == (1500, 9000)


def test_equal_parts_within_parts_that_differ_are_one():
    a, b = shared([node(links=[{"name": "a", "addresses": []}]), node(links=[{"name": "b", "addresses": []}])])
    assert a["links"] != b["links"]
    assert a["links"][0]["addresses"] is b["links"][0]["addresses"]


def test_what_only_seems_equal_stays_apart():
    values = [True, 1, 1.0, "1", [], {}, None, 0, False, -0.0, 0.0, [True], [1], {"a": 1}, {"a": True}]
    given = [node(part={"x": value, "y": [value]}) for value in values]
    assert repr(shared(given)) == repr(given)


def test_a_bundle_is_the_same_as_without_sharing(tmp_path):
    bundle = json.loads(json.dumps(healthy()))
    file = tmp_path / saved_bundle.FILE
    file.write_bytes(saved_bundle.packed(bundle))
    text = gzip.decompress(file.read_bytes()).decode()
    assert saved_bundle.begins(text)
    found = folder.read(str(file)).bundle
    assert repr(found) == repr(bundle)
    first, second = found["nodes"].values()
    assert first["firewall"] is second["firewall"]


def test_a_bundle_that_another_program_wrote_is_read_too(tmp_path):
    bundle = json.loads(json.dumps(healthy()))
    (tmp_path / "evidence.json").write_text(json.dumps(bundle, indent=2))
    assert repr(folder.read(str(tmp_path)).bundle) == repr(bundle)
