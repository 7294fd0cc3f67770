# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from firing.every import CASES
from healthy import healthy
from made_certificates import Made

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import peers
from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence.bundle import Evidence
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules import engine
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules.catalogue import RULES
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules.rule import LAYERS, SEVERITIES, STAGES

BY_ID = {rule.id: rule for rule in RULES}


def analyse(bundle, rules=RULES):
    return engine.run(Evidence(bundle), rules, bundle["moment"], STAGES).findings


@pytest.mark.parametrize("moment", ["preflight", "verify"])
def test_a_healthy_cluster_passes_every_rule(moment):
    findings = analyse(healthy(moment))
    assert [(one.id, one.subject, one.verdict, one.message) for one in findings if one.verdict != "PASS"] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_says_so_when_all_is_well(rule):
    findings = [one for moment in rule.moments for one in analyse(healthy(moment), [rule])]
    assert {one.verdict for one in findings} == {"PASS"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}-{case.says[:24]}")
def test_a_rule_fires_on_its_own_fault(case):
    bundle = healthy(case.moment)
    case.change(bundle)
    findings = [one for one in analyse(bundle, [BY_ID[case.rule]]) if one.verdict == "FAIL"]
    assert case.subject in [one.subject for one in findings]
    one = next(one for one in findings if one.subject == case.subject)
    assert case.says in one.message
    assert one.remedy


def test_a_finding_about_what_a_user_wrote_knows_where_it_stands():
    bundle = healthy("preflight")
    next(case for case in CASES if "(group_vars/all.yml:7)" in case.says).change(bundle)
    places = {one.subject: one.place for one in analyse(bundle) if one.place}
    assert places == {"gatekeeper_values: audit.auditInterval": "group_vars/all.yml:7"}


def test_every_rule_has_a_case():
    assert {rule.id for rule in RULES} == {case.rule for case in CASES}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_is_whole(rule):
    assert rule.severity in SEVERITIES
    assert rule.layer in LAYERS
    assert rule.stages
    assert set(rule.stages) <= set(STAGES)
    assert rule.checks
    for text in (rule.title, rule.why, rule.remediation):
        assert text
        assert text == " ".join(text.split())
    assert rule.source.startswith("https://") or (Path(__file__).resolve().parents[5] / rule.source).is_file()


def test_ids_are_unique():
    assert len(BY_ID) == len(RULES)


@pytest.mark.parametrize("moment", ["preflight", "verify"])
def test_without_any_evidence_nothing_passes(moment):
    bundle = healthy(moment)
    reason = "403: forbidden"
    bundle.update(api={}, charts={}, missing=[{"path": "api", "reason": reason}, {"path": "charts", "reason": reason}])
    bundle["nodes"] = {host: {"missing": [{"path": "", "reason": "unreachable"}]} for host in bundle["nodes"]}
    findings = analyse(bundle)
    # Only what the inventory alone says can pass.
    assert {one.id for one in findings if one.verdict == "PASS"} <= {"ZT-CIL-024"}
    assert all(one.message in (reason, "unreachable") for one in findings if one.verdict == "UNKNOWN"), findings


@pytest.mark.parametrize(
    "part",
    [
        "nodes",
        "namespaces",
        "webhooks",
        "api_services",
        "conversions",
        "cilium",
        "istio",
        "gatekeeper",
        "pods",
        "releases",
        "policies",
        "endpoints",
        "budgets",
        "workloads",
        "autoscalers",
        "services",
        "use_waypoint",
        "monitoring",
        "crds",
    ],
)
def test_a_part_that_was_forbidden_is_unknown_and_never_a_crash(part):
    bundle = healthy()
    del bundle["api"][part]
    bundle["missing"].append({"path": f"api.{part}", "reason": "403: forbidden"})
    findings = analyse(bundle)
    unknown = [one for one in findings if one.verdict == "UNKNOWN"]
    assert unknown
    assert {one.message for one in unknown} == {"403: forbidden"}
    assert not [one for one in findings if one.verdict == "FAIL"]


