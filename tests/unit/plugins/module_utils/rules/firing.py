# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""For every rule: what is done to the healthy cluster to make it fail, about whom it then speaks, and a part of what it says.

Several cases of one rule stand beside each other. `moment` is verify unless it says otherwise.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Callable


@dataclass(frozen=True)
class Case:
    rule: str
    change: Callable
    subject: str
    says: str
    moment: str = "verify"


CASES: list[Case] = []


def case(rule, subject, says, moment="verify"):
    def register(change):
        CASES.append(Case(rule, change, subject, says, moment))
        return change

    return register


def _values(bundle, chart, **values):
    for kind in ("values", "effective"):
        bundle["charts"][chart].setdefault(kind, {}).update(copy.deepcopy(values))


def _hook(bundle, name):
    return next(one for one in bundle["api"]["webhooks"] if one["name"] == name)


def _file(bundle, host):
    return bundle["nodes"][host]["cni"]["files"][0]


# --- node ---


@case("ZT-NODE-001", "n1", "kernel 5.4.0-200-generic is older than 5.10", "preflight")
def node_001(b):
    b["nodes"]["n1"]["kernel"].update(release="5.4.0-200-generic", version=[5, 4, 0])


@case("ZT-NODE-001", "n2", "kernel 4.18.0-305.el8 is older than 5.10", "preflight")
def node_001_2(b):
    b["nodes"]["n2"]["os"].update(id="rhel", version_id="8.4")
    b["nodes"]["n2"]["kernel"].update(release="4.18.0-305.el8", version=[4, 18, 0])


@case("ZT-NODE-002", "n1", "has no wireguard module", "preflight")
def node_002(b):
    b["nodes"]["n1"]["modules"]["wireguard"].update(loaded=False, loadable=False)


@case("ZT-NODE-002", "n1", "/etc/modprobe.d/hardening.conf forbids it", "preflight")
def node_002_2(b):
    b["nodes"]["n1"]["modules"]["wireguard"].update(loaded=False, denied_by="/etc/modprobe.d/hardening.conf")


@case("ZT-NODE-002", "n1", "wireguard is not loaded")
def node_002_3(b):
    b["nodes"]["n1"]["modules"]["wireguard"]["loaded"] = False


@case("ZT-NODE-003", "n1", "older than 5.7")
def node_003(b):
    b["nodes"]["n1"]["kernel"].update(release="5.6.19", version=[5, 6, 19])


@case("ZT-NODE-004", "n2", "CONFIG_BPF_JIT", "preflight")
def node_004(b):
    b["nodes"]["n2"]["kernel"]["config"]["CONFIG_BPF_JIT"] = "n"


@case("ZT-NODE-004", "n2", "CONFIG_GENEVE", "preflight")
def node_004_2(b):
    b["desired"]["features"]["tunnel_protocol"] = "geneve"
    b["nodes"]["n2"]["kernel"]["config"]["CONFIG_GENEVE"] = "n"


@case("ZT-NODE-006", "n1", "xt_owner", "preflight")
def node_006(b):
    b["nodes"]["n1"]["modules"]["xt_owner"]["loadable"] = False


@case("ZT-NODE-006", "n1", "nft_tproxy", "preflight")
def node_006_2(b):
    _values(b, "cni", **{"global": {"nativeNftables": True}})
    b["nodes"]["n1"]["modules"]["nft_tproxy"]["loadable"] = False


@case("ZT-NODE-009", "n1", "Kubernetes says 10.0.0.1, the inventory says 192.0.2.11", "preflight")
def node_009(b):
    b["api"]["nodes"]["node1"]["internal_ips"] = ["10.0.0.1"]


@case("ZT-NODE-009", "n2", "on no link of the node", "preflight")
def node_009_2(b):
    next(one for one in b["nodes"]["n2"]["links"] if one["name"] == "eth0")["addresses"] = ["192.0.2.99/24"]


@case("ZT-NODE-010", "n1", "42 in iptables")
def node_010(b):
    b["nodes"]["n1"]["kube_proxy"]["chains"]["iptables"] = 42


@case("ZT-NODE-010", "n1", "kube-proxy runs")
def node_010_2(b):
    b["nodes"]["n1"]["kube_proxy"]["process"] = True


@case("ZT-NODE-016", "n2", "unreachable: no route to host", "preflight")
def node_016(b):
    b["nodes"]["n2"] = {"missing": [{"path": "", "reason": "unreachable: no route to host"}]}


@case("ZT-NODE-017", "n1", "51871/udp (WireGuard) by wg-quick", "preflight")
def node_017(b):
    port = next(one for one in b["nodes"]["n1"]["ports"] if one["port"] == 51871)
    port.update(listening=True, process="wg-quick")


