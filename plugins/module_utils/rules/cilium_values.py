# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about settings of Cilium that are accepted without a word and secure less than they seem to."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from typing import Any

from ..evidence import versions
from ..evidence.bundle import Evidence, Missing, View
from . import facts
from .facts import BOTH, VERIFY, is_true, listed
from .network import CONFIG
from .rule import Answer, Catalogue, Fail, Pass

CATALOGUE = Catalogue("network")

_ENCRYPTION = "https://docs.cilium.io/en/stable/security/network/encryption/"
_WIREGUARD = "https://docs.cilium.io/en/stable/security/network/encryption-wireguard/"
_HELM = "https://docs.cilium.io/en/stable/helm-reference/"

# --- Strict mode of the encryption ---

CIL_011 = CATALOGUE.rule(
    "ZT-CIL-011",
    "high",
    stages=("network",),
    title="Strict mode is asked for by keys that this chart reads",
    why="Cilium 1.19 moved strict mode to encryption.strictMode.egress and .ingress, 1.20 took the old keys away. Keys of the "
    "other version are ignored without a word, and strict mode is off.",
    remediation="Cilium 1.19 and newer: encryption: {strictMode: {egress: {enabled: true, cidr: <pod network>}}}. Before: "
    "encryption: {strictMode: {enabled: true, cidr: <pod network>}}.",
    source=_ENCRYPTION,
    versions="Cilium <= 1.18 and >= 1.20",
)


@CIL_011.check(each=facts.planned("cilium"))
def _strict_keys(evidence: Evidence, subject: str) -> Answer:
    values = facts.effective(evidence, subject)
    version = str(facts.chart(evidence, subject)["version"])
    old = is_true(values.find("encryption.strictMode.enabled"))
    new = [way for way in ("egress", "ingress") if is_true(values.find(f"encryption.strictMode.{way}.enabled"))]
    if old and versions.at_least(version, "1.20.0"):
        return Fail(f"encryption.strictMode.enabled is true; chart {version} does not read it")
    if new and not versions.at_least(version, "1.19.0"):
        return Fail(f"encryption.strictMode.{new[0]}.enabled is true; chart {version} does not read it")
    return Pass("strict mode is asked for by keys that are read" if old or new else "strict mode is not asked for")


def _strict_egress(evidence: Evidence, subject: str) -> View | None:
    """Return the settings of strict egress that this version of the chart reads, when it is on."""
    strict = facts.effective(evidence, subject).find("encryption.strictMode")
    version = str(facts.chart(evidence, subject)["version"])
    if not isinstance(strict, View):
        return None
    egress = strict.get("egress")
    if isinstance(egress, View) and versions.at_least(version, "1.19.0") and is_true(egress.get("enabled")):
        return egress
    return strict if is_true(strict.get("enabled")) and not versions.at_least(version, "1.20.0") else None


def _strict_cidr(strict: View) -> Any:
    """Return the network that strict egress covers, None when it is none."""
    try:
        return ip_network(str(strict.get("cidr") or ""), strict=False)
    except ValueError:
        return None


CIL_013 = CATALOGUE.rule(
    "ZT-CIL-013",
    "high",
    stages=("network",),
    title="Strict egress covers every protocol the pods have",
    why="Strict egress knows IPv4 only: what pods send over IPv6 before Cilium knows the destination leaves the node in plain "
    "text.",
    remediation="Set ipv6.enabled: false, or do not count on strict mode.",
    source=_ENCRYPTION,
)


@CIL_013.check(each=facts.planned("cilium"))
def _strict_ipv6(evidence: Evidence, subject: str) -> Answer:
    if _strict_egress(evidence, subject) is None:
        return Pass("strict egress is off")
    six = facts.effective(evidence, subject).find("ipv6.enabled")
    return Fail("ipv6.enabled is true, and strict egress does not cover IPv6") if is_true(six) else Pass("pods have IPv4 only")


CIL_014 = CATALOGUE.rule(
    "ZT-CIL-014",
    "blocker",
    stages=("network",),
    title="Strict egress lets the nodes themselves through",
    why="In tunnel mode, and where node addresses lie in the strict network, Cilium must look up the identities of remote nodes; "
    "without that, what nodes and pods send each other is dropped.",
    remediation="encryption: {strictMode: {egress: {allowRemoteNodeIdentities: true}}}",
    source=_ENCRYPTION,
)