@pytest.mark.parametrize(
    "match",
    [
        {"scope": "Cluster"},
        {"kinds": [{"apiGroups": ["batch"], "kinds": ["*"]}]},
        {"kinds": [{"apiGroups": ["apps"], "kinds": ["Pod"]}]},
        {"labelSelector": {"matchLabels": {"app": "shop"}}},
        {"name": "shop-*"},
    ],
    ids=str,
)
def test_a_policy_that_leaves_the_platform_out_in_another_way_is_no_failure(match):
    bundle = healthy("verify")
    bundle["api"]["gatekeeper"]["constraints"]["K8sPrivileged"]["no-privileged"]["match"] = match
    for namespace in bundle["api"]["namespaces"].values():
        namespace["labels"].pop("admission.gatekeeper.sh/ignore", None)
    (found,) = analyse(bundle, [BY_ID["ZT-GK-019"]])
    # Whom labels and names select is not in the evidence.
    assert found.verdict == ("UNKNOWN" if {"labelSelector", "name"} & set(match) else "PASS")


@pytest.mark.parametrize("rule", ["ZT-GK-014", "ZT-GK-015", "ZT-GK-016", "ZT-GK-017", "ZT-GK-019", "ZT-GK-027", "ZT-GK-029"])
@pytest.mark.parametrize("unread", ["", ".K8sPrivileged"])
def test_constraints_that_could_not_be_read_are_unknown(rule, unread):
    bundle = healthy()
    gatekeeper = bundle["api"]["gatekeeper"]
    gatekeeper["templates"]["k8sprivileged"]["needs_sync"] = True
    del (gatekeeper["constraints"] if unread else gatekeeper)["K8sPrivileged" if unread else "constraints"]
    bundle["missing"].append({"path": f"api.gatekeeper.constraints{unread}", "reason": "403: forbidden"})
    [one] = analyse(bundle, [BY_ID[rule]])
    assert (one.verdict, one.message) == ("UNKNOWN", "403: forbidden")


def test_a_node_that_is_silent_is_one_finding_and_not_one_for_every_rule():
    bundle = healthy()
    bundle["nodes"]["n2"] = {"missing": [{"path": "", "reason": "unreachable: timed out"}]}
    about = [one for one in analyse(bundle) if one.subject == "n2" and one.verdict != "PASS"]
    assert [one.id for one in about] == ["ZT-NODE-016"]


def test_the_stand_in_is_not_taken_for_ztunnel():
    bundle = healthy()
    bundle["api"]["istio"]["ztunnel_build"] = "lab-ztunnel-1"
    one = next(one for one in analyse(bundle) if one.id == "ZT-IST-025")
    assert one.verdict == "UNKNOWN"
    assert "stand-in" in one.message


@pytest.mark.parametrize("unread", ["iptables", "nftables"])
def test_a_packet_filter_that_could_not_be_read_may_hold_kube_proxy(unread):
    bundle = healthy("verify")
    del bundle["nodes"]["n1"]["kube_proxy"]["chains"][unread]
    bundle["nodes"]["n1"]["missing"] = [{"path": f"kube_proxy.chains.{unread}", "reason": "permission denied"}]
    one = next(one for one in analyse(bundle, [BY_ID["ZT-NODE-010"]]) if one.subject == "n1")
    assert (one.verdict, one.message) == ("UNKNOWN", "permission denied")


@pytest.mark.parametrize(
    "age,mode,verdict",
    [
        (100, "tunnel", "PASS"),
        (300, "tunnel", "PASS"),
        (3600, "tunnel", "FAIL"),
        (3600, "native", "UNKNOWN"),
        (200, "native", "PASS"),
    ],
)
def test_an_old_handshake_is_judged_by_what_wireguard_does(age, mode, verdict):
    bundle = healthy()
    bundle["api"]["cilium"]["config"]["routing-mode"] = mode
    bundle["nodes"]["n1"]["wireguard"]["interfaces"][0]["peers"][0]["latest_handshake"] = 1795374000 - age
    one = next(one for one in analyse(bundle) if one.id == "ZT-CIL-036" and one.subject == "n1")
    assert one.verdict == verdict