@case("ZT-NODE-018", "n1", "on for lxc5f2a (2)")
def node_018(b):
    next(one for one in b["nodes"]["n1"]["links"] if one["name"] == "lxc5f2a")["rp_filter"] = 2


@case("ZT-NODE-018", "n2", "all = 1")
def node_018_2(b):
    b["nodes"]["n2"]["sysctls"]["net.ipv4.conf.all.rp_filter"]["value"] = "1"


@case("ZT-NODE-019", "n1", "cni plugin not initialized")
def node_019(b):
    b["api"]["nodes"]["node1"].update(ready=False, reason="KubeletNotReady: cni plugin not initialized")


@case("ZT-NODE-020", "n1", "has no node 'web-1'", "preflight")
def node_020(b):
    b["desired"]["nodes"]["n1"]["node_name"] = "web-1"


@case("ZT-NODE-020", "node3", "not in the inventory", "preflight")
def node_020_2(b):
    b["api"]["nodes"]["node3"] = copy.deepcopy(b["api"]["nodes"]["node2"])


@case("ZT-NODE-021", "n2", "the same /etc/machine-id as n1")
def node_021(b):
    b["nodes"]["n2"]["machine_id"] = b["nodes"]["n1"]["machine_id"]


@case("ZT-NODE-022", "n1", "FIPS mode", "preflight")
def node_022(b):
    b["nodes"]["n1"]["kernel"]["fips"] = True


@case("ZT-NODE-023", "n1", "clock")
def node_023(b):
    b["nodes"]["n1"]["clock"]["synchronized"] = False


# --- versions and charts ---


@case("ZT-VER-001", "chart istiod", "supports 1.32 to 1.37", "preflight")
def ver_001(b):
    b["api"]["version"] = "v1.31.4"


@case("ZT-VER-002", "chart istiod", "1.28.10; known are", "preflight")
def ver_002(b):
    b["charts"]["istiod"]["version"] = "1.28.10"


@case("ZT-VER-011", "cilium_values: cni.chained", "chart cilium 1.20.2 does not know this key", "preflight")
def ver_011(b):
    b["charts"]["cilium"]["problems"] = [{"path": "cni.chained", "suggestion": "", "why": "it is a value of the istio-cni chart"}]


@case("ZT-VER-011", "gatekeeper_values: audit.auditInterval", "(group_vars/all.yml:7)", "preflight")
def ver_011_2(b):
    b["charts"]["gatekeeper"]["problems"] = [{"path": "audit.auditInterval", "suggestion": "auditInterval", "why": ""}]
    b["charts"]["gatekeeper"]["origins"] = {"audit.auditInterval": "group_vars/all.yml:7"}


@case("ZT-VER-015", "chart cilium", "got string, want object", "preflight")
def ver_015(b):
    b["charts"]["cilium"]["render_error"] = (
        "values don't meet the specifications of the schema: at '/hubble/metrics': got string, want object"
    )


@case("ZT-VER-016", "chart istiod", "is pending-upgrade")
def ver_016(b):
    b["api"]["releases"]["istio-system"]["istiod"]["status"] = "pending-upgrade"


@case("ZT-VER-016", "chart ztunnel", "there is no release istio-system/ztunnel")
def ver_016_2(b):
    del b["api"]["releases"]["istio-system"]["ztunnel"]


# --- network ---


@case("ZT-CIL-001", "cluster", "DaemonSet kube-system/kube-proxy")
def cil_001(b):
    b["api"]["kube_proxy"]["daemonset"] = {"name": "kube-proxy"}


@case("ZT-CIL-001", "cluster", "ConfigMap kube-system/kube-proxy")
def cil_001_2(b):
    b["api"]["kube_proxy"]["config_map"] = True


@case("ZT-CIL-002", "chart cilium", "k8sServiceHost is empty", "preflight")
def cil_002(b):
    _values(b, "cilium", k8sServiceHost="")


@case("ZT-CIL-002", "DaemonSet kube-system/cilium", "no KUBERNETES_SERVICE_HOST")
def cil_002_2(b):
    del b["api"]["cilium"]["agent"]["containers"]["cilium-agent"]["env"]["KUBERNETES_SERVICE_HOST"]


@case("ZT-CIL-005", "chart cilium", "is the address of node1, one of 2", "preflight")
def cil_005(b):
    _values(b, "cilium", k8sServiceHost="192.0.2.11")


@case("ZT-CIL-006", "chart cilium", "where a mapping is wanted", "preflight")
def cil_006(b):
    b["charts"]["cilium"]["effective"]["hubble"]["metrics"] = "dns,drop,tcp"


