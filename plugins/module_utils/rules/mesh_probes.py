# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about kubelet's probes: Istio gives them an address of their own, which policies have to let in to enrolled pods."""

from __future__ import annotations

from collections.abc import Sequence

from ..evidence import selection
from ..evidence.bundle import Evidence, Missing
from ..evidence.network_policy import Policy, Rule
from . import facts, mesh_facts, mesh_pods
from .facts import VERIFY, WRITTEN, is_true, listed
from .rule import Answer, Catalogue, Fail, Pass

CATALOGUE = Catalogue("mesh")

_PLATFORM = "https://istio.io/latest/docs/ambient/install/platform-prerequisites/#cilium"
_PROBES_V4 = "169.254.7.127"
_PROBES_V6 = "fd16:9254:7127:1337:ffff:ffff:ffff:ffff"
_PROBES = f"{_PROBES_V4}/32"
_CLUSTERWIDE = "api.policies.cilium_clusterwide_network_policies"

AMB_008 = CATALOGUE.rule(
    "ZT-AMB-008",
    "blocker",
    stages=("mesh", "enforcement"),
    title="Policies let kubelet's probes into enrolled pods",
    why="Probes reach enrolled pods from 169.254.7.127 (fd16:9254:7127:1337:ffff:ffff:ffff:ffff), which no policy knows as the "
    "host. "
    "A default deny drops them, and kubelet restarts the pods.",
    remediation="Apply the CiliumClusterwideNetworkPolicy allow-ambient-hostprobes of Istio's platform page (the istio role "
    "does).",
    source=_PLATFORM,
)


@AMB_008.check(moments=WRITTEN, when=facts.in_mesh)
def _probes(evidence: Evidence) -> Answer:
    if not facts.of_files(evidence) and evidence.api.view("policies")["cilium_clusterwide_network_policies"] is None:
        raise Missing(_CLUSTERWIDE, "Cilium's policy kinds are not there: Cilium is not installed")
    every = mesh_pods.network_policies(evidence)
    for one in every:
        if one.closes["ingress"] and not one.selects and any(_names_probes(rule) for rule in one.allows["ingress"]):
            return Fail(
                f"{one.name} lacks enableDefaultDeny: {{ingress: false, egress: false}}: it is a default deny for the whole "
                "cluster by itself"
            )
    closing = [one for one in every if one.closes["ingress"] or any(map(_lets_in, one.denies["ingress"]))]
    wide = next((one.name for one in every if not one.selects and any(map(_lets_in, one.allows["ingress"]))), "")
    shut, unsure, asked = _without_probes(evidence, every, closing, wide)
    if shut and facts.of_files(evidence):
        raise Missing(_CLUSTERWIDE, f"none of the files lets {_PROBES} in to what {listed(shut)} closes; the cluster may")
    if not shut and facts.enforces_always(evidence):
        shut, unsure, asked = _without_probes(evidence, every, [*closing, _ALWAYS], wide)
    if shut:
        return Fail(f"nothing allows {_PROBES}, and ingress is denied by {listed(shut)}")
    if unsure:
        raise Missing(
            "api.pods",
            f"whether {_PROBES} reaches all pods that {listed(unsure, 4)} closes is not seen: it hangs on their labels or ports",
        )
    mesh_facts.insist(evidence)
    if wide:
        return Pass(f"{wide} allows {_PROBES}")
    return Pass(f"{_PROBES} is let in wherever ingress is denied" if asked else "no policy denies ingress to enrolled pods")


# Every pod is closed without any policy.
_ALWAYS = Policy("", "", "enable-policy: always", (), {"ingress": True, "egress": True}, {"ingress": (), "egress": ()})