@CIL_014.check(each=facts.planned("cilium"))
def _strict_nodes(evidence: Evidence, subject: str) -> Answer:
    strict = _strict_egress(evidence, subject)
    if strict is None:
        return Pass("strict egress is off")
    if is_true(strict.get("allowRemoteNodeIdentities")):
        return Pass("allowRemoteNodeIdentities is true")
    # The chart's default is empty, which the agent takes for tunnel.
    if facts.effective(evidence, subject).get("routingMode") != "native":
        return Fail("allowRemoteNodeIdentities is not true, and routingMode is tunnel")
    cidr = _strict_cidr(strict)
    if cidr is None:
        raise Missing(f"charts.cilium.effective.{strict.path[-1]}.cidr", "strict egress has no network to compare with")
    inside = [
        f"{host} ({address})"
        for host, node in evidence.desired.view("nodes").items()
        for address in node.view("ips").raw
        if ip_address(str(address)) in cidr
    ]
    if inside:
        return Fail(f"allowRemoteNodeIdentities is not true, and {cidr} holds node addresses: {listed(inside, 4)}")
    return Pass(f"native routing, and no node address in {cidr}")


CIL_015 = CATALOGUE.rule(
    "ZT-CIL-015",
    "high",
    stages=("network",),
    title="Strict egress covers the whole pod network",
    why="What pods send to addresses outside its network may leave the node in plain text, as without strict mode.",
    remediation="Set encryption.strictMode.egress.cidr to a network that holds all of zerotrust_pod_cidrs.",
    source=_ENCRYPTION,
)


@CIL_015.check(each=facts.planned("cilium"))
def _strict_covers(evidence: Evidence, subject: str) -> Answer:
    strict = _strict_egress(evidence, subject)
    if strict is None:
        return Pass("strict egress is off")
    cidr = _strict_cidr(strict)
    if cidr is None:
        return Fail(f"its cidr is {strict.get('cidr')!r}, which is no network")
    pods = [str(one) for one in evidence.desired.view("pod_cidrs").raw]
    values = facts.effective(evidence, subject)
    if values.find("ipam.mode", "cluster-pool") == "cluster-pool":
        pool = values.find("ipam.operator.clusterPoolIPv4PodCIDRList")
        pods += [str(one) for one in (pool.raw if isinstance(pool, View) else [pool] if pool else [])]
    networks = {ip_network(one, strict=False) for one in pods}
    four = sorted(network for network in networks if network.version == 4)
    if not four:
        raise Missing("desired.pod_cidrs", "no IPv4 pod network is known")
    outside = [str(network) for network in four if cidr.version != 4 or not network.subnet_of(cidr)]
    return Fail(f"{listed(outside)} is not within {cidr}") if outside else Pass(f"{cidr} holds {listed(map(str, four))}")


CIL_016 = CATALOGUE.rule(
    "ZT-CIL-016",
    "blocker",
    stages=("network",),
    title="Strict ingress is used only where it is supported",
    why="It drops what did not come through WireGuard. Cilium does not support it with another encryption, behind another CNI, "
    "or in 1.19 with native routing.",
    remediation="Set encryption.type: wireguard and no cni.chainingMode, or encryption.strictMode.ingress.enabled: false.",
    source=_ENCRYPTION,
    versions="Cilium >= 1.19",
)


@CIL_016.check(each=facts.planned("cilium"))
def _strict_ingress(evidence: Evidence, subject: str) -> Answer:
    values = facts.effective(evidence, subject)
    version = str(facts.chart(evidence, subject)["version"])
    if not is_true(values.find("encryption.strictMode.ingress.enabled")) or not versions.at_least(version, "1.19.0"):
        return Pass("strict ingress is off")
    kind = values.find("encryption.type")
    if not is_true(values.find("encryption.enabled")) or kind != "wireguard":
        return Fail("it is on, and encryption is not WireGuard's")
    chaining = values.find("cni.chainingMode")
    if chaining not in (None, "", "none"):
        return Fail(f"it is on, and cni.chainingMode is {chaining}")
    if values.get("routingMode") == "native" and not versions.at_least(version, "1.20.0"):
        return Fail(f"it is on, and routingMode is native with Cilium {version}")
    return Pass("WireGuard, not chained")


# --- What WireGuard does not carry ---