@case("ZT-CIL-006", "chart cilium", "where a list is wanted", "preflight")
def cil_006_2(b):
    b["charts"]["cilium"]["effective"]["hubble"]["metrics"]["enabled"] = "dns,drop,tcp"


@case("ZT-CIL-007", "chart cilium", "encryption.type is 'WireGuard'", "preflight")
def cil_007(b):
    b["charts"]["cilium"]["effective"]["encryption"]["type"] = "WireGuard"


@case("ZT-CIL-007", "chart cilium", "a second fleet of ztunnels", "preflight")
def cil_007_2(b):
    b["charts"]["cilium"]["effective"]["encryption"]["type"] = "ztunnel"


@case("ZT-CIL-009", "ConfigMap kube-system/cilium-config", "enable-wireguard is None")
def cil_009(b):
    del b["api"]["cilium"]["config"]["enable-wireguard"]


@case("ZT-CIL-024", "pod network 10.96.0.0/12", "overlaps the Service network 10.96.0.0/16", "preflight")
def cil_024(b):
    b["desired"]["pod_cidrs"] = ["10.96.0.0/12"]


@case("ZT-CIL-024", "pod network 192.0.0.0/8", "n1 (192.0.2.11)", "preflight")
def cil_024_2(b):
    b["charts"]["cilium"]["effective"]["ipam"]["operator"]["clusterPoolIPv4PodCIDRList"] = ["192.0.0.0/8"]


@case("ZT-CIL-033", "chart cilium", "kubeProxyReplacement is 'strict'", "preflight")
def cil_033(b):
    _values(b, "cilium", kubeProxyReplacement="strict")


@case("ZT-CIL-033", "ConfigMap kube-system/cilium-config", "kube-proxy-replacement is 'false'")
def cil_033_2(b):
    b["api"]["cilium"]["config"]["kube-proxy-replacement"] = "false"


@case("ZT-CIL-034", "node2", "its CiliumNode says 10.99.1.0/24")
def cil_034(b):
    b["api"]["cilium"]["nodes"]["node2"]["pod_cidrs"] = ["10.99.1.0/24"]


@case("ZT-CIL-034", "node1", "its node object says 10.244.0.0/24", "preflight")
def cil_034_2(b):
    b["charts"]["cilium"]["effective"]["ipam"]["mode"] = "kubernetes"
    b["desired"]["pod_cidrs"] = ["10.50.0.0/16"]


@case("ZT-CIL-035", "n1", "no peer for node2 (0 of 1 peers)")
def cil_035(b):
    b["nodes"]["n1"]["wireguard"]["interfaces"][0]["peers"] = []


@case("ZT-CIL-035", "n1", "1 peers whose key no CiliumNode publishes")
def cil_035_2(b):
    b["nodes"]["n1"]["wireguard"]["interfaces"][0]["peers"][0]["public_key"] = "key-from-before="


@case("ZT-CIL-035", "n2", "no interface cilium_wg0")
def cil_035_3(b):
    b["nodes"]["n2"]["wireguard"]["interfaces"] = []


@case("ZT-CIL-036", "n1", "no handshake ever with node2")
def cil_036(b):
    b["nodes"]["n1"]["wireguard"]["interfaces"][0]["peers"][0]["latest_handshake"] = None


@case("ZT-CIL-036", "n1", "last handshake with node2 (2 h ago)")
def cil_036_2(b):
    b["nodes"]["n1"]["wireguard"]["interfaces"][0]["peers"][0]["latest_handshake"] = 1795374000 - 7200


@case("ZT-CIL-038", "n1", "there is no /etc/cni/net.d/05-cilium.conflist")
def cil_038(b):
    b["nodes"]["n1"]["cni"]["files"] = []


@case("ZT-CIL-038", "n2", "/etc/cni/net.d/05-cilium.conflist is damaged: not JSON")
def cil_038_2(b):
    _file(b, "n2").update(valid=False, error="not JSON", plugins=[])


@case("ZT-CIL-038", "n1", "begins with portmap")
def cil_038_3(b):
    _file(b, "n1")["plugins"].insert(0, {"type": "portmap"})


@case("ZT-CIL-037", "n2", "no ready Cilium agent on this node")
def cil_037(b):
    for pod in b["api"]["pods"]["kube-system"]:
        if pod["node"] == "node2":
            pod["ready"] = False


@case("ZT-PKI-001", "Istio root", "ended on 2026-11-21")
def pki_001(b):
    b["api"]["istio"]["root_certificates"][0]["not_after"] = "2026-11-21T00:00:00Z"


@case("ZT-PKI-002", "webhook validation.istio.io", "ends in 9 days")
def pki_002(b):
    _hook(b, "validation.istio.io")["ca_bundle"][0].update(not_before="2025-12-02T00:00:00Z", not_after="2026-12-02T00:00:00Z")