def _without_probes(
    evidence: Evidence, every: Sequence[Policy], closing: Sequence[Policy], wide: str
) -> tuple[list[str], list[str], int]:
    """Return by what probes are shut out of enrolled pods, by what they may be, and how many policies were asked.

    `wide`: a policy that lets them in to every pod; then only what is denied is shut.
    """
    shut: dict[str, None] = {}
    unsure: dict[str, None] = {}
    asked = 0
    opening = mesh_pods.beside(one for one in every if any(_lets_in(rule) is not False for rule in one.allows["ingress"]))
    for one in closing:
        denied = any(map(_lets_in, one.denies["ingress"]))
        if wide and not denied:
            continue
        for namespace, pods, certain in mesh_pods.where(evidence, one):
            asked += 1
            opens = [other for other in opening(namespace) if not selection.apart(pods, other.selects)]
            if not denied and any(
                selection.within(pods, other.selects) and any(map(_lets_in, other.allows["ingress"])) for other in opens
            ):
                continue
            said = one.subject.strip() if one.namespace else f"{one.subject.strip()} (in {namespace})"
            (shut if certain and (denied or not opens) else unsure)[said] = None
    return list(shut), list(unsure), asked


def _names_probes(rule: Rule) -> bool:
    return any(str(network) == _PROBES for network, _out in rule.networks)


def _lets_in(rule: Rule) -> bool | None:
    """Return whether a rule is for kubelet's probes. None: at some ports, and which are probed is not seen."""
    if not rule.reaches(_PROBES_V4):
        return False
    return True if rule.ports is None else None


AMB_011 = CATALOGUE.rule(
    "ZT-AMB-011",
    "medium",
    stages=("mesh", "enforcement"),
    title="Policies let kubelet's probes in over IPv6 too",
    why="Probes over IPv6 reach enrolled pods from fd16:9254:7127:1337:ffff:ffff:ffff:ffff. A default deny drops them where only "
    "the IPv4 address is allowed.",
    remediation="Add fd16:9254:7127:1337:ffff:ffff:ffff:ffff/128 to fromCIDR of allow-ambient-hostprobes (the istio role does).",
    source="https://github.com/istio/istio/blob/1.30.3/cni/README.md",
)
AMB_012 = CATALOGUE.rule(
    "ZT-AMB-012",
    "medium",
    stages=("mesh", "enforcement"),
    title="Policies let kubelet's probes in from the address that istio-cni gives them",
    why="HOST_PROBE_SNAT_IP and HOST_PROBE_SNAT_IPV6 change that address. A policy for the usual one then lets nothing in.",
    remediation="Remove them from env in the values of istio-cni, or put their addresses into fromCIDR of the policy.",
    source="https://github.com/istio/istio/blob/1.30.3/cni/README.md",
)


def _let_in(evidence: Evidence) -> set[str]:
    """Return the networks that clusterwide policies let in to every pod."""
    return {
        str(network)
        for one in facts.policies(evidence, "cilium_clusterwide_network_policies")
        if one["spec"].get("endpointSelector") == {}
        for rule in one["spec"].get("ingress") or []
        if set(rule) == {"fromCIDR"}
        for network in rule["fromCIDR"]
    }


@AMB_011.check(moments=VERIFY, when=facts.ambient)
def _probes_v6(evidence: Evidence) -> Answer:
    if not is_true(facts.cilium_config(evidence).get("enable-ipv6")):
        return Pass("pods have no IPv6")
    allowed = _let_in(evidence)
    if f"{_PROBES_V4}/32" not in allowed:
        # Whether anything has to let them in is what ZT-AMB-008 asks.
        return None
    if f"{_PROBES_V6}/128" in allowed:
        return Pass(f"{_PROBES_V6} is let in")
    return Fail(f"enable-ipv6 is true; {_PROBES_V4} is let in, and {_PROBES_V6} is not")


@AMB_012.check(moments=VERIFY, when=facts.ambient)
def _probes_address(evidence: Evidence) -> Answer:
    env = evidence.api.view("istio").view("cni").view("containers").view("install-cni").view("env")
    changed = {}
    for name, usual, length in (("HOST_PROBE_SNAT_IP", _PROBES_V4, 32), ("HOST_PROBE_SNAT_IPV6", _PROBES_V6, 128)):
        address = env.get(name)
        if address and address != usual:
            changed[f"{address}/{length}"] = name
    if not changed:
        return Pass("it is the usual one")
    allowed = _let_in(evidence)
    if not allowed:
        return None
    closed = [f"{name} is {network.partition('/')[0]}" for network, name in changed.items() if network not in allowed]
    return Fail(f"{listed(closed)}, which no clusterwide policy lets in") if closed else Pass(f"{listed(changed)} is let in")
