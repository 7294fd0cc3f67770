# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about settings and policies: what is right passes, and what cannot be told is UNKNOWN."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from healthy import PROBES, healthy

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence.bundle import Evidence
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules import engine
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules.catalogue import RULES
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules.rule import STAGES

BY_ID = {rule.id: rule for rule in RULES}


def verdicts(bundle, *ids):
    findings = engine.run(Evidence(bundle), [BY_ID[one] for one in ids], bundle["moment"], STAGES).findings
    return {one.verdict for one in findings}


def policies(bundle, kind, *specs, namespace="shop"):
    bundle["api"]["policies"][kind] = [
        {"namespace": namespace, "name": f"p{number}", "spec": spec} for number, spec in enumerate(specs)
    ]


@pytest.mark.parametrize(
    "version,strict",
    [
        ("1.20.2", {"egress": {"enabled": True, "cidr": "10.244.0.0/16", "allowRemoteNodeIdentities": True}}),
        ("1.19.5", {"enabled": True, "cidr": "10.244.0.0/16", "allowRemoteNodeIdentities": True}),
        ("1.18.12", {"enabled": True, "cidr": "10.0.0.0/8", "allowRemoteNodeIdentities": True}),
        ("1.20.2", {"ingress": {"enabled": True}}),
    ],
)
def test_strict_mode_as_the_chart_wants_it_passes(version, strict):
    bundle = healthy("preflight")
    bundle["charts"]["cilium"]["version"] = version
    bundle["charts"]["cilium"]["effective"]["encryption"]["strictMode"] = strict
    assert verdicts(bundle, *(f"ZT-CIL-0{number}" for number in (11, 13, 14, 15, 16))) == {"PASS"}


def test_strict_egress_without_any_known_pod_network_is_unknown():
    bundle = healthy("preflight")
    values = bundle["charts"]["cilium"]["effective"]
    values["encryption"]["strictMode"]["egress"].update(enabled=True, cidr="10.244.0.0/16")
    values["ipam"]["mode"] = "kubernetes"
    bundle["desired"]["pod_cidrs"] = []
    assert verdicts(bundle, "ZT-CIL-015") == {"UNKNOWN"}


@pytest.mark.parametrize("dispatch,verdict", [("geneve", "PASS"), ("opt", "FAIL")])
def test_direct_server_return_is_encrypted_by_geneve_only(dispatch, verdict):
    bundle = healthy("preflight")
    bundle["charts"]["cilium"]["effective"]["loadBalancer"].update(mode="dsr", dsrDispatch=dispatch)
    assert verdicts(bundle, "ZT-CIL-021") == {verdict}


def test_what_a_clusterwide_policy_selects_is_not_guessed():
    bundle = healthy("preflight")
    bundle["charts"]["cilium"]["effective"]["policyEnforcementMode"] = "always"
    other = {
        "namespace": "",
        "name": "dns",
        "spec": {"endpointSelector": {"matchLabels": {"k8s-app": "kube-dns"}}, "egress": [{}]},
    }
    bundle["api"]["policies"]["cilium_clusterwide_network_policies"] = [PROBES, other]
    assert verdicts(bundle, "ZT-CIL-027") == {"UNKNOWN"}
    bundle["api"]["policies"]["network_policies"] = [
        {"namespace": name, "name": "own", "spec": {}} for name in ("kube-system", "istio-system", "gatekeeper-system")
    ]
    assert verdicts(bundle, "ZT-CIL-027") == {"PASS"}


def test_portmap_stands_behind_cilium():
    bundle = healthy("preflight")
    bundle["charts"]["cilium"]["effective"]["cni"]["chainingMode"] = "portmap"
    assert verdicts(bundle, "ZT-CIL-030") == {"PASS"}


def test_relay_that_asks_for_a_certificate_passes():
    bundle = healthy("preflight")
    relay = bundle["charts"]["cilium"]["effective"]["hubble"]["relay"]
    relay["enabled"] = True
    relay["tls"]["server"].update(enabled=True, mtls=True)
    assert verdicts(bundle, "ZT-CIL-031") == {"PASS"}


@pytest.mark.parametrize("rule", ["ZT-AMB-033", "ZT-IST-021"])
def test_without_the_chart_its_defaults_are_not_guessed(rule):
    bundle = healthy("preflight")
    bundle["charts"]["cni"]["values"]["istioOwnedCNIConfig"] = True
    del bundle["charts"]["cni"]["effective"]
    assert verdicts(bundle, rule) == {"UNKNOWN"}