# --- policy ---


@case("ZT-GK-002", "chart gatekeeper", "nothing is synced", "preflight")
def gk_002(b):
    _values(b, "gatekeeper", auditFromCache=True)


@case("ZT-GK-003", "webhook validation.gatekeeper.sh", "everything is let in")
def gk_003(b):
    _hook(b, "validation.gatekeeper.sh")["failure_policy"] = "Ignore"


@case("ZT-GK-004", "webhook validation.gatekeeper.sh", "CiliumIdentities, Leases, pods of kube-system")
def gk_004(b):
    _hook(b, "validation.gatekeeper.sh")["match_conditions"] = []
    b["api"]["namespaces"]["kube-system"]["labels"].pop("admission.gatekeeper.sh/ignore")


@case("ZT-GK-004", "chart gatekeeper", "would fail closed", "preflight")
def gk_004_2(b):
    for hook in b["charts"]["gatekeeper"]["rendered"]["webhooks"]:
        hook["failure_policy"] = "Fail"


@case("ZT-GK-008", "chart gatekeeper", "1 replica is rendered", "preflight")
def gk_008(b):
    b["charts"]["gatekeeper"]["rendered"]["workloads"]["gatekeeper-controller-manager"]["replicas"] = 1


@case("ZT-GK-008", "Deployment gatekeeper-system/gatekeeper-controller-manager", "1 ready pods")
def gk_008_2(b):
    b["api"]["gatekeeper"]["controller"]["status"]["ready"] = 1


@case("ZT-GK-009", "template K8sPrivileged", "it has no constraint")
def gk_009(b):
    b["api"]["gatekeeper"]["constraints"]["K8sPrivileged"] = {}


@case("ZT-GK-010", "template k8sprivileged", "rego_parse_error")
def gk_010(b):
    b["api"]["gatekeeper"]["templates"]["k8sprivileged"]["errors"] = ["gatekeeper-audit: rego_parse_error"]


@case("ZT-GK-019", "K8sPrivileged no-privileged", "covers pods of istio-system, kube-system")
def gk_019(b):
    b["api"]["gatekeeper"]["constraints"]["K8sPrivileged"]["no-privileged"]["match"].pop("excludedNamespaces")
    for name in ("kube-system", "istio-system", "gatekeeper-system"):
        b["api"]["namespaces"][name]["labels"].pop("admission.gatekeeper.sh/ignore", None)
    b["api"]["namespaces"]["gatekeeper-system"]["labels"]["admission.gatekeeper.sh/ignore"] = "no-self-managing"


@case("ZT-GK-028", "webhook validation.gatekeeper.sh", "no ready pod")
def gk_028(b):
    b["api"]["endpoints"]["gatekeeper-system.gatekeeper-webhook-service"] = 0


@case("ZT-GK-028", "webhook validation.istio.io", "its caBundle is not set")
def gk_028_2(b):
    _hook(b, "validation.istio.io")["ca_bundle"] = None


@case("ZT-GK-029", "K8sPrivileged no-privileged", "last audited 3600 s ago")
def gk_029(b):
    b["api"]["gatekeeper"]["constraints"]["K8sPrivileged"]["no-privileged"]["audited"] = "2026-11-22T18:00:00Z"


@case("ZT-GK-029", "K8sPrivileged no-privileged", "never audited")
def gk_029_2(b):
    b["api"]["gatekeeper"]["constraints"]["K8sPrivileged"]["no-privileged"]["audited"] = None


# --- mesh ---


@case("ZT-AMB-001", "chart cilium", "cni.exclusive is True", "preflight")
def amb_001(b):
    b["charts"]["cilium"]["effective"]["cni"]["exclusive"] = True


@case("ZT-AMB-001", "ConfigMap kube-system/cilium-config", "cni-exclusive is 'true'")
def amb_001_2(b):
    b["api"]["cilium"]["config"]["cni-exclusive"] = "true"


@case("ZT-AMB-002", "chart cilium", "host routing is BPF's", "preflight")
def amb_002(b):
    b["charts"]["cilium"]["effective"]["bpf"].update(masquerade=True, hostLegacyRouting=None)


@case("ZT-AMB-002", "ConfigMap kube-system/cilium-config", "enableIPv4Masquerade false")
def amb_002_2(b):
    b["api"]["cilium"]["config"]["enable-ipv4-masquerade"] = "false"
    b["api"]["cilium"]["config"].pop("enable-host-legacy-routing")


@case("ZT-AMB-006", "chart cilium", "bpf.datapathMode is netkit-l2", "preflight")
def amb_006(b):
    b["charts"]["cilium"]["effective"]["bpf"]["datapathMode"] = "netkit-l2"