CIL_021 = CATALOGUE.rule(
    "ZT-CIL-021",
    "high",
    stages=("network",),
    title="What comes from outside is encrypted from node to node",
    why="A request for a NodePort or LoadBalancer that one node hands to another is not encrypted with XDP acceleration, nor "
    "with direct server return in another dispatch than geneve.",
    remediation="Leave loadBalancer.acceleration at disabled and loadBalancer.mode at snat (or set loadBalancer.dsrDispatch: "
    "geneve).",
    source=_WIREGUARD,
    versions="Cilium with kubeProxyReplacement",
)


def _balanced(acceleration: Any, mode: Any, dispatch: Any) -> Answer:
    if acceleration not in (None, "", "disabled"):
        return Fail(f"XDP acceleration is {acceleration}")
    if mode in ("dsr", "hybrid") and dispatch != "geneve":
        return Fail(f"the load balancer's mode is {mode}, with dispatch {dispatch or 'opt'}")
    return Pass(f"no XDP acceleration, mode {mode or 'snat'}")


@CIL_021.check(each=facts.planned("cilium"))
def _balanced_planned(evidence: Evidence, subject: str) -> Answer:
    values = facts.effective(evidence, subject)
    wireguard = is_true(values.find("encryption.enabled")) and values.find("encryption.type") == "wireguard"
    if not wireguard or not is_true(values.get("kubeProxyReplacement")):
        return None
    return _balanced(*(values.find(f"loadBalancer.{key}") for key in ("acceleration", "mode", "dsrDispatch")))


@CIL_021.check(moments=VERIFY, subject=CONFIG)
def _balanced_live(evidence: Evidence) -> Answer:
    config = facts.cilium_config(evidence)
    if not is_true(config.get("enable-wireguard")) or not is_true(config.get("kube-proxy-replacement")):
        return None
    return _balanced(*(config.get(f"bpf-lb-{key}") for key in ("acceleration", "mode", "dsr-dispatch")))


# --- Settings that cut off ---

CIL_027 = CATALOGUE.rule(
    "ZT-CIL-027",
    "high",
    stages=("network",),
    title="Where policy is always enforced, the platform's namespaces have policies",
    why="With policyEnforcementMode always, a pod that no policy selects may neither send nor receive: DNS, istiod and webhooks "
    "stop.",
    remediation="Leave policyEnforcementMode at default, or apply policies to these namespaces first.",
    source="https://docs.cilium.io/en/stable/security/policy/intro/#policy-enforcement-modes",
)
_PROBES = {"169.254.7.127/32", "fd16:9254:7127:1337:ffff:ffff:ffff:ffff/128"}


def more_than_probes(spec: Any) -> bool:
    """Return whether a clusterwide policy says anything about pods but that Istio's probes may come in."""
    if "nodeSelector" in spec:
        return False
    return bool(spec.get("egress")) or any(
        set(rule) - {"fromCIDR"} or set(rule.get("fromCIDR") or []) - _PROBES for rule in spec.get("ingress") or []
    )


def _covered(evidence: Evidence, mode: Any) -> Answer:
    if mode != "always":
        return Pass(f"policy enforcement is {mode}")
    everywhere = facts.policies(evidence, "cilium_clusterwide_network_policies")
    clusterwide = [one["name"] for one in everywhere if more_than_probes(one["spec"])]
    kinds = ("network_policies", "cilium_network_policies")
    have = {one["namespace"] for kind in kinds for one in facts.policies(evidence, kind)}
    names = sorted({str(one) for one in evidence.api.view("namespaces_of").raw.values()} & set(evidence.api.view("namespaces")))
    bare = [name for name in names if name not in have]
    if bare and clusterwide:
        raise Missing(
            "api.pods",
            f"whether {listed(clusterwide, 3)} selects the pods of {listed(bare)} is not in the evidence of their labels",
        )
    return Fail(f"policy enforcement is always, and no policy is in {listed(bare)}") if bare else Pass("each has a policy")


@CIL_027.check(each=facts.planned("cilium"), moments=BOTH)
def _always_planned(evidence: Evidence, subject: str) -> Answer:
    return _covered(evidence, facts.effective(evidence, subject).get("policyEnforcementMode", "default"))


@CIL_027.check(moments=VERIFY, subject=CONFIG)
def _always_live(evidence: Evidence) -> Answer:
    return _covered(evidence, facts.cilium_config(evidence).get("enable-policy", "default"))


