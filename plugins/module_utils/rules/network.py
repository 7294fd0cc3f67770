# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about the network: charts and versions as planned, Cilium as it runs, WireGuard between every two nodes."""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Iterator, Mapping
from typing import Any

from ..evidence import peers, versions
from ..evidence.bundle import Evidence, Missing, View, dotted
from . import facts
from .facts import (
    BOTH,
    PREFLIGHT,
    VERIFY,
    is_false,
    is_true,
    listed,
)
from .rule import STAGES, Answer, Catalogue, Fail, Pass

CATALOGUE = Catalogue("network")

_KUBE_PROXY_FREE = "https://docs.cilium.io/en/stable/network/kubernetes/kubeproxy-free/"
_WIREGUARD = "https://docs.cilium.io/en/stable/security/network/encryption-wireguard/"
_HELM = "https://docs.cilium.io/en/stable/helm-reference/"

CONFIG = "ConfigMap kube-system/cilium-config"
_CNI_FILE = "05-cilium.conflist"

# --- Versions and charts ---

VER_001 = CATALOGUE.rule(
    "ZT-VER-001",
    "blocker",
    stages=("network", "policy", "mesh"),
    title="The Kubernetes version is one that the component supports",
    why="Outside its range a component is untested; Istio's own check refuses it.",
    remediation="Upgrade the cluster, or choose a version of the component that supports it.",
    source="https://istio.io/latest/docs/releases/supported-releases/",
)


@VER_001.check(each=facts.charts)
def _kubernetes(evidence: Evidence, subject: str) -> Answer:
    name = subject.removeprefix("chart ")
    project = versions.PROJECT_OF_CHART.get(name)
    if project is None or name in ("base", "cni", "ztunnel"):
        return None
    asked = str(facts.chart(evidence, subject)["version"])
    supported = versions.kubernetes_range(project, asked)
    have = str(evidence.api["version"])
    if supported is None:
        raise Missing(f"charts.{name}.version", f"which Kubernetes {project} {asked} supports is not known to this collection")
    inside = versions.in_minor_range(have, *supported)
    if inside is None:
        raise Missing("api.version", f"{have!r} is no version")
    said = f"Kubernetes {have}; {project} {asked} supports {supported[0]} to {supported[1]}"
    return Pass(said) if inside else Fail(said)


VER_002 = CATALOGUE.rule(
    "ZT-VER-002",
    "medium",
    stages=("network", "policy", "mesh"),
    title="The chart's version is one that these rules know",
    why="Keys, defaults and bugs differ from version to version. Outside this range roles and rules were tried by nobody, and "
    "older ones get no fixes.",
    remediation="Choose a version in the range, or leave the version out: then the pinned one is installed.",
    source="https://istio.io/latest/docs/releases/supported-releases/",
)


@VER_002.check(each=facts.charts)
def _known_version(evidence: Evidence, subject: str) -> Answer:
    project = versions.PROJECT_OF_CHART.get(subject.removeprefix("chart "))
    if project is None:
        return None
    version = str(facts.chart(evidence, subject)["version"])
    first, end = versions.SUPPORTED[project]
    said = f"{version}; known are {first} up to, and without, {end}"
    inside = versions.at_least(version, first) and not versions.at_least(version, end)
    return Pass(said) if inside else Fail(said)


VER_011 = CATALOGUE.rule(
    "ZT-VER-011",
    "high",
    stages=STAGES,
    title="The chart knows every value that is set",
    why="No chart of this platform rejects a key it does not know: it is ignored without a word, and what it was meant to "
    "secure is not secured.",
    remediation="Remove the key, or write the one that was meant.",
    source=_HELM,
)


@VER_011.check(each=facts.charts)
def _known_keys(evidence: Evidence, subject: str) -> Iterator[Pass | Fail]:
    one = facts.chart(evidence, subject)
    variable = facts.variable(evidence, subject)
    problems = one.view("problems").raw
    origins = one.get("origins").raw
    named = one.view("chart")
    for problem in problems:
        path, suggestion, why = problem["path"], problem["suggestion"], problem["why"]
        where = origins.get(path, "")
        behind = f" ({where})" if where else ""
        message = f"chart {named['name']} {named['version']} does not know this key{behind}"
        if why:
            message += f": {why}"
        if suggestion:
            remedy = f"In {where or variable}, write {suggestion} instead of {path}."
        else:
            remedy = f"Remove {path} from {where or variable}."
        seen = [(f"{variable}.{path}", "set"), ("origin", where or "unknown")]
        yield Fail(message, remedy, subject=f"{variable}: {path}", seen=seen, place=where)
    if not problems:
        yield Pass(f"all keys of {variable} are known")


