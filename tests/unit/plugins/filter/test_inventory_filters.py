# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.zerotrust.baremetal.plugins.filter.cluster_nodes import cluster_nodes
from ansible_collections.zerotrust.baremetal.plugins.filter.node_evidence_map import node_evidence_map
from ansible_collections.zerotrust.baremetal.plugins.filter.pinned import pinned


def test_two_clusters_never_mix():
    hostvars = {"a1": {"zerotrust_cluster": "a"}, "b1": {"zerotrust_cluster": "b"}, "a2": {"zerotrust_cluster": "a"}, "lost": {}}
    assert cluster_nodes(hostvars, ["a2", "b1", "a1", "lost", "gone"], "a") == ["a2", "a1"]
    assert cluster_nodes(hostvars, [], "a") == []


def test_no_node_is_silently_left_out():
    hostvars = {
        "good": {"node_evidence": {"evidence": {"hostname": "good"}}},
        "away": {"node_evidence": {"unreachable": True, "msg": "Failed to connect\n  to the host"}},
        "broken": {"node_evidence": {"failed": True, "msg": "no python"}},
        "never": {},
        "skipped": {"node_evidence": {"skipped": True}},
    }
    found = node_evidence_map(hostvars, [*hostvars, "unknown"])
    assert found["good"] == {"hostname": "good"}
    assert found["away"] == {"missing": "unreachable: Failed to connect to the host"}
    assert found["broken"] == {"missing": "collecting failed: no python"}
    assert found["never"] == found["unknown"]
    assert found["never"]["missing"].endswith("this run did not ask it, as when --limit leaves it out")
    assert found["skipped"] == {"missing": "collecting was skipped on this node"}


def test_the_ways_belong_to_the_node_that_tried_them():
    ways = {"ports": [{"host": "b", "outcome": "reached"}], "paths": [], "changed": False}
    hostvars = {
        "a": {"node_evidence": {"evidence": {"hostname": "a"}}, "zerotrust_node_ways": ways},
        "b": {"node_evidence": {"evidence": {"hostname": "b"}}, "zerotrust_node_ways": {"failed": True, "msg": "x"}},
    }
    found = node_evidence_map(hostvars, ["a", "b"])
    assert found["a"] == {"hostname": "a", "ways": {"ports": ways["ports"], "paths": []}}
    assert found["b"] == {"hostname": "b"}


def test_pinned():
    assert pinned("cilium") == "1.20.2"
    assert pinned("ztunnel") == pinned("istio") == "1.31.0"
    with pytest.raises(AnsibleFilterError, match="Known: base, cilium"):
        pinned("linkerd")