def test_the_own_file_is_named_by_the_variable_that_is_read():
    bundle = healthy("preflight")
    bundle["charts"]["cni"]["effective"].update(
        istioOwnedCNIConfig=True,
        istioOwnedCNIConfigFileName="01-mesh.conflist",
        env={"ISTIO_OWNED_CNI_CONFIG_FILENAME": "01-mesh.conflist"},
    )
    assert verdicts(bundle, "ZT-AMB-033", "ZT-AMB-034") == {"PASS"}


def strict_mesh(*specs):
    bundle = healthy()
    policies(bundle, "peer_authentications", *specs)
    bundle["api"]["policies"]["peer_authentications"].append(
        {"namespace": "istio-system", "name": "default", "spec": {"mtls": {"mode": "STRICT"}}}
    )
    return bundle


@pytest.mark.parametrize(
    "spec",
    [
        {"mtls": {"mode": "UNSET"}},
        {"mtls": {"mode": "STRICT"}},
        # istiod heeds neither: ports without a selector, and DISABLE of a port where the policy sets no mode.
        {"portLevelMtls": {"8080": {"mode": "PERMISSIVE"}}},
        {"selector": {"matchLabels": {"app": "web"}}, "portLevelMtls": {"8080": {"mode": "DISABLE"}}},
    ],
)
def test_what_leaves_the_mesh_strict_is_no_exception(spec):
    assert verdicts(strict_mesh(spec), "ZT-IST-013") == {"PASS"}


@pytest.mark.parametrize(
    "specs,verdict",
    [
        ([], "FAIL"),
        ([{"mtls": {"mode": "PERMISSIVE"}}], "PASS"),
        ([{"selector": {"matchLabels": {"app": "hook"}}, "portLevelMtls": {"8443": {"mode": "PERMISSIVE"}}}], "UNKNOWN"),
        ([{"mtls": {"mode": "PERMISSIVE"}}, {"mtls": {"mode": "STRICT"}}], "UNKNOWN"),
    ],
)
def test_a_webhook_in_the_mesh_is_judged_by_the_mode_of_its_namespace(specs, verdict):
    bundle = strict_mesh(*specs)
    bundle["api"]["webhooks"][0]["service"] = "shop/hook"
    assert verdicts(bundle, "ZT-IST-010") == {verdict}


@pytest.mark.parametrize(
    "namespace,spec",
    [
        (
            "shop",
            {"targetRefs": [{"kind": "Gateway", "name": "waypoint"}], "rules": [{"to": [{"operation": {"methods": ["GET"]}}]}]},
        ),
        ("shop", {"rules": [{"from": [{"source": {"principals": ["a"]}}], "when": [{"key": "source.ip", "values": ["b"]}]}]}),
        ("default", {"rules": [{"to": [{"operation": {"paths": ["/"]}}]}]}),
    ],
)
def test_an_authorization_policy_that_ztunnel_knows_or_is_not_given_passes(namespace, spec):
    bundle = healthy()
    policies(bundle, "authorization_policies", spec, namespace=namespace)
    assert verdicts(bundle, "ZT-IST-014") == {"PASS"}


@pytest.mark.parametrize(
    "rule", [{"egress": [{"toPorts": [{"rules": {"http": [{}]}}]}]}, {"ingress": [{"toPorts": [{"rules": {"dns": [{}]}}]}]}]
)
def test_only_http_on_the_way_in_breaks_the_mesh(rule):
    bundle = healthy()
    policies(bundle, "cilium_network_policies", rule)
    assert verdicts(bundle, "ZT-AMB-015") == {"PASS"}


WEB = {"podSelector": {"matchLabels": {"app": "web"}}, "ingress": [{"ports": [{"port": 8080}]}]}


def hbone(selector, **port):
    return {"podSelector": selector, "ingress": [{"ports": [port or {"port": 15008, "protocol": "TCP"}]}]}


@pytest.mark.parametrize(
    "specs,verdict",
    [
        ([{"podSelector": {}, "policyTypes": ["Ingress"]}], "PASS"),
        ([{**WEB, "ingress": [{"ports": [{"port": 8080}, {"port": 15008}]}]}], "PASS"),
        ([{**WEB, "ingress": [{"from": [{"ipBlock": {"cidr": "192.0.2.0/24"}}], "ports": [{"port": 8080}]}]}], "PASS"),
        ([{"podSelector": {}, "egress": [{"ports": [{"port": 53, "protocol": "UDP"}]}]}], "PASS"),
        ([WEB, hbone({})], "PASS"),
        ([WEB, hbone({}, port=15000, endPort=15010)], "PASS"),
        ([WEB, hbone(WEB["podSelector"])], "PASS"),
        ([WEB, hbone({}, port=15008, protocol="UDP")], "FAIL"),
        ([WEB, hbone({"matchLabels": {"tier": "front"}})], "UNKNOWN"),
    ],
)
def test_the_port_of_the_mesh_must_be_open_where_ports_are_limited(specs, verdict):
    bundle = healthy()
    policies(bundle, "network_policies", *specs)
    assert verdict in verdicts(bundle, "ZT-AMB-013")