@case("ZT-AMB-007", "chart cilium", "socketLB.hostNamespaceOnly is not set", "preflight")
def amb_007(b):
    del b["charts"]["cilium"]["effective"]["socketLB"]["hostNamespaceOnly"]


@case("ZT-AMB-007", "ConfigMap kube-system/cilium-config", "bpf-lb-sock-hostns-only is None")
def amb_007_2(b):
    del b["api"]["cilium"]["config"]["bpf-lb-sock-hostns-only"]


@case("ZT-AMB-008", "cluster", "nothing allows 169.254.7.127/32")
def amb_008(b):
    b["api"]["policies"]["cilium_clusterwide_network_policies"] = []
    b["api"]["policies"]["network_policies"] = [
        {"namespace": "shop", "name": "default-deny", "spec": {"podSelector": {}, "policyTypes": ["Ingress"]}}
    ]


@case("ZT-AMB-008", "cluster", "lacks enableDefaultDeny")
def amb_008_2(b):
    del b["api"]["policies"]["cilium_clusterwide_network_policies"][0]["spec"]["enableDefaultDeny"]


@case("ZT-AMB-020", "n1", "05-cilium.conflist: cilium-cni; istio-cni is not the last")
def amb_020(b):
    _file(b, "n1")["plugins"].pop()


@case("ZT-AMB-020", "n2", "is damaged: not JSON")
def amb_020_2(b):
    _file(b, "n2").update(valid=False, error="not JSON")


@case("ZT-AMB-020", "n2", "there is no CNI file")
def amb_020_3(b):
    b["nodes"]["n2"]["cni"].update(files=[], runtime_reads=None, istio_reads=None)


@case("ZT-AMB-020", "n1", "ambient_enabled off")
def amb_020_4(b):
    _file(b, "n1")["plugins"][1]["ambient_enabled"] = False


@case("ZT-AMB-020", "n1", "istio-cni watches 05-cilium.conflist")
def amb_020_5(b):
    cni = b["nodes"]["n1"]["cni"]
    cni["files"].insert(0, {**copy.deepcopy(cni["files"][0]), "name": "00-own.json"})
    cni["runtime_reads"] = "00-own.json"


@case("ZT-AMB-025", "n1", "10-flannel.conflist.cilium_bak")
def amb_025(b):
    b["nodes"]["n1"]["cni"]["leftovers"] = ["10-flannel.conflist.cilium_bak"]


@case("ZT-AMB-035", "namespace kube-system", "istio.io/dataplane-mode=ambient", "preflight")
def amb_035(b):
    b["api"]["namespaces"]["kube-system"]["labels"]["istio.io/dataplane-mode"] = "ambient"


@case("ZT-AMB-035", "pod kube-system/dns", "the pod itself")
def amb_035_2(b):
    b["api"]["enrolled_pods"].append(
        {"namespace": "kube-system", "name": "dns", "labels": {"istio.io/dataplane-mode": "ambient"}}
    )


@case("ZT-IST-002", "chart cni", "profile is not set", "preflight")
def ist_002(b):
    b["charts"]["cni"]["values"].pop("profile")


@case("ZT-IST-002", "istio-system", "AMBIENT_ENABLED of istio-cni")
def ist_002_2(b):
    b["api"]["istio"]["cni_config"]["AMBIENT_ENABLED"] = "false"


@case("ZT-IST-003", "chart istiod", "keeps at least 1", "preflight")
def ist_003(b):
    b["charts"]["istiod"]["rendered"]["autoscalers"]["istiod"]["min"] = 1


@case("ZT-IST-003", "Deployment istio-system/istiod", "1 ready pods, at least 2 wanted")
def ist_003_2(b):
    b["api"]["istio"]["istiod"]["status"].update(wanted=1, ready=1, updated=1)


@case("ZT-IST-004", "chart istiod", "no PodDisruptionBudget", "preflight")
def ist_004(b):
    b["charts"]["istiod"]["rendered"]["budgets"] = {}


@case("ZT-IST-004", "PodDisruptionBudget istio-system/istiod", "allows no eviction now")
def ist_004_2(b):
    budget = next(one for one in b["api"]["budgets"] if one["name"] == "istiod")
    budget["status"].update(allowed=0, healthy=1)


@case("ZT-IST-005", "chart istiod", "REGISTRY_ONLY", "preflight")
def ist_005(b):
    b["charts"]["istiod"]["effective"].setdefault("meshConfig", {})["outboundTrafficPolicy"] = {"mode": "REGISTRY_ONLY"}


@case("ZT-IST-005", "ConfigMap istio-system/istio", "REGISTRY_ONLY")
def ist_005_2(b):
    b["api"]["istio"]["mesh_config"]["outboundTrafficPolicy"] = {"mode": "REGISTRY_ONLY"}