CIL_030 = CATALOGUE.rule(
    "ZT-CIL-030",
    "low",
    stages=("network",),
    title="Cilium is the network, and not chained behind another one",
    why="cni.chainingMode puts Cilium behind another network's plugin. Istio needs nothing of the kind: istio-cni adds itself "
    "behind Cilium.",
    remediation="Remove cni.chainingMode and cni.chainingTarget from the Cilium values.",
    source="https://docs.cilium.io/en/stable/installation/cni-chaining/",
    versions="Cilium 1.16 to 1.21",
)


def _chained(mode: Any) -> Pass | Fail:
    # portmap stands behind Cilium, not before it.
    return Pass("it is not") if mode in (None, "", "none", "portmap") else Fail(f"the chaining mode is {mode}")


@CIL_030.check(each=facts.planned("cilium"))
def _chained_planned(evidence: Evidence, subject: str) -> Answer:
    values = facts.effective(evidence, subject)
    target = values.find("cni.chainingTarget")
    # With a target alone the agent takes generic-veth.
    return Fail(f"cni.chainingTarget is {target}") if target else _chained(values.find("cni.chainingMode"))


@CIL_030.check(moments=VERIFY, subject=CONFIG)
def _chained_live(evidence: Evidence) -> Answer:
    return _chained(facts.cilium_config(evidence).get("cni-chaining-mode"))


# --- Running it ---

CIL_028 = CATALOGUE.rule(
    "ZT-CIL-028",
    "medium",
    stages=("network",),
    title="A changed configuration restarts the agents",
    why="Agents read most of the ConfigMap cilium-config only when they start. Without the restart the cluster goes on with the "
    "old settings, and each agent takes the new ones whenever it happens to restart.",
    remediation="Set rollOutCiliumPods: true in the Cilium values.",
    source=_HELM,
)


@CIL_028.check(each=facts.planned("cilium"))
def _rolls_out(evidence: Evidence, subject: str) -> Answer:
    value = facts.effective(evidence, subject).get("rollOutCiliumPods")
    return Pass("rollOutCiliumPods is true") if is_true(value) else Fail(f"rollOutCiliumPods is {value!r}")


CIL_031 = CATALOGUE.rule(
    "ZT-CIL-031",
    "low",
    stages=("network",),
    title="Hubble Relay asks who calls it",
    why="Without TLS on its server every pod of the cluster that reaches Relay reads the flows of all namespaces.",
    remediation="hubble: {relay: {tls: {server: {enabled: true, mtls: true}}}}",
    source=_HELM,
)


@CIL_031.check(each=facts.planned("cilium"))
def _relay(evidence: Evidence, subject: str) -> Answer:
    values = facts.effective(evidence, subject)
    if not is_true(values.find("hubble.relay.enabled")):
        return Pass("there is no Relay")
    if not is_true(values.find("hubble.tls.enabled", True)) or not is_true(values.find("hubble.relay.tls.server.enabled")):
        return Fail("Relay's server has no TLS")
    if not is_true(values.find("hubble.relay.tls.server.mtls")):
        return Fail("Relay's server has TLS, and asks for no certificate")
    return Pass("Relay's server asks for a certificate")


CIL_032 = CATALOGUE.rule(
    "ZT-CIL-032",
    "low",
    stages=("network", "mesh", "enforcement"),
    title="No PodDisruptionBudget pretends to protect an agent",
    why="Cilium's agent, istio-cni and ztunnel are DaemonSets. A drain passes over their pods, and a rollout goes by the "
    "updateStrategy: a budget for them does nothing.",
    remediation="Delete it; set updateStrategy.rollingUpdate.maxUnavailable in the chart's values.",
    source="https://kubernetes.io/docs/tasks/administer-cluster/safely-drain-node/",
)
_AGENTS = (("k8s-app", "cilium"), ("k8s-app", "istio-cni-node"), ("app", "ztunnel"))


@CIL_032.check()
def _budgets(evidence: Evidence) -> Iterator[Pass | Fail]:
    budgets = evidence.api.view("budgets").raw
    platform = set(evidence.api.view("namespaces_of").raw.values())
    idle = [
        one
        for one in budgets
        if one["namespace"] in platform and any(one["selector"].get(key) == value for key, value in _AGENTS)
    ]
    for one in idle:
        yield Fail("it selects pods of a DaemonSet", subject=f"PodDisruptionBudget {one['namespace']}/{one['name']}")
    if not idle:
        yield Pass(f"{len(budgets)} budgets, none for an agent")