VER_015 = CATALOGUE.rule(
    "ZT-VER-015",
    "blocker",
    stages=("network", "policy", "mesh"),
    title="The chart accepts its values",
    why="A value of the wrong form ends the installation half-way through a run.",
    remediation="Correct the value that Helm names.",
    source=_HELM,
)


@VER_015.check(each=facts.charts, moments=PREFLIGHT)
def _renders(evidence: Evidence, subject: str) -> Answer:
    if subject == "chart base":
        return None
    error = facts.chart(evidence, subject)["render_error"]
    if error is None:
        return Pass("it renders")
    return Fail(f"helm template: {error}", f"Correct the value in {facts.variable(evidence, subject)} that Helm names.")


VER_016 = CATALOGUE.rule(
    "ZT-VER-016",
    "blocker",
    stages=("network", "policy", "mesh"),
    title="The Helm release is deployed",
    why="A release left pending or failed by an interrupted run is not what its values say, and Helm refuses to go on from a "
    "pending one.",
    remediation="Run site.yml again: it frees a stuck release and installs it anew.",
    source="https://helm.sh/docs/helm/helm_status/",
)


@VER_016.check(each=facts.charts, moments=VERIFY)
def _released(evidence: Evidence, subject: str) -> Answer:
    one = facts.chart(evidence, subject)
    releases = evidence.api.view("releases").view(str(one["namespace"]))
    name = str(one["release"])
    if name not in releases:
        return Fail(f"there is no release {one['namespace']}/{name}", "Run site.yml: it installs it.")
    found = releases.view(name)
    if found["status"] != "deployed":
        return Fail(f"revision {found['revision']} of {name} is {found['status']}")
    if found["version"] != one["version"]:
        return Fail(
            f"{name} is chart version {found['version']}, wanted is {one['version']}", "Run site.yml: it upgrades the release."
        )
    return Pass(f"{name} {found['version']}, revision {found['revision']}")


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


# --- WireGuard between the nodes ---

CIL_035 = CATALOGUE.rule(
    "ZT-CIL-035",
    "blocker",
    stages=("network",),
    title="Every node is a WireGuard peer of every other, by the key it publishes",
    why="To a node that is no peer, or known by an old key, pods send plain or not at all.",
    remediation="Restart the Cilium agent on the node that misses the peer; delete a CiliumNode whose node is gone.",
    source=_WIREGUARD,
)


def _cilium_nodes(evidence: Evidence) -> View:
    found = evidence.api.view("cilium")["nodes"]
    if found is None:
        raise Missing("api.cilium.nodes", "there are no CiliumNodes: Cilium's operator has not run")
    return evidence.api.view("cilium").view("nodes")


def _interface(evidence: Evidence, host: str) -> View | None:
    for interface in evidence.node(host).view("wireguard").view("interfaces"):
        if interface["name"] == "cilium_wg0":
            return interface  # type: ignore[no-any-return]
    return None


def _published(evidence: Evidence) -> tuple[dict[str, str | None], dict[str, str], list[str]]:
    """Return the keys that CiliumNodes publish: by node, the nodes by key, and the nodes that publish none."""
    if "published" not in evidence.memo:
        by_node = {name: node.get("public_key") for name, node in _cilium_nodes(evidence).raw.items()}
        names = {key: name for name, key in by_node.items() if key}
        evidence.memo["published"] = by_node, names, sorted(name for name, key in by_node.items() if not key)
    return evidence.memo["published"]  # type: ignore[no-any-return]


@CIL_035.check(each=facts.answering_nodes, moments=VERIFY)
def _peers(evidence: Evidence, host: str) -> Answer:
    if not facts.feature(evidence, "wireguard"):
        return None
    interface = _interface(evidence, host)
    if interface is None:
        return Fail("there is no interface cilium_wg0", "Look at the log of the Cilium agent on this node for 'wireguard'.")
    own = facts.node_name(evidence, host)
    published, names, unpublished = _published(evidence)
    if own not in published:
        return Fail(f"there is no CiliumNode {own}", "Restart the Cilium agent on this node.")
    if published[own] != interface["public_key"]:
        return Fail("its own key is not the one its CiliumNode publishes", "Restart the Cilium agent on this node.")
    absent, strangers, unclear, count = _differing(evidence, interface, own, names)
    said = []
    if absent:
        said.append(f"no peer for {listed(absent)}")
    if unpublished:
        said.append(f"no key published by {listed(unpublished)}")
    if strangers:
        said.append(f"{strangers} peers whose key no CiliumNode publishes")
    if unclear:
        said.append("more keys differ than its evidence can name")
    expected = len(published) - 1
    return Fail("; ".join(said) + f" ({count} of {expected} peers)") if said else Pass(f"{count} of {expected} peers")