@pytest.mark.parametrize(
    "offset,uncertainty,verdict",
    [
        (0.2, 0.3, "PASS"),
        (1.8, 0.1, "PASS"),
        (2.6, 0.5, "FAIL"),
        (-2.6, 0.5, "FAIL"),
        (1.0, 3.0, "UNKNOWN"),
        (3.0, 2.0, "UNKNOWN"),
    ],
)
def test_a_clock_is_judged_by_what_is_sure_about_it(offset, uncertainty, verdict):
    bundle = healthy()
    bundle["nodes"]["n1"]["clock"].update(offset_s=offset, offset_uncertainty_s=uncertainty)
    one = next(one for one in analyse(bundle, [BY_ID["ZT-NODE-028"]]) if one.subject == "n1")
    assert one.verdict == verdict


@pytest.mark.parametrize(
    "stage,charts", [("network", {"cilium"}), ("policy", {"gatekeeper"}), ("mesh", {"base", "istiod", "cni", "ztunnel"})]
)
def test_the_gate_of_a_stage_asks_for_its_own_charts_only(stage, charts):
    bundle = healthy()
    bundle["api"]["releases"] = {name: {} for name in bundle["api"]["releases"]}
    findings = engine.run(Evidence(bundle), [BY_ID["ZT-VER-016"]], "verify", [stage]).findings
    assert {one.subject for one in findings} == {f"chart {name}" for name in charts}


def of_many_nodes(change=lambda found: None):
    """Return a bundle of 200 nodes, of which n1 has so many peers that its evidence does not list them all."""
    bundle = healthy()
    published = bundle["api"]["cilium"]["nodes"]
    for number in range(3, 201):
        addresses = [f"192.0.2.{number + 10}"]
        published[f"node{number}"] = {**published["node2"], "public_key": f"key-{number}=", "addresses": addresses}
    interface = bundle["nodes"]["n1"]["wireguard"]["interfaces"][0]
    like = interface["peers"][0]
    found = [
        {
            **like,
            "public_key": one["public_key"],
            "endpoint": f"{one['addresses'][0]}:51871",
            "allowed_ips": [f"{one['addresses'][0]}/32"],
        }
        for name, one in published.items()
        if name != "node1"
    ]
    change(found)
    bundle["nodes"]["n1"]["wireguard"]["interfaces"] = [peers.shorten({**interface, "peers": found}, 1795374000.0)]
    return bundle


def about_peers(bundle, rule):
    one = next(one for one in analyse(bundle, [BY_ID[rule]]) if one.subject == "n1")
    return one.verdict, one.message


def test_many_peers_are_judged_as_few_are():
    bundle = of_many_nodes()
    assert "all_peers" in bundle["nodes"]["n1"]["wireguard"]["interfaces"][0]
    assert about_peers(bundle, "ZT-CIL-035") == ("PASS", "199 of 199 peers")
    assert about_peers(bundle, "ZT-CIL-036") == ("PASS", "199 peers, the oldest handshake 60 s ago")


def test_of_many_peers_the_one_that_is_not_there_is_named():
    missing = of_many_nodes(lambda found: found.pop(100))
    assert about_peers(missing, "ZT-CIL-035") == ("FAIL", "no peer for node102 (198 of 199 peers)")
    rekeyed = of_many_nodes(lambda found: found[100].update(public_key="key-from-before="))
    said = "no peer for node102; 1 peers whose key no CiliumNode publishes (199 of 199 peers)"
    assert about_peers(rekeyed, "ZT-CIL-035") == ("FAIL", said)
    strangers = of_many_nodes(lambda found: [one.update(public_key=f"other-{at}=") for at, one in enumerate(found)])
    verdict, message = about_peers(strangers, "ZT-CIL-035")
    assert verdict == "FAIL"
    assert "more keys differ than its evidence can name" in message


