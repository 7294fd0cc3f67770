# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.zerotrust.baremetal.plugins.filter.firewall_openings import firewall_openings
from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import platform_ports

DESIRED = {
    "nodes": {"n1": {"node_name": "n1", "ips": ["10.0.0.1", "fd00::1"]}, "n2": {"node_name": "n2", "ips": ["10.0.0.2"]}},
    "pod_cidrs": ["10.244.0.0/16"],
    "api": {"host": "10.0.0.100", "port": 6443},
    "features": {
        "wireguard": True,
        "routing": "tunnel",
        "tunnel_protocol": "vxlan",
        "kube_proxy_replacement": True,
        "ambient": True,
    },
}


def ports(desired):
    return {(one["port"], one["protocol"]): one["sources"] for one in firewall_openings(desired)}


def test_sources_are_the_clusters_own():
    found = ports(DESIRED)
    assert found["51871", "udp"] == ["10.0.0.1", "10.0.0.2", "fd00::1"]
    assert found["4244", "tcp"] == ["10.0.0.1", "10.0.0.2", "10.244.0.0/16", "fd00::1"]
    assert found["10250", "tcp"] == ["10.0.0.1", "10.0.0.2", "10.0.0.100", "10.244.0.0/16", "fd00::1"]
    assert found["6443", "tcp"] == ["0.0.0.0/0", "::/0"]


def test_only_ports_of_wanted_features():
    assert ("8472", "udp") in ports(DESIRED)
    assert ("6081", "udp") not in ports(DESIRED)
    native = {**DESIRED, "features": {**DESIRED["features"], "routing": "native", "wireguard": False}}
    assert not {("8472", "udp"), ("6081", "udp"), ("51871", "udp")} & set(ports(native))


def test_ports_inside_pods_are_never_opened():
    assert not {one.port for one in platform_ports.PORTS} & {"15001", "15006", "15008"}


def test_an_api_server_known_by_name_adds_no_source():
    assert ports({**DESIRED, "api": {"host": "api.example.org", "port": 6443}})["10250", "tcp"] == [
        "10.0.0.1",
        "10.0.0.2",
        "10.244.0.0/16",
        "fd00::1",
    ]


def test_a_desired_state_without_nodes_is_told():
    with pytest.raises(AnsibleFilterError, match="no 'nodes'"):
        firewall_openings({"features": DESIRED["features"]})


@pytest.mark.parametrize("option", ["control_plane", "clients"])
def test_what_is_no_network_is_told_with_its_variable(option):
    with pytest.raises(AnsibleFilterError, match=rf"node_firewall_{option}\) has 'office', which is neither"):
        firewall_openings(DESIRED, **{option: ["192.0.2.7", "office"]})