@case("ZT-IST-017", "namespace default", "the annotation")
def ist_017(b):
    b["api"]["namespaces"]["default"]["dataplane_annotation"] = "ambient"


@case("ZT-IST-018", "namespace shop", "in plain text: web")
def ist_018(b):
    b["api"]["pods"]["shop"][0]["redirection"] = None


@case("ZT-IST-018", "namespace shop", "unknown to ztunnel: web")
def ist_018_2(b):
    b["api"]["pods"]["shop"][0]["redirection"] = "pending"


@case("ZT-IST-022", "charts cni and ztunnel", "cni goes to istio-system, ztunnel to mesh", "preflight")
def ist_022(b):
    b["charts"]["ztunnel"]["namespace"] = "mesh"


@case("ZT-IST-022", "Deployment istio-system/istiod", "istiod trusts other/ztunnel")
def ist_022_2(b):
    b["api"]["istio"]["istiod"]["containers"]["discovery"]["env"]["CA_TRUSTED_NODE_ACCOUNTS"] = "other/ztunnel"


@case("ZT-IST-025", "DaemonSet istio-system/ztunnel", "SECRET_TTL is 2400h")
def ist_025(b):
    b["api"]["istio"]["ztunnel"]["containers"]["istio-proxy"]["env"]["SECRET_TTL"] = "2400h"


@case("ZT-IST-035", "namespace shop", "is not set")
def ist_035(b):
    b["api"]["namespaces"]["shop"]["labels"].pop("istio.io/dataplane-mode")


@case("ZT-IST-036", "DaemonSet istio-system/ztunnel", "no ready pod on n1")
def ist_036(b):
    for pod in b["api"]["pods"]["istio-system"]:
        if pod["node"] == "node1" and pod["labels"].get("app") == "ztunnel":
            pod["ready"] = False


# --- pod ---


@case("ZT-PSS-001", "namespace istio-system", "it enforces restricted")
def pss_001(b):
    b["api"]["namespaces"]["istio-system"]["labels"]["pod-security.kubernetes.io/enforce"] = "restricted"


@case("ZT-PSS-002", "namespace kube-system", "it enforces baseline", "preflight")
def pss_002(b):
    b["api"]["namespaces"]["kube-system"]["labels"]["pod-security.kubernetes.io/enforce"] = "baseline"


@case("ZT-PSS-006", "namespace gatekeeper-system", "it enforces nothing")
def pss_006(b):
    b["api"]["namespaces"]["gatekeeper-system"]["labels"].pop("pod-security.kubernetes.io/enforce")


@case("ZT-PSS-008", "namespace shop", "it enforces privileged")
def pss_008(b):
    b["api"]["namespaces"]["shop"]["labels"]["pod-security.kubernetes.io/enforce"] = "privileged"


# --- settings of Cilium ---


def _strict(bundle, way="egress", **values):
    encryption = bundle["charts"]["cilium"]["effective"]["encryption"]
    encryption["strictMode"][way].update(enabled=True, **values)


def _config(bundle, **values):
    bundle["api"]["cilium"]["config"].update({key.replace("_", "-"): value for key, value in values.items()})


_CONFIG = "ConfigMap kube-system/cilium-config"


@case("ZT-CIL-011", "chart cilium", "chart 1.20.2 does not read it", "preflight")
def cil_011(b):
    b["charts"]["cilium"]["effective"]["encryption"]["strictMode"].update(enabled=True, cidr="10.244.0.0/16")


@case("ZT-CIL-011", "chart cilium", "encryption.strictMode.ingress.enabled is true; chart 1.18.12", "preflight")
def cil_011_2(b):
    b["charts"]["cilium"]["version"] = "1.18.12"
    _strict(b, "ingress")


@case("ZT-CIL-013", "chart cilium", "strict egress does not cover IPv6", "preflight")
def cil_013(b):
    _strict(b, cidr="10.244.0.0/16", allowRemoteNodeIdentities=True)
    b["charts"]["cilium"]["effective"]["ipv6"] = {"enabled": True}


@case("ZT-CIL-014", "chart cilium", "routingMode is tunnel", "preflight")
def cil_014(b):
    _strict(b, cidr="10.244.0.0/16")


@case("ZT-CIL-014", "chart cilium", "192.0.0.0/8 holds node addresses: n1 (192.0.2.11)", "preflight")
def cil_014_2(b):
    _strict(b, cidr="192.0.0.0/8")
    _values(b, "cilium", routingMode="native")


@case("ZT-CIL-014", "chart cilium", "routingMode is tunnel", "preflight")
def cil_014_3(b):
    b["charts"]["cilium"]["version"] = "1.18.12"
    b["charts"]["cilium"]["effective"]["encryption"]["strictMode"] = {"enabled": True, "cidr": "10.244.0.0/16"}