def test_of_many_peers_those_that_nothing_is_sent_to_are_named():
    one = of_many_nodes(lambda found: found[100].update(allowed_ips=[]))
    assert about_peers(one, "ZT-CIL-035") == ("FAIL", "no address is allowed of node102 (199 of 199 peers)")
    every = of_many_nodes(lambda found: [peer.update(allowed_ips=["10.244.1.7/32"]) for peer in found])
    verdict, message = about_peers(every, "ZT-CIL-035")
    assert verdict == "FAIL"
    assert "and 8 more and up to 183 more" in message
    # Behind a router that translates addresses a peer answers from another one than its own.
    roaming = of_many_nodes(lambda found: [peer.update(endpoint="203.0.113.1:51871") for peer in found[:10]])
    assert about_peers(roaming, "ZT-CIL-035") == ("PASS", "199 of 199 peers")
    many = of_many_nodes(lambda found: [peer.update(endpoint="203.0.113.1:51871") for peer in found])
    assert about_peers(many, "ZT-CIL-035")[0] == "UNKNOWN"
    native = of_many_nodes()
    native["api"]["cilium"]["config"]["routing-mode"] = "native"
    assert about_peers(native, "ZT-CIL-035") == ("FAIL", "no pod's address is allowed of 199 peers (199 of 199 peers)")


@pytest.mark.parametrize("health,verdict", [("true", "FAIL"), ("false", "PASS")])
def test_without_health_checks_a_node_may_have_no_pod(health, verdict):
    bundle = healthy()
    bundle["api"]["cilium"]["config"].update({"routing-mode": "native", "enable-endpoint-health-checking": health})
    assert about_peers(bundle, "ZT-CIL-035")[0] == verdict
    for host, address in (("n1", "10.244.1.7/32"), ("n2", "10.244.0.7/32")):
        bundle["nodes"][host]["wireguard"]["interfaces"][0]["peers"][0]["allowed_ips"].append(address)
    assert about_peers(bundle, "ZT-CIL-035")[0] == "PASS"


def test_of_many_peers_those_that_are_silent_are_named():
    def silence(found):
        for one in found:
            one["latest_handshake"] = 1795374000 - 7200

    verdict, message = about_peers(of_many_nodes(silence), "ZT-CIL-036")
    assert verdict == "FAIL"
    assert message.startswith("last handshake with node2 (2 h ago), ")
    assert "and up to 71 more that its evidence does not list" in message


def test_a_damaged_digest_of_keys_is_unknown():
    bundle = of_many_nodes()
    bundle["nodes"]["n1"]["wireguard"]["interfaces"][0]["all_peers"]["keys"] = "damaged"
    assert about_peers(bundle, "ZT-CIL-035") == ("UNKNOWN", "it is no digest of keys")


def test_agents_that_just_came_up_have_not_shaken_hands_yet():
    bundle = healthy()
    bundle["nodes"]["n1"]["wireguard"]["interfaces"][0]["peers"][0].update(latest_handshake=None, tx_bytes=0, rx_bytes=0)
    for pod in bundle["api"]["pods"]["kube-system"]:
        if pod["node"] == "node2":
            pod["ready_since"] = "2026-11-22T18:59:00Z"
    one = next(one for one in analyse(bundle) if one.id == "ZT-CIL-036" and one.subject == "n1")
    assert one.verdict == "UNKNOWN"
    assert "ready for 60 s only" in one.message


