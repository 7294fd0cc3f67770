# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about Cilium: what is planned of it, and what runs."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Any

from ..evidence.bundle import Evidence, Missing, View
from . import facts
from .facts import (
    BOTH,
    PREFLIGHT,
    VERIFY,
    is_false,
    is_true,
    listed,
)
from .rule import Answer, Catalogue, Fail, Pass

CATALOGUE = Catalogue("network")

_KUBE_PROXY_FREE = "https://docs.cilium.io/en/stable/network/kubernetes/kubeproxy-free/"
_WIREGUARD = "https://docs.cilium.io/en/stable/security/network/encryption-wireguard/"

CONFIG = "ConfigMap kube-system/cilium-config"
_CNI_FILE = "05-cilium.conflist"

# --- kube-proxy replacement ---

CIL_001 = CATALOGUE.rule(
    "ZT-CIL-001",
    "blocker",
    stages=("network",),
    title="kube-proxy is gone from the cluster",
    why="Two translators of Services at once break connections, and kubeadm brings kube-proxy back as long as its ConfigMap "
    "stands.",
    remediation="Delete DaemonSet and ConfigMap kube-proxy in kube-system (the cilium role does), and skip kubeadm's phase "
    "addon/kube-proxy.",
    source=_KUBE_PROXY_FREE,
)


@CIL_001.check(moments=VERIFY)
def _no_kube_proxy(evidence: Evidence) -> Answer:
    if not facts.feature(evidence, "kube_proxy_replacement"):
        return None
    found = evidence.api.view("kube_proxy")
    left = []
    if found["daemonset"] is not None:
        left.append("DaemonSet kube-system/kube-proxy")
    if found["config_map"]:
        left.append("ConfigMap kube-system/kube-proxy")
    return Fail(f"still there: {listed(left)}") if left else Pass("no DaemonSet, no ConfigMap")


CIL_002 = CATALOGUE.rule(
    "ZT-CIL-002",
    "blocker",
    stages=("network",),
    title="Cilium knows the API server by its own address",
    why="Without kube-proxy no ClusterIP works before the agent runs, and the agent needs the API server to start: a cluster "
    "that never comes up.",
    remediation="Set zerotrust_api_host (the chart's k8sServiceHost) to the virtual IP or load balancer of the API server.",
    source=_KUBE_PROXY_FREE,
    versions="Cilium with kubeProxyReplacement",
)


@CIL_002.check(each=facts.planned("cilium"))
def _service_host(evidence: Evidence, subject: str) -> Answer:
    values = facts.effective(evidence, subject)
    if not is_true(values.get("kubeProxyReplacement")):
        return None
    host, reference = values.get("k8sServiceHost", ""), values.find("k8sServiceHostRef.name")
    if host and reference:
        return Fail("both k8sServiceHost and k8sServiceHostRef.name are set; the chart refuses that", "Set only one of the two.")
    if not host and not reference:
        return Fail("kubeProxyReplacement is true and k8sServiceHost is empty")
    return Pass(f"k8sServiceHost is {host or reference}")


@CIL_002.check(moments=VERIFY, subject="DaemonSet kube-system/cilium")
def _service_host_live(evidence: Evidence) -> Answer:
    if not facts.feature(evidence, "kube_proxy_replacement"):
        return None
    agent = evidence.api.view("cilium").view("agent").view("containers").view("cilium-agent")
    host = agent.view("env").get("KUBERNETES_SERVICE_HOST")
    return Pass(f"KUBERNETES_SERVICE_HOST is {host}") if host else Fail("the running agent has no KUBERNETES_SERVICE_HOST")


CIL_005 = CATALOGUE.rule(
    "ZT-CIL-005",
    "medium",
    stages=("network",),
    title="The API server's address survives the loss of one control-plane node",
    why="With one node's address, the loss of that node leaves every restarting agent without API server, and its node without "
    "network.",
    remediation="Point zerotrust_api_host at a virtual IP, a load balancer, or a local proxy on every node.",
    source=_KUBE_PROXY_FREE,
)


