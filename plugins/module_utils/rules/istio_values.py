# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about settings of Cilium and istio-cni that the mesh depends on, and that nothing complains about."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..evidence.bundle import Evidence, View
from . import facts, mesh_facts
from .cilium_setting import look
from .facts import VERIFY, is_false, is_true, listed
from .rule import Answer, Catalogue, Fail, Pass

CATALOGUE = Catalogue("mesh")

_PLATFORM = "https://istio.io/latest/docs/ambient/install/platform-prerequisites/#cilium"
_INSTALL = "https://istio.io/latest/docs/setup/additional-setup/cni/"

# --- Cilium under the mesh ---

AMB_003 = CATALOGUE.rule(
    "ZT-AMB-003",
    "medium",
    stages=("network", "mesh"),
    title="Cilium masquerades by iptables",
    why="Istio does not support BPF masquerading under ambient, and istioctl warns of it, also where host routing is legacy and "
    "probes come back.",
    remediation="Set bpf.masquerade: false in the Cilium values.",
    source=_PLATFORM,
)
look(AMB_003, "bpf.masquerade", "enable-bpf-masquerade", is_true, when=facts.ambient)


AMB_010 = CATALOGUE.rule(
    "ZT-AMB-010",
    "high",
    stages=("network", "mesh"),
    title="Cilium lets a policy allow without denying the rest",
    why="allow-ambient-hostprobes selects every pod and says enableDefaultDeny: false. With enableNonDefaultDenyPolicies off "
    "Cilium takes that for true: the policy that lets probes in denies everything else in the whole cluster.",
    remediation="Leave enableNonDefaultDenyPolicies at true in the Cilium values.",
    source=_PLATFORM,
)
look(AMB_010, "enableNonDefaultDenyPolicies", "enable-non-default-deny-policies", is_false, when=facts.ambient)


AMB_018 = CATALOGUE.rule(
    "ZT-AMB-018",
    "medium",
    stages=("network", "mesh"),
    title="The node tracks connections of pods",
    why="istio-cni gives kubelet's probes their address by a NAT rule on the node. Packets that are not tracked pass no NAT "
    "rule: probes arrive as plain traffic of a stranger, and STRICT denies them.",
    remediation="Leave installNoConntrackIptablesRules at false in the Cilium values.",
    source="https://docs.cilium.io/en/stable/helm-reference/",
)
look(AMB_018, "installNoConntrackIptablesRules", "install-no-conntrack-iptables-rules", is_true, when=facts.ambient)


# --- istio-cni's own file ---

AMB_033 = CATALOGUE.rule(
    "ZT-AMB-033",
    "low",
    stages=("mesh",),
    title="istio-cni's own file is asked for where it can be made",
    why="istioOwnedCNIConfig works only together with ambient.enabled and chained. Without one of them istio-cni keeps no file "
    "of its own, and says nothing.",
    remediation="Set profile: ambient and chained: true in the values of istio-cni, or istioOwnedCNIConfig: false.",
    source=_INSTALL,
    versions="Istio 1.28 to 1.31",
)


@AMB_033.check(each=facts.planned("cni"))
def _owned(evidence: Evidence, subject: str) -> Answer:
    # What the profile and the chart's defaults make of it is the question, so what is given alone does not answer it.
    values = facts.chart(evidence, subject).view("effective")
    if not is_true(values.get("istioOwnedCNIConfig")):
        return Pass("it is not asked for")
    off = [key for key in ("ambient.enabled", "chained") if not is_true(values.find(key))]
    return (
        Fail(f"istioOwnedCNIConfig is true, and not true: {listed(off)}") if off else Pass("ambient.enabled and chained are true")
    )


AMB_034 = CATALOGUE.rule(
    "ZT-AMB-034",
    "high",
    stages=("mesh",),
    title="istio-cni's own file has the name that was meant",
    why="The chart hands istioOwnedCNIConfigFileName over as ISTIO_OWNED_CNI_CONF_FILENAME, the agent reads "
    "ISTIO_OWNED_CNI_CONFIG_FILENAME: the name stays 02-istio-cni.conflist, and a file that sorts before it keeps pods out of "
    "the mesh.",
    remediation="Leave istioOwnedCNIConfigFileName out, and set env: {ISTIO_OWNED_CNI_CONFIG_FILENAME: <name>} in the values of "
    "istio-cni.",
    source="https://github.com/istio/istio/blob/1.30.3/cni/pkg/constants/constants.go",
    versions="Istio 1.28 to 1.31",
)
_OWN_FILE = "02-istio-cni.conflist"


@AMB_034.check(each=facts.planned("cni"))
def _owned_name(evidence: Evidence, subject: str) -> Answer:
    values = facts.effective(evidence, subject)
    if not is_true(values.get("istioOwnedCNIConfig")):
        return Pass("there is no such file")
    real = values.find("env.ISTIO_OWNED_CNI_CONFIG_FILENAME") or _OWN_FILE
    meant = values.get("istioOwnedCNIConfigFileName") or real
    return Pass(f"it is {real}") if meant == real else Fail(f"istioOwnedCNIConfigFileName is {meant}, the file will be {real}")


# --- Who stays outside ---

IST_021 = CATALOGUE.rule(
    "ZT-IST-021",
    "medium",
    stages=("mesh", "enforcement"),
    title="No namespace is both in the mesh and excluded from it",
    why="istio-cni enrols no pod of a namespace in excludeNamespaces, whatever its label says: its pods stay in plain text.",
    remediation="Take the namespace out of excludeNamespaces (the istio role: istio_excluded_namespaces), or remove its label "
    "istio.io/dataplane-mode.",
    source=_INSTALL,
    versions="Istio >= 1.30",
)


def _both(evidence: Evidence, excluded: Iterable[str]) -> Pass | Fail:
    wanted = {str(one) for one in evidence.desired.view("namespaces").view("mesh").raw}
    both = sorted({*mesh_facts.with_enrolled(evidence), *wanted} & set(excluded))
    if both:
        return Fail(f"meant for the mesh, and excluded: {listed(both)}")
    mesh_facts.insist(evidence)
    return Pass(f"excluded: {listed(excluded) or 'none'}")


@IST_021.check(each=facts.planned("cni"))
def _excluded(evidence: Evidence, subject: str) -> Answer:
    # The chart's default excludes one, so its absence from what is given says nothing.
    found = facts.chart(evidence, subject).view("effective").get("excludeNamespaces")
    return _both(evidence, [str(one) for one in found.raw] if isinstance(found, View) else [])


@IST_021.check(moments=VERIFY, subject="DaemonSet istio-cni-node", when=facts.ambient)
def _excluded_live(evidence: Evidence) -> Answer:
    found: Any = evidence.api.view("istio").view("cni_config").get("EXCLUDE_NAMESPACES")
    return _both(evidence, [one.strip() for one in str(found or "").split(",") if one.strip()])