def test_a_virgin_cluster_may_begin():
    """Nodes NotReady, no Cilium, no CRD: what is not there yet is no fault before anything was made."""
    bundle = healthy("preflight")
    api = bundle["api"]
    for node in api["nodes"].values():
        node.update(ready=False, reason="KubeletNotReady: cni plugin not initialized")
    api["cilium"] = dict.fromkeys(("config", "nodes", "agent", "operator", "hubble_server", "hubble_relay"))
    api["istio"] = dict.fromkeys(
        ("istiod", "autoscaler", "mesh_config", "cni_config", "cni", "ztunnel", "root_certificates", "issuer", "ztunnel_build")
    )
    gatekeeper = (
        "controller",
        "audit",
        "templates",
        "config",
        "other_configs",
        "admission_policies",
        "sync_sets",
        "webhook_server",
    )
    api["gatekeeper"] = dict.fromkeys(gatekeeper)
    api["kube_proxy"] = {"daemonset": {"name": "kube-proxy"}, "config_map": True}
    api.update(webhooks=[], budgets=[], endpoints={"istio-system.istiod": 0}, enrolled_pods=[], crds={})
    api.update(workloads=[], autoscalers=[], services=[], gateways=None, use_waypoint=[])
    api["policies"] = dict.fromkeys(api["policies"])
    api["pods"] = {name: [] for name in ("kube-system", "istio-system", "gatekeeper-system")}
    api["releases"] = {name: {} for name in ("kube-system", "istio-system", "gatekeeper-system")}
    api["namespaces"] = {
        name: {"labels": {}, "dataplane_annotation": None, "phase": "Active"} for name in ("default", "kube-system")
    }
    for host in bundle["nodes"].values():
        host["cni"].update(files=[], runtime_reads=None, istio_reads=None, binaries=[])
        host["wireguard"]["interfaces"] = []
        host["links"] = [link for link in host["links"] if not link["name"].startswith(("lxc", "cilium"))]
        host["kube_proxy"] = {"chains": {"iptables": 40, "nftables": 0}, "process": True}
        for port in host["ports"]:
            port.update(listening=False, process=None)
    assert [(one.id, one.subject, one.message) for one in analyse(bundle) if one.verdict != "PASS"] == []


@pytest.mark.parametrize("version", ["1.30.3", "1.32.0", "2.0.0-alpha.1"])
def test_what_another_istio_reads_of_the_gateway_api_is_not_known_yet(version):
    bundle = healthy("preflight")
    bundle["charts"]["istiod"]["version"] = version
    (one,) = analyse(bundle, [BY_ID["ZT-VER-009"]])
    assert (one.verdict, one.message) == (
        "UNKNOWN",
        f"which Gateway API Istio {version} reads is not known yet; that of 1.31 is",
    )


@pytest.mark.parametrize("day,verdict", [("2027-02-28", "PASS"), ("2027-03-01", "FAIL")])
def test_a_minor_is_mended_until_the_end_of_its_last_day(day, verdict):
    bundle = healthy()
    bundle["api"]["version"], bundle["collected_at"] = "v1.35.2", f"{day}T23:00:00Z"
    one = next(one for one in analyse(bundle, [BY_ID["ZT-VER-020"]]) if one.subject == "Kubernetes")
    assert one.verdict == verdict


@pytest.mark.parametrize(
    "version,day,said", [("v1.36.3", "2028-01-01", "more than a year ago"), ("v1.99.0", "2026-11-22", "not known")]
)
def test_until_when_a_minor_is_mended_may_not_be_known(version, day, said):
    bundle = healthy()
    bundle["api"]["version"], bundle["collected_at"] = version, f"{day}T00:00:00Z"
    one = next(one for one in analyse(bundle, [BY_ID["ZT-VER-020"]]) if one.subject == "Kubernetes")
    assert one.verdict == "UNKNOWN"
    assert said in one.message