@CIL_005.check(each=facts.planned("cilium"))
def _single_point(evidence: Evidence, subject: str) -> Answer:
    host = facts.effective(evidence, subject).get("k8sServiceHost", "")
    planes = {name: node for name, node in evidence.api.view("nodes").items() if node["control_plane"]}
    if not host or len(planes) < 2:
        return None
    owner = [name for name, node in planes.items() if host in node.view("internal_ips").raw]
    return (
        Fail(f"k8sServiceHost {host} is the address of {owner[0]}, one of {len(planes)} control-plane nodes")
        if owner
        else Pass(f"{host} is no single node")
    )


CIL_033 = CATALOGUE.rule(
    "ZT-CIL-033",
    "blocker",
    stages=("network",),
    title="kube-proxy replacement is really on",
    why="Only then does Cilium translate Services; without it, and with kube-proxy gone, no Service answers.",
    remediation="Set kubeProxyReplacement: 'true' in the Cilium values, and let the agents restart.",
    source=_KUBE_PROXY_FREE,
)


@CIL_033.check(each=facts.planned("cilium"), moments=PREFLIGHT)
def _replacement_planned(evidence: Evidence, subject: str) -> Answer:
    value = facts.effective(evidence, subject).get("kubeProxyReplacement")
    if not (is_true(value) or is_false(value)):
        return Fail(f"kubeProxyReplacement is {value!r}; the chart takes only true and false")
    if facts.feature(evidence, "kube_proxy_replacement") and not is_true(value):
        return Fail(f"kubeProxyReplacement is {value!r}")
    return Pass(f"kubeProxyReplacement is {value}") if is_true(value) else None


@CIL_033.check(moments=VERIFY, subject=CONFIG)
def _replacement_live(evidence: Evidence) -> Answer:
    if not facts.feature(evidence, "kube_proxy_replacement"):
        return None
    value = facts.cilium_config(evidence).get("kube-proxy-replacement")
    return Pass("kube-proxy-replacement is true") if is_true(value) else Fail(f"kube-proxy-replacement is {value!r}")


CIL_037 = CATALOGUE.rule(
    "ZT-CIL-037",
    "blocker",
    stages=("network", "mesh"),
    title="The Cilium agent is ready on every node, with the current settings",
    why="Where it is not, there is no network for new pods, no policy for them, and no encryption.",
    remediation="kubectl -n kube-system describe pod of the agent on that node, then its log (container cilium-agent).",
    source="https://docs.cilium.io/en/stable/operations/troubleshooting/",
)


@CIL_037.check(moments=VERIFY, subject="DaemonSet kube-system/cilium")
def _agents(evidence: Evidence) -> Iterator[Pass | Fail]:
    agent = evidence.api.view("cilium").view("agent")
    trouble = facts.workload_ready(agent, "DaemonSet cilium")
    ready = {
        str(pod["node"])
        for pod in evidence.api.view("pods").view("kube-system")
        if pod.view("labels").get("k8s-app") == "cilium" and pod["ready"]
    }
    names = facts.hosts_by_node_name(evidence)
    without = sorted(host for name, host in names.items() if name in evidence.api.view("nodes") and name not in ready)
    for host in without:
        yield Fail("no ready Cilium agent on this node", subject=host)
    if trouble and not without:
        yield Fail(trouble)
    if not trouble and not without:
        yield Pass(f"ready on {len(ready)} nodes")


CIL_038 = CATALOGUE.rule(
    "ZT-CIL-038",
    "high",
    stages=("network", "mesh"),
    title="Cilium's CNI file is whole on every node",
    why="Without it the node starts no pod; where istio-cni keeps a file of its own before it, istio-cni fails and no pod joins "
    "the mesh any more.",
    remediation="Restart the Cilium agent on the node, which writes the file when it starts; site.yml does it.",
    source="https://docs.cilium.io/en/stable/network/kubernetes/configuration/#adjusting-cni-configuration",
)


@CIL_038.check(each=facts.answering_nodes, moments=VERIFY)
def _cni_file(evidence: Evidence, host: str) -> Answer:
    config = facts.cilium_config(evidence)
    if is_true(config.get("custom-cni-conf")):
        return None
    name = str(config.get("write-cni-conf-when-ready") or _CNI_FILE).rpartition("/")[2]
    cni = evidence.node(host).view("cni")
    path = f"{cni['conf_dir']}/{name}"
    file = next((one for one in cni.view("files") if one["name"] == name), None)
    if file is None:
        return Fail(f"there is no {path}")
    if not file["valid"]:
        return Fail(f"{path} is damaged: {file['error']}")
    first = str(file.view("plugins").raw[0]["type"])
    return Pass(path) if first == "cilium-cni" else Fail(f"{path} begins with {first}, not with cilium-cni")