def _differing(evidence: Evidence, interface: View, own: str, names: Mapping[str, str]) -> tuple[list[str], int, bool, int]:
    """Return the nodes that are no peer, how many peers are no node, whether more differ, and how many peers there are."""
    if "all_peers" not in interface:
        have = {peer["public_key"] for peer in interface.view("peers").raw}
        absent = sorted(names[key] for key in names.keys() - have if names[key] != own)
        return absent, len(have - names.keys()), False, len(have)
    if "every key" not in evidence.memo:
        evidence.memo["every key"] = peers.Published(names)
    every = interface.view("all_peers")
    count = int(every["count"])
    try:
        found = evidence.memo["every key"].difference(str(interface["public_key"]), count, str(every["keys"]))
    except peers.DigestError as error:
        raise Missing(dotted((*every.path, "keys")), str(error)) from None
    return sorted(names[key] for key in found.absent), found.strangers, found.unclear, count


CIL_036 = CATALOGUE.rule(
    "ZT-CIL-036",
    "high",
    stages=("network",),
    title="Every WireGuard peer shakes hands",
    why="A peer without handshake carries nothing: the port is closed, or the other side has another key.",
    remediation="Open 51871/udp between all nodes; then compare the keys (ZT-CIL-035).",
    source="https://www.wireguard.com/protocol/",
)

_SESSION_S = peers.QUIET_S
# Starting a handshake over, a slow machine, the time between reading one node and the other.
_SLACK_S = 60


def _probe_interval(evidence: Evidence, count: int) -> float | None:
    """Return how often something is sent to every peer for certain, in seconds; None when nothing is.

    cilium-health probes the health endpoint of every node. In tunnel mode everything in the tunnel is encrypted, also what the
    agent itself sends; with native routing only if nodes are encrypted too.
    """
    config = facts.cilium_config(evidence)
    keepalive = str(config.get("wireguard-persistent-keepalive") or "0s")
    if keepalive not in ("0s", "0", ""):
        return float(_SESSION_S)
    probing = not is_false(config.get("enable-health-checking")) and not is_false(config.get("enable-endpoint-health-checking"))
    carried = config.get("routing-mode") == "tunnel" or is_true(config.get("encrypt-node"))
    if not probing or not carried:
        return None
    # The agent's own formula: the interval grows with the logarithm of the number of addresses, two of them for each node.
    return (10 + 50) * math.log1p(4 * (count + 1))


def _youngest_agent(evidence: Evidence, names: set[str]) -> float:
    """Return for how many seconds every agent of these nodes has been ready."""
    from ..evidence import certificate

    if "agents" not in evidence.memo:
        pods = evidence.api.view("pods").view("kube-system").raw
        evidence.memo["agents"] = {
            pod["node"]: pod.get("ready_since") for pod in pods if pod["labels"].get("k8s-app") == "cilium"
        }
    now = certificate.moment(evidence.collected_at)
    since = [evidence.memo["agents"].get(name) for name in names]
    return min((now - certificate.moment(one)).total_seconds() if one else 0.0 for one in since)


@CIL_036.check(each=facts.answering_nodes, moments=VERIFY)
def _handshakes(evidence: Evidence, host: str) -> Answer:
    if not facts.feature(evidence, "wireguard"):
        return None
    interface = _interface(evidence, host)
    if interface is None:
        raise Missing(f"nodes.{host}.wireguard.interfaces", "there is no interface cilium_wg0")
    listed_peers = interface.view("peers").raw
    every = interface.view("all_peers").raw if "all_peers" in interface else None
    count = int(every["count"]) if every else len(listed_peers)
    names = _published(evidence)[1]
    now = float(evidence.node(host).view("clock")["epoch"])
    interval = _probe_interval(evidence, count)
    limit = _SESSION_S + _SLACK_S + (interval or 0)
    never: list[str] = []
    silent: list[str] = []
    idle: list[str] = []
    newest = now - float(every["oldest_handshake"]) if every and every["oldest_handshake"] is not None else 0.0
    for peer in listed_peers:
        name = names.get(peer["public_key"], "a peer that no CiliumNode names")
        if peer.get("latest_handshake") is None:
            (never if peer.get("tx_bytes") or interval else idle).append(name)
            continue
        age = now - float(peer["latest_handshake"])
        newest = max(newest, age)
        if age > limit:
            (silent if interval else idle).append(f"{name} ({_age(age)} ago)")
    # Those that are not listed are no worse than the last one that is.
    unlisted = int(every["quiet"]) - len(listed_peers) if every else 0
    more = f", and up to {unlisted} more that its evidence does not list" if unlisted > 0 else ""
    young = _youngest_agent(evidence, {facts.node_name(evidence, host), *never})
    if never and young < limit:
        raise Missing(
            f"nodes.{host}.wireguard.interfaces",
            f"no handshake yet with {listed(never)}{more}, but an agent has been ready for {_age(young)} only; "
            f"traffic makes one within {_age(limit)}",
        )
    if never:
        return Fail(f"no handshake ever with {listed(never)}{more}")
    if silent:
        return Fail(f"last handshake with {listed(silent)}{more}; traffic makes one at least every {_age(limit)}")
    if idle:
        raise Missing(
            f"nodes.{host}.wireguard.interfaces",
            f"no handshake of late with {listed(idle)}{more}; nothing sends to every peer in this mode, so silence may be peace "
            "or trouble",
        )
    return Pass(f"{count} peers, the oldest handshake {_age(newest)} ago") if count else Pass("no other node")