@case("ZT-CIL-015", "chart cilium", "10.244.0.0/16 is not within 10.244.0.0/17", "preflight")
def cil_015(b):
    _strict(b, cidr="10.244.0.0/17", allowRemoteNodeIdentities=True)


@case("ZT-CIL-015", "chart cilium", "its cidr is ''", "preflight")
def cil_015_2(b):
    _strict(b)


@case("ZT-CIL-016", "chart cilium", "encryption is not WireGuard's", "preflight")
def cil_016(b):
    _strict(b, "ingress")
    b["charts"]["cilium"]["effective"]["encryption"]["type"] = "ipsec"


@case("ZT-CIL-016", "chart cilium", "cni.chainingMode is generic-veth", "preflight")
def cil_016_2(b):
    _strict(b, "ingress")
    b["charts"]["cilium"]["effective"]["cni"]["chainingMode"] = "generic-veth"


@case("ZT-CIL-016", "chart cilium", "routingMode is native with Cilium 1.19.5", "preflight")
def cil_016_3(b):
    _strict(b, "ingress")
    b["charts"]["cilium"]["version"] = "1.19.5"
    _values(b, "cilium", routingMode="native")


@case("ZT-CIL-021", "chart cilium", "XDP acceleration is native", "preflight")
def cil_021(b):
    b["charts"]["cilium"]["effective"]["loadBalancer"]["acceleration"] = "native"


@case("ZT-CIL-021", _CONFIG, "mode is dsr, with dispatch opt")
def cil_021_2(b):
    _config(b, bpf_lb_mode="dsr")


@case("ZT-CIL-027", "chart cilium", "no policy is in gatekeeper-system, istio-system, kube-system", "preflight")
def cil_027(b):
    _values(b, "cilium", policyEnforcementMode="always")


@case("ZT-CIL-027", _CONFIG, "no policy is in gatekeeper-system, istio-system")
def cil_027_2(b):
    _config(b, enable_policy="always")
    b["api"]["policies"]["network_policies"] = [{"namespace": "kube-system", "name": "dns", "spec": {"podSelector": {}}}]


@case("ZT-CIL-028", "chart cilium", "rollOutCiliumPods is False", "preflight")
def cil_028(b):
    _values(b, "cilium", rollOutCiliumPods=False)


@case("ZT-CIL-030", "chart cilium", "the chaining mode is flannel", "preflight")
def cil_030(b):
    b["charts"]["cilium"]["effective"]["cni"]["chainingMode"] = "flannel"


@case("ZT-CIL-030", _CONFIG, "the chaining mode is generic-veth")
def cil_030_2(b):
    _config(b, cni_chaining_mode="generic-veth")


@case("ZT-CIL-031", "chart cilium", "Relay's server has no TLS", "preflight")
def cil_031(b):
    b["charts"]["cilium"]["effective"]["hubble"]["relay"]["enabled"] = True


@case("ZT-CIL-032", "PodDisruptionBudget istio-system/ztunnel", "it selects pods of a DaemonSet")
def cil_032(b):
    b["api"]["budgets"].append({**b["api"]["budgets"][0], "name": "ztunnel", "selector": {"app": "ztunnel"}})


# --- settings the mesh depends on ---


@case("ZT-AMB-003", "chart cilium", "bpf.masquerade is true", "preflight")
def amb_003(b):
    b["charts"]["cilium"]["effective"]["bpf"]["masquerade"] = True


@case("ZT-AMB-003", _CONFIG, "enable-bpf-masquerade is true")
def amb_003_2(b):
    _config(b, enable_bpf_masquerade="true")


@case("ZT-AMB-010", "chart cilium", "enableNonDefaultDenyPolicies is false", "preflight")
def amb_010(b):
    _values(b, "cilium", enableNonDefaultDenyPolicies=False)


@case("ZT-AMB-010", _CONFIG, "enable-non-default-deny-policies is false")
def amb_010_2(b):
    _config(b, enable_non_default_deny_policies="false")


@case("ZT-AMB-018", "chart cilium", "installNoConntrackIptablesRules is true", "preflight")
def amb_018(b):
    _values(b, "cilium", installNoConntrackIptablesRules=True)


@case("ZT-AMB-018", _CONFIG, "install-no-conntrack-iptables-rules is true")
def amb_018_2(b):
    _config(b, install_no_conntrack_iptables_rules="true")


@case("ZT-AMB-033", "chart cni", "not true: chained", "preflight")
def amb_033(b):
    _values(b, "cni", istioOwnedCNIConfig=True, chained=False)