# --- Settings that decide, as planned and as they are ---

CIL_007 = CATALOGUE.rule(
    "ZT-CIL-007",
    "high",
    stages=("network",),
    title="Encryption is on, and of the type that was meant",
    why="The chart's default type is ipsec, and a type it does not know (WireGuard with capitals, say) renders no encryption "
    "at all and no error.",
    remediation="Set encryption.enabled: true and encryption.type: wireguard, in lower case.",
    source=_WIREGUARD,
    versions="Cilium 1.18 to 1.20",
)


@CIL_007.check(each=facts.planned("cilium"))
def _encryption(evidence: Evidence, subject: str) -> Answer:
    values = facts.effective(evidence, subject)
    enabled, kind = values.find("encryption.enabled"), values.find("encryption.type")
    if not is_true(enabled):
        return Fail("encryption.enabled is not true: traffic between nodes is plain")
    if kind not in ("wireguard", "ipsec", "ztunnel"):
        return Fail(f"encryption.type is {kind!r}: nothing would be encrypted, and nothing would say so")
    if kind == "ztunnel" and facts.feature(evidence, "ambient"):
        return Fail("encryption.type is ztunnel: a second fleet of ztunnels beside Istio's, on the same ports")
    return Pass(f"encryption.type is {kind}")


CIL_009 = CATALOGUE.rule(
    "ZT-CIL-009",
    "high",
    stages=("network",),
    title="The running Cilium encrypts between nodes",
    why="What counts is the agent's own setting; the values only ask for it.",
    remediation="Run site.yml; then see the ConfigMap cilium-config for enable-wireguard.",
    source=_WIREGUARD,
)


@CIL_009.check(moments=VERIFY, subject=CONFIG)
def _encryption_live(evidence: Evidence) -> Answer:
    if not facts.feature(evidence, "wireguard"):
        return None
    value = facts.cilium_config(evidence).get("enable-wireguard")
    return Pass("enable-wireguard is true") if is_true(value) else Fail(f"enable-wireguard is {value!r}")


CIL_006 = CATALOGUE.rule(
    "ZT-CIL-006",
    "blocker",
    stages=("network",),
    title="Hubble's metrics are a list",
    why="hubble.metrics is a mapping; its key enabled takes a list of names. Any other form is refused by the chart.",
    remediation="hubble: {metrics: {enabled: [dns, drop, tcp, flow, icmp, httpV2]}}",
    source="https://docs.cilium.io/en/stable/observability/metrics/#hubble-metrics",
)


@CIL_006.check(each=facts.planned("cilium"), moments=PREFLIGHT)
def _hubble_metrics(evidence: Evidence, subject: str) -> Answer:
    given = facts.effective(evidence, subject).find("hubble.metrics")
    if given is None:
        return None
    if not isinstance(given, View) or given.is_list:
        return Fail(f"hubble.metrics is {given if not isinstance(given, View) else given.raw!r}, where a mapping is wanted")
    enabled = given.get("enabled")
    if enabled is None:
        return Pass("no metrics are asked for")
    if not isinstance(enabled, View) or not enabled.is_list:
        return Fail(
            f"hubble.metrics.enabled is {enabled if not isinstance(enabled, View) else enabled.raw!r}, where a list is wanted"
        )
    return Pass(f"{len(enabled)} metrics")


CIL_024 = CATALOGUE.rule(
    "ZT-CIL-024",
    "blocker",
    stages=("network",),
    title="Pod, Service and node networks do not overlap",
    why="Where two of them share addresses, the nodes' own network is routed into the cluster or the other way round. The "
    "chart's default pool is 10.0.0.0/8.",
    remediation="Choose another zerotrust_pod_cidrs; a running cluster's pod network cannot be changed afterwards.",
    source="https://docs.cilium.io/en/stable/network/concepts/ipam/cluster-pool/",
)


def _networks(texts: list[str], where: str) -> Iterator[tuple[str, Any]]:
    for text in texts:
        yield text, _network(text, where)