def _age(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"


# --- Certificates ---

PKI_001 = CATALOGUE.rule(
    "ZT-PKI-001",
    "blocker",
    stages=STAGES,
    title="No certificate has ended",
    why="A certificate that has ended stops what it was made for at once: webhooks, kubelets, Hubble, the mesh.",
    remediation="Renew it: kubeadm certs renew (nodes), restart the component that issues it (webhooks), or run site.yml "
    "(Hubble).",
    source="https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-certs/",
)
PKI_002 = CATALOGUE.rule(
    "ZT-PKI-002",
    "medium",
    stages=STAGES,
    title="Certificates have enough life left",
    why="Renewal takes people and time; what renews itself does so well before.",
    remediation="Renew it now, or find out why it was not renewed by itself.",
    source="https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-certs/",
)
_WARN_DAYS = 30


def _certificates(evidence: Evidence) -> Iterator[tuple[str, str, list[dict[str, Any]]]]:
    """Yield what each certificate belongs to: (subject, description, certificates)."""
    api = evidence.api
    for title, layer, key in (("Istio root", "istio", "root_certificates"), ("Hubble server", "cilium", "hubble_certificates")):
        found = api.view(layer)[key]
        if found is not None:
            yield title, "", found.raw
    for hook in api.view("webhooks").raw:
        if hook.get("ca_bundle"):
            yield f"webhook {hook['name']}", f"the CA in {hook['configuration']}", hook["ca_bundle"]


def _node_certificates(evidence: Evidence, host: str) -> list[tuple[str, dict[str, Any]]]:
    from ..evidence import certificate

    known = evidence.memo.setdefault("certificates", {})
    described = []
    for one in evidence.node(host).view("certificates"):
        path = str(one["path"])
        if "described" in one:
            # In evidence that was redacted they are described already.
            described += [(path, found) for found in one.view("described").raw]
            continue
        pem = str(one["pem"])
        try:
            # The cluster's own certificate lies on every node, and two rules ask for each.
            if pem not in known:
                known[pem] = certificate.describe(pem)
        except certificate.CertificateError as error:
            raise Missing(f"nodes.{host}.certificates", f"{path}: {error}") from None
        described += [(path, found) for found in known[pem]]
    return described


def _life(evidence: Evidence, certificates: list[tuple[str, dict[str, Any]]], ended: bool, subject: str) -> Pass | Fail | None:
    from ..evidence import certificate

    now = evidence.collected_at
    bad, least = [], None
    for name, one in certificates:
        left, life = certificate.remaining(one, now).total_seconds() / 86400, certificate.lifetime(one).total_seconds() / 86400
        least = left if least is None else min(least, left)
        what = f"{name}: " if name else ""
        if ended and left <= 0:
            bad.append(f"{what}ended on {one['not_after'][:10]}")
        elif not ended and 0 < left < min(_WARN_DAYS, life / 5):
            bad.append(f"{what}ends in {left:.0f} days ({one['not_after'][:10]})")
    if least is None:
        return None
    return (
        Fail(listed(bad, 4), subject=subject)
        if bad
        else Pass(f"{len(certificates)}, the first ends in {least:.0f} days", subject=subject)
    )


def _each_certificate(evidence: Evidence, ended: bool) -> Iterator[Pass | Fail]:
    for subject, name, certificates in _certificates(evidence):
        answer = _life(evidence, [(name, one) for one in certificates], ended, subject)
        if answer is not None:
            yield answer


@PKI_001.check(subject="cluster certificates")
def _ended(evidence: Evidence) -> Iterator[Pass | Fail]:
    return _each_certificate(evidence, True)


@PKI_001.check(each=facts.answering_nodes)
def _ended_on_node(evidence: Evidence, host: str) -> Answer:
    return _life(evidence, _node_certificates(evidence, host), True, host)


@PKI_002.check(subject="cluster certificates")
def _ending(evidence: Evidence) -> Iterator[Pass | Fail]:
    return _each_certificate(evidence, False)


@PKI_002.check(each=facts.answering_nodes)
def _ending_on_node(evidence: Evidence, host: str) -> Answer:
    return _life(evidence, _node_certificates(evidence, host), False, host)
