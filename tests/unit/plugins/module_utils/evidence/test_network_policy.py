# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import network_policy, selection

KUBERNETES, CILIUM, CLUSTERWIDE = network_policy.KINDS
OPEN = {"ingress": False, "egress": False}


def read(kind, spec, namespace="shop"):
    found = list(network_policy.read({kind: [{"namespace": namespace, "name": "one", "spec": spec}]}))
    return found[0] if found else None


def rule(kind, way, **given):
    chosen = {"podSelector": {}} if kind == KUBERNETES else {"endpointSelector": {}}
    return read(kind, {**chosen, way: [given]}).allows[way][0]


@pytest.mark.parametrize(
    "kind,spec,closes",
    [
        # As the API server fills it in.
        (KUBERNETES, {}, {"ingress": True, "egress": False}),
        (KUBERNETES, {"egress": []}, {"ingress": True, "egress": True}),
        (KUBERNETES, {"policyTypes": ["Egress"]}, {"ingress": False, "egress": True}),
        (CILIUM, {"endpointSelector": {}, "ingress": []}, OPEN),
        (CILIUM, {"endpointSelector": {}, "ingress": [{}]}, {"ingress": True, "egress": False}),
        (CILIUM, {"endpointSelector": {}, "egressDeny": [{"toEntities": ["world"]}]}, {"ingress": False, "egress": True}),
        (CLUSTERWIDE, {"endpointSelector": {}, "ingress": [{}], "enableDefaultDeny": {"ingress": False}}, OPEN),
        (CLUSTERWIDE, {"endpointSelector": {}, "enableDefaultDeny": {"egress": True}}, {"ingress": False, "egress": True}),
    ],
)
def test_which_ways_a_policy_closes(kind, spec, closes):
    assert read(kind, spec).closes == closes


def test_a_policy_for_nodes_is_none_for_pods():
    assert read(CLUSTERWIDE, {"nodeSelector": {}, "ingress": [{}]}) is None


@pytest.mark.parametrize(
    "given,ports,passes",
    [
        ({}, None, True),
        ({"ports": [{"port": 8080}]}, 1, False),
        ({"ports": [{"port": 8080, "endPort": 20000}]}, 1, True),
        ({"ports": [{"port": 15008, "protocol": "UDP"}]}, 1, False),
        ({"ports": [{"protocol": "TCP"}]}, 1, True),
        ({"ports": [{"port": "http"}]}, 1, False),
    ],
)
def test_ports_of_kubernetes(given, ports, passes):
    found = rule(KUBERNETES, "ingress", **given)
    assert (found.ports is None) == (ports is None)
    assert found.tcp(15008) is passes


@pytest.mark.parametrize(
    "given,passes",
    [
        ({}, True),
        ({"toPorts": [{"ports": [{"port": "15008", "protocol": "TCP"}]}]}, True),
        ({"toPorts": [{"ports": [{"port": "15008"}]}]}, True),
        ({"toPorts": [{"ports": [{"port": "0", "protocol": "TCP"}]}]}, True),
        ({"toPorts": [{"ports": [{"port": "80"}]}, {"ports": [{"port": "15000", "endPort": 15010}]}]}, True),
        ({"toPorts": [{"ports": [{"port": "80"}]}]}, False),
        ({"icmps": [{"fields": [{"type": 8}]}]}, False),
    ],
)
def test_ports_of_cilium(given, passes):
    assert rule(CILIUM, "ingress", fromEntities=["cluster"], **given).tcp(15008) is passes


def test_who_is_meant():
    assert rule(KUBERNETES, "ingress").anyone
    assert rule(KUBERNETES, "ingress", **{"from": [{"podSelector": {}}]}).pods == (network_policy._in("shop"),)
    assert rule(CILIUM, "ingress", fromEndpoints=[{}]).pods == (network_policy._in("shop"),)
    everywhere = {"matchExpressions": [{"key": "io.kubernetes.pod.namespace", "operator": "Exists"}]}
    assert rule(CILIUM, "ingress", fromEndpoints=[everywhere]).pods == (selection.of_selector(everywhere),)
    # With nothing in it, and with an empty list, it is for nobody.
    for given in ({}, {"fromEndpoints": []}, {"fromEndpoints": [{"matchLabels": {"reserved:host": ""}}]}):
        nobody = rule(CILIUM, "ingress", **given)
        assert not (nobody.anyone or nobody.pods or nobody.every_pod)
    assert rule(CILIUM, "ingress", toPorts=[{"ports": [{"port": "80"}]}]).anyone
    assert rule(CILIUM, "egress", toEntities=["all"]).every_pod
    assert not rule(CILIUM, "egress", toFQDNs=[{"matchName": "x.org"}]).anyone


@pytest.mark.parametrize(
    "kind,given,reached",
    [
        (CILIUM, {"fromCIDR": ["169.254.0.0/16"]}, True),
        (CILIUM, {"fromCIDRSet": [{"cidr": "0.0.0.0/0", "except": ["169.254.0.0/16"]}]}, False),
        (CILIUM, {"fromEntities": ["world-ipv4"]}, True),
        (CILIUM, {"fromEntities": ["world-ipv6", "host"]}, False),
        (KUBERNETES, {"from": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8"]}}]}, True),
        (KUBERNETES, {"from": [{"ipBlock": {"cidr": "no network"}}]}, False),
    ],
)
def test_an_address_outside_is_among_the_peers(kind, given, reached):
    assert rule(kind, "ingress", **given).reaches("169.254.7.127") is reached


def test_what_looks_into_traffic_is_told():
    ports = [
        {"ports": [{"port": "80"}], "rules": {"http": [{}]}},
        {"ports": [{"port": "53"}], "rules": {"dns": [{}], "kafka": None}},
    ]
    assert rule(CILIUM, "egress", toPorts=ports).looks_into == ("dns", "http")


def test_an_object_may_hold_several_policies():
    item = {"metadata": {"name": "one", "namespace": "shop"}}
    several = [{"endpointSelector": {"matchLabels": {"app": name}}} for name in ("a", "b")]
    assert [one["spec"] for one in network_policy.entries({**item, "specs": several})] == several
    assert [one["spec"] for one in network_policy.entries({**item, "spec": several[0]})] == several[:1]
    assert [one["spec"] for one in network_policy.entries({**item, "spec": several[0], "specs": several[1:]})] == several
    assert list(network_policy.entries(item)) == [{"namespace": "shop", "name": "one", "spec": {}}]