def _network(text: str, where: str) -> Any:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise Missing(where, f"{text!r} is no network") from None


@CIL_024.check(moments=BOTH)
def _overlap(evidence: Evidence) -> Iterator[Pass | Fail]:
    desired = evidence.desired
    pods = [str(one) for one in desired.view("pod_cidrs").raw]
    services = [str(one) for one in desired.view("service_cidrs").raw]
    if "cilium" in evidence.charts:
        values = facts.effective(evidence, "chart cilium")
        if values.find("ipam.mode", "cluster-pool") == "cluster-pool":
            pool = values.find("ipam.operator.clusterPoolIPv4PodCIDRList")
            pods += [str(one) for one in (pool.raw if isinstance(pool, View) else [pool] if pool else []) if str(one) not in pods]
    addresses: dict[str, str] = {}
    for host, node in desired.view("nodes").items():
        for address in node.view("ips").raw:
            addresses[str(address)] = host
    found = False
    for text, network in _networks(pods, "desired.pod_cidrs"):
        for other, service in _networks(services, "desired.service_cidrs"):
            if network.version == service.version and network.overlaps(service):
                found = True
                yield Fail(f"it overlaps the Service network {other}", subject=f"pod network {text}")
        inside = [f"{host} ({address})" for address, host in addresses.items() if _inside(address, network)]
        if inside:
            found = True
            yield Fail(f"the nodes' own addresses lie in it: {listed(inside, 4)}", subject=f"pod network {text}")
    for text, service in _networks(services, "desired.service_cidrs"):
        inside = [f"{host} ({address})" for address, host in addresses.items() if _inside(address, service)]
        if inside:
            found = True
            yield Fail(
                f"the nodes' own addresses lie in it: {listed(inside, 4)}",
                "Correct zerotrust_service_cidrs.",
                subject=f"Service network {text}",
            )
    if not found:
        yield Pass(f"pods {listed(pods) or 'unset'}, Services {listed(services) or 'unset'}, {len(addresses)} node addresses")


def _inside(address: str, network: Any) -> bool:
    try:
        return ipaddress.ip_address(address) in network
    except ValueError:
        return False


CIL_034 = CATALOGUE.rule(
    "ZT-CIL-034",
    "blocker",
    stages=("network",),
    title="The pod networks of the inventory are those of the nodes",
    why="Rules, policies and masquerading are made for the inventory's networks. Pods outside them are treated as strangers.",
    remediation="Set zerotrust_pod_cidrs to what the cluster was made with (kubeadm: networking.podSubnet), or re-create the "
    "cluster.",
    source="https://docs.cilium.io/en/stable/network/concepts/ipam/",
)


@CIL_034.check(each=facts.planned("cilium"), moments=BOTH)
def _pod_cidrs(evidence: Evidence, subject: str) -> Iterator[Pass | Fail]:
    pods = [
        network for _text, network in _networks([str(one) for one in evidence.desired.view("pod_cidrs").raw], "desired.pod_cidrs")
    ]
    if not pods:
        return
    mode = facts.effective(evidence, subject).find("ipam.mode", "cluster-pool")
    if mode == "kubernetes":
        ranges = {name: node.view("pod_cidrs").raw for name, node in evidence.api.view("nodes").items()}
        source = "its node object"
    elif evidence.moment == "verify" and evidence.api.view("cilium")["nodes"] is not None:
        ranges = {name: node.view("pod_cidrs").raw for name, node in evidence.api.view("cilium").view("nodes").items()}
        source = "its CiliumNode"
    else:
        return
    wrong = False
    for name, given in ranges.items():
        outside = [text for text, network in _networks(list(given), f"api.nodes.{name}.pod_cidrs") if not _within(network, pods)]
        if outside:
            wrong = True
            yield Fail(
                f"{source} says {listed(outside)}, outside zerotrust_pod_cidrs ({listed(str(one) for one in pods)})", subject=name
            )
    if not wrong:
        yield Pass(f"{len(ranges)} nodes within {listed(str(one) for one in pods)}", subject="cluster")


def _within(network: Any, wider: list[Any]) -> bool:
    return any(network.version == one.version and network.subnet_of(one) for one in wider)