@pytest.mark.parametrize(
    "version,verdict",
    [("1.20.2", "PASS"), ("1.17.9", "FAIL"), ("1.21.0", "UNKNOWN"), ("1.21.0-pre.0", "UNKNOWN"), ("2.0.0", "UNKNOWN")],
)
def test_a_newer_chart_is_not_known_yet(version, verdict):
    bundle = healthy("preflight")
    bundle["charts"] = {"cilium": bundle["charts"]["cilium"]}
    bundle["charts"]["cilium"]["version"] = version
    assert verdicts(bundle, "ZT-VER-002") == {verdict}


def test_a_newer_cilium_on_a_kernel_that_breaks_older_ones_is_not_known_yet():
    bundle = healthy("preflight")
    bundle["nodes"]["n1"]["kernel"]["version"] = [7, 2, 1]
    bundle["charts"]["cilium"]["version"] = "1.20.1"
    assert verdicts(bundle, "ZT-NODE-025") == {"FAIL", "PASS"}
    bundle["charts"]["cilium"]["version"] = "1.22.0"
    assert verdicts(bundle, "ZT-NODE-025") == {"UNKNOWN", "PASS"}


def exempt(bundle, *names, **label_namespace):
    values = bundle["charts"]["gatekeeper"]["effective"]
    values["controllerManager"]["exemptNamespaces"] = list(names)
    values["postInstall"]["labelNamespace"].update(label_namespace)


def test_an_exemption_by_name_alone_is_not_known_to_exempt():
    bundle = healthy("preflight")
    exempt(bundle, "argocd")
    assert verdicts(bundle, "ZT-GK-006") == {"UNKNOWN"}
    exempt(bundle, "argocd", enabled=True, extraNamespaces=["argocd"])
    assert verdicts(bundle, "ZT-GK-006") == {"PASS"}
    # Without the hook's job nobody sets the label.
    exempt(bundle, "argocd", enabled=False, extraNamespaces=["argocd"])
    assert verdicts(bundle, "ZT-GK-006") == {"UNKNOWN"}


def test_an_exemption_that_the_namespace_or_the_webhook_bears_out_passes():
    bundle = healthy("preflight")
    exempt(bundle, "shop")
    bundle["api"]["namespaces"]["shop"]["labels"]["admission.gatekeeper.sh/ignore"] = "ours"
    assert verdicts(bundle, "ZT-GK-006") == {"PASS"}
    # The role writes the names into the webhook's own selector.
    bundle = healthy("preflight")
    exempt(bundle, "kube-system")
    for hook in bundle["charts"]["gatekeeper"]["rendered"]["webhooks"]:
        hook["namespace_selector"] = {
            "matchExpressions": [{"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": ["kube-system"]}]
        }
    assert verdicts(bundle, "ZT-GK-006") == {"PASS"}


@pytest.mark.parametrize(
    "metrics,prometheus,verdict",
    [
        ({"enabled": ["dns"]}, True, "PASS"),
        (None, True, "PASS"),
        ("dns,drop", False, "PASS"),
        ("dns,drop", True, "FAIL"),
        ({"enabled": None}, True, "FAIL"),
    ],
)
def test_the_agents_metrics_are_not_hubbles(metrics, prometheus, verdict):
    bundle = healthy("preflight")
    one = bundle["charts"]["cilium"]
    one["user_values"] = {} if metrics is None else {"hubble": {"metrics": metrics}}
    one["effective"]["prometheus"]["enabled"] = prometheus
    one["effective"]["hubble"]["metrics"] = metrics or {"enabled": None}
    assert verdicts(bundle, "ZT-CIL-042") == {verdict}


@pytest.mark.parametrize(
    "value,verdict", [(False, "PASS"), ("false", "PASS"), ("flase", "FAIL"), (True, "FAIL"), ("true", "FAIL")]
)
def test_whether_the_audit_reads_its_cache_is_what_the_flag_says(value, verdict):
    bundle = healthy("preflight")
    bundle["charts"]["gatekeeper"]["effective"]["auditFromCache"] = value
    assert verdicts(bundle, "ZT-GK-002") == {verdict}


def test_a_taint_that_is_on_as_a_text_is_on():
    bundle = healthy("preflight")
    bundle["charts"]["cni"]["effective"]["istioOwnedCNIConfig"] = False
    bundle["charts"]["istiod"]["effective"]["taint"] = {"enabled": "false"}
    assert verdicts(bundle, "ZT-AMB-026") == {"PASS"}
    assert verdicts(bundle, "ZT-NODE-014") == {"FAIL"}