def test_a_pod_the_node_did_not_tell_of_is_unknown_and_one_that_came_later_is_none():
    bundle = healthy()
    bundle["nodes"]["n1"]["pod_networks"]["redirected"] = []
    (one,) = analyse(bundle, [BY_ID["ZT-IST-046"]])
    assert (one.verdict, one.subject) == ("UNKNOWN", "n1")
    assert "did not tell of shop/web" in one.message
    bundle["api"]["pods"]["shop"][0]["created"] = "2026-11-22T19:30:00Z"
    assert [one for one in analyse(bundle, [BY_ID["ZT-IST-046"]]) if one.verdict != "PASS"] == []


@pytest.mark.parametrize("rule,reason", [("ZT-PSS-010", "Failed"), ("ZT-IST-047", "Unhealthy")])
def test_silence_of_events_that_were_cut_is_unknown(rule, reason):
    bundle = healthy()
    bundle["api"]["events_cut"] = [reason]
    bundle["api"]["pods"]["shop"][0]["ready"] = False
    (one,) = analyse(bundle, [BY_ID[rule]])
    assert one.verdict == "UNKNOWN"
    assert f"more events of the reason {reason}" in one.message


def test_certificates_from_before_they_were_judged_by_strength_are_unknown():
    bundle = healthy()
    for one in bundle["api"]["istio"]["root_certificates"]:
        del one["key"]
    found = analyse(bundle, [BY_ID["ZT-PKI-003"]])
    assert [one.verdict for one in found if one.subject == "cluster certificates"] == ["UNKNOWN"]


@pytest.mark.parametrize(
    "nodes,needed,verdict",
    [
        # Three on two nodes cannot stand better than two and one.
        (["node1", "node1", "node2"], 2, "PASS"),
        (["node1", "node2", "node1", "node2"], 2, "PASS"),
        (["node1", "node1", "node1", "node2"], 2, "FAIL"),
        # Fewer than are needed now is another rule's matter.
        (["node1", "node1"], 2, "PASS"),
    ],
)
def test_a_loss_is_a_fault_where_pods_could_stand_better(nodes, needed, verdict):
    from firing.disruption import istiods

    bundle = healthy()
    istiods(bundle, *nodes, needed=needed)
    assert {one.verdict for one in analyse(bundle, [BY_ID["ZT-PDB-008"]])} == {verdict}


@pytest.mark.parametrize(
    "spared",
    [
        {"excluded": [{"groups": ["coordination.k8s.io", "", "cilium.io"], "resources": ["*"]}]},
        {"object_selector": {"matchLabels": {"team": "shop"}}},
        {
            "match_conditions": [
                '!(request.resource.group in ["cilium.io", "coordination.k8s.io"]) && request.kind.kind != "nodes"'
            ]
        },
    ],
)
def test_an_admission_policy_that_leaves_the_control_plane_out_is_no_fault(spared):
    from firing.gatekeeper_parts import generated

    bundle = healthy()
    generated(bundle, ["*"], ["*"], **spared)
    assert {one.verdict for one in analyse(bundle, [BY_ID["ZT-GK-035"]])} == {"PASS"}


@pytest.mark.parametrize(
    "host,names,verdict",
    [
        ("api.acme.example", ["DNS:API.acme.example"], "PASS"),
        ("api.acme.example", ["DNS:*.acme.example"], "PASS"),
        ("api.acme.example", ["DNS:*.example"], "FAIL"),
        ("2001:db8:0::1", ["IP:2001:db8::1"], "PASS"),
        ("192.0.2.9", ["DNS:192.0.2.9", "IP:192.0.2.10"], "FAIL"),
    ],
)
def test_whom_the_api_servers_certificate_is_for(host, names, verdict):
    bundle = healthy("preflight")
    bundle["desired"]["api"]["host"] = host
    for node in bundle["nodes"].values():
        mine = next(one for one in node["certificates"] if one["path"].endswith("apiserver.crt"))
        mine["pem"] = Made("kube-apiserver", names=names).pem
    assert {one.verdict for one in analyse(bundle, [BY_ID["ZT-PKI-005"]])} == {verdict}