@case(
    "ZT-AMB-034",
    "chart cni",
    "istioOwnedCNIConfigFileName is 00-mesh.conflist, the file will be 02-istio-cni.conflist",
    "preflight",
)
def amb_034(b):
    _values(b, "cni", istioOwnedCNIConfig=True, istioOwnedCNIConfigFileName="00-mesh.conflist")


@case("ZT-IST-021", "chart cni", "meant for the mesh, and excluded: shop", "preflight")
def ist_021(b):
    _values(b, "cni", excludeNamespaces=["kube-system", "shop"])


@case("ZT-IST-021", "DaemonSet istio-cni-node", "meant for the mesh, and excluded: shop")
def ist_021_2(b):
    b["api"]["istio"]["cni_config"]["EXCLUDE_NAMESPACES"] = "kube-system,shop"


# --- policies on enrolled pods ---


def _policy(bundle, kind, namespace, **spec):
    bundle["api"]["policies"][kind].append({"namespace": namespace, "name": "one", "spec": spec})


_PEER = "peer_authentications"
_STRICT = {"mode": "STRICT"}
_SELECTOR = {"matchLabels": {"app": "web"}}


@case("ZT-IST-010", "namespace gatekeeper-system", "called by the API server for validation.gatekeeper.sh")
def ist_010(b):
    b["api"]["namespaces"]["gatekeeper-system"]["labels"]["istio.io/dataplane-mode"] = "ambient"
    _policy(b, _PEER, "istio-system", mtls=_STRICT)


@case("ZT-IST-011", "PeerAuthentication shop/one", "its mode is DISABLE")
def ist_011(b):
    _policy(b, _PEER, "shop", mtls={"mode": "DISABLE"})


@case("ZT-IST-013", "PeerAuthentication shop/one", "its mode is PERMISSIVE")
def ist_013(b):
    _policy(b, _PEER, "istio-system", mtls=_STRICT)
    _policy(b, _PEER, "shop", mtls={"mode": "PERMISSIVE"})


@case("ZT-IST-013", "PeerAuthentication shop/one", "open ports: 8080")
def ist_013_2(b):
    _policy(b, _PEER, "istio-system", mtls=_STRICT)
    _policy(b, _PEER, "shop", selector=_SELECTOR, portLevelMtls={"8080": {"mode": "PERMISSIVE"}})


@case(
    "ZT-IST-014", "AuthorizationPolicy shop/one", "ALLOW with attributes that ztunnel does not know: methods, request.headers[x]"
)
def ist_014(b):
    rule = {"to": [{"operation": {"methods": ["GET"]}}], "when": [{"key": "request.headers[x]", "values": ["y"]}]}
    _policy(b, "authorization_policies", "shop", selector=_SELECTOR, rules=[rule])


@case("ZT-IST-014", "AuthorizationPolicy istio-system/one", "ztunnel does not enforce the action CUSTOM")
def ist_014_2(b):
    _policy(b, "authorization_policies", "istio-system", action="CUSTOM", rules=[{}])


@case("ZT-AMB-011", "cluster", "fd16:9254:7127:1337:ffff:ffff:ffff:ffff is not")
def amb_011(b):
    _config(b, enable_ipv6="true")


@case("ZT-AMB-012", "cluster", "HOST_PROBE_SNAT_IP is 169.254.8.8")
def amb_012(b):
    b["api"]["istio"]["cni"]["containers"]["install-cni"]["env"]["HOST_PROBE_SNAT_IP"] = "169.254.8.8"


@case("ZT-AMB-013", "NetworkPolicy shop/one", "its ingress names ports, and not 15008")
def amb_013(b):
    _policy(b, "network_policies", "shop", podSelector=_SELECTOR, ingress=[{"ports": [{"port": 8080}]}])


@case("ZT-AMB-013", "NetworkPolicy shop/one", "its egress names ports, and not 15008")
def amb_013_2(b):
    egress = [{"to": [{"podSelector": {}}], "ports": [{"port": 8080}]}]
    _policy(b, "network_policies", "shop", podSelector={}, policyTypes=["Egress"], egress=egress)


@case("ZT-AMB-015", "CiliumNetworkPolicy shop/one", "it has rules of http for incoming traffic")
def amb_015(b):
    port = {"ports": [{"port": "80", "protocol": "TCP"}], "rules": {"http": [{"path": "/ip"}]}}
    _policy(b, "cilium_network_policies", "shop", endpointSelector={}, ingress=[{"toPorts": [port]}])


@case("ZT-IST-019", "namespace shop", "with a sidecar: web")
def ist_019(b):
    b["api"]["pods"]["shop"][0]["sidecar"] = True


@case("ZT-IST-020", "namespace shop", "on the node's network: web")
def ist_020(b):
    b["api"]["pods"]["shop"][0]["host_network"] = True
