# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about istio-cni and ztunnel on the nodes: that they run what they were given, and find each other."""

from __future__ import annotations

from ..evidence import certificate, versions
from ..evidence.bundle import Evidence, Missing
from . import facts
from .facts import VERIFY, holds, is_true, listed
from .rule import Answer, Catalogue, Fail, Pass

CATALOGUE = Catalogue("mesh")

_INSTALL = "https://istio.io/latest/docs/setup/additional-setup/cni/"

AMB_024 = CATALOGUE.rule(
    "ZT-AMB-024",
    "medium",
    stages=("mesh",),
    title="istio-cni runs with its current settings",
    why="istio-cni reads its ConfigMap when it starts, and a change of the ConfigMap restarts nothing: excluded namespaces, "
    "the own CNI file and DNS capture stay as they were, node by node, until a pod happens to be made anew.",
    remediation="kubectl -n istio-system rollout restart daemonset istio-cni-node",
    source="https://github.com/istio/istio/blob/1.31.0/manifests/charts/istio-cni/templates/daemonset.yaml",
)


@AMB_024.check(moments=VERIFY, subject="DaemonSet istio-cni-node", when=facts.ambient)
def _current(evidence: Evidence) -> Answer:
    changed = evidence.api.view("istio")["cni_config_changed"]
    if changed is None:
        raise Missing("api.istio.cni_config_changed", "there is no ConfigMap istio-cni-config: istio-cni is not installed")
    place = str(evidence.api.view("namespaces_of")["cni"])
    old, count = [], 0
    for pod in evidence.api.view("pods").view(place):
        if pod.view("labels").get("k8s-app") != "istio-cni-node" or pod["deleting"] or not pod["created"]:
            continue
        count += 1
        if certificate.moment(str(pod["created"])) < certificate.moment(str(changed)):
            old.append(str(pod["node"]))
    if old:
        return Fail(f"changed at {changed}, after istio-cni started on {listed(sorted(old))}")
    return Pass(f"{count} pods started after the last change")


AMB_026 = CATALOGUE.rule(
    "ZT-AMB-026",
    "medium",
    stages=("mesh",),
    title="A node that starts makes no pod before istio-cni is there",
    why="Without a file of its own, istio-cni is in the chain only while its agent keeps it there. On a node that starts, "
    "Cilium is ready first, and pods made until then run outside the mesh, in plain text.",
    remediation="Set istioOwnedCNIConfig: true in the values of istio-cni (the istio role does), or taint.enabled: true in "
    "those of istiod with nodes that register with the taint cni.istio.io/not-ready.",
    source=_INSTALL,
)


@AMB_026.check(each=facts.planned("cni"), when=facts.ambient)
def _held_back(evidence: Evidence, subject: str) -> Answer:
    if is_true(facts.chart(evidence, subject).view("effective").get("istioOwnedCNIConfig")):
        return Pass("istioOwnedCNIConfig is true")
    if "istiod" in evidence.charts and holds(facts.effective(evidence, "chart istiod").find("taint.enabled")):
        return Pass("taint.enabled of istiod is true")
    return Fail("neither istioOwnedCNIConfig nor taint.enabled of istiod is true")


@AMB_026.check(moments=VERIFY, subject="DaemonSet istio-cni-node", when=facts.ambient)
def _held_back_live(evidence: Evidence) -> Answer:
    istio = evidence.api.view("istio")
    if is_true(istio.view("cni_config").get("ISTIO_OWNED_CNI_CONFIG")):
        return Pass("ISTIO_OWNED_CNI_CONFIG is true")
    env = istio.view("istiod").view("containers").view("discovery").view("env")
    if is_true(env.get("PILOT_ENABLE_NODE_UNTAINT_CONTROLLERS")):
        return Pass("istiod takes the taint of nodes away")
    return Fail("neither ISTIO_OWNED_CNI_CONFIG of istio-cni nor PILOT_ENABLE_NODE_UNTAINT_CONTROLLERS of istiod is true")


AMB_032 = CATALOGUE.rule(
    "ZT-AMB-032",
    "medium",
    stages=("mesh",),
    title="istio-cni's own file says of Cilium what Cilium's file says",
    why="istio-cni copies Cilium's part once, and afterwards looks only whether every plugin is still there. What Cilium "
    "changes in its file later never reaches pods.",
    remediation="Restart istio-cni on the node: kubectl -n istio-system delete pod -l k8s-app=istio-cni-node --field-selector "
    "spec.nodeName=<node>",
    source="https://github.com/istio/istio/blob/1.31.0/cni/pkg/install/install.go",
)


@AMB_032.check(each=facts.answering_nodes, moments=VERIFY, when=facts.ambient)
def _copy(evidence: Evidence, host: str) -> Answer:
    cni = evidence.node(host).view("cni")
    files = {str(one["name"]): one for one in cni.view("files") if one["valid"]}
    plugins = {name: one.view("plugins").raw for name, one in files.items()}
    own = [name for name in plugins if any(plugin.get("type") == "istio-cni" for plugin in plugins[name])]
    first = [name for name in plugins if name not in own and any(plugin.get("type") == "cilium-cni" for plugin in plugins[name])]
    if not own or not first:
        # Both are in one file, or one of them is not there, which is what ZT-AMB-020 and ZT-CIL-038 are about.
        return Pass("it keeps no file of its own")
    copied = [plugin for plugin in plugins[own[0]] if plugin.get("type") != "istio-cni"]
    if copied != plugins[first[0]]:
        return Fail(f"{own[0]} holds another copy of what is in {first[0]}")
    return Pass(f"{own[0]} holds what is in {first[0]}")


IST_034 = CATALOGUE.rule(
    "ZT-IST-034",
    "low",
    stages=("mesh",),
    title="istio-cni says its AppArmor profile by the field",
    why="useAppArmorAnnotation (the chart's default) writes an annotation that Kubernetes has deprecated since 1.30; the API "
    "server warns of it at every rollout, and only still copies it into the field.",
    remediation="Set useAppArmorAnnotation: false in the values of istio-cni.",
    source="https://kubernetes.io/docs/tutorials/security/apparmor/",
    versions="Istio >= 1.30 on Kubernetes >= 1.30",
)
_APPARMOR = "container.apparmor.security.beta.kubernetes.io/"


def _knows_the_field(evidence: Evidence) -> bool:
    return bool(versions.at_least(str(evidence.api["version"]), "1.30.0"))


@IST_034.check(each=facts.planned("cni"), when=_knows_the_field)
def _apparmor(evidence: Evidence, subject: str) -> Answer:
    value = facts.chart(evidence, subject).view("effective").get("useAppArmorAnnotation")
    return Fail("useAppArmorAnnotation is true") if holds(value) else Pass("useAppArmorAnnotation is not true")


@IST_034.check(moments=VERIFY, subject="DaemonSet istio-cni-node", when=_knows_the_field)
def _apparmor_live(evidence: Evidence) -> Answer:
    found = [key for key in evidence.api.view("istio").view("cni").view("annotations") if key.startswith(_APPARMOR)]
    return Fail(f"annotated: {listed(found)}") if found else Pass("no annotation")


IST_037 = CATALOGUE.rule(
    "ZT-IST-037",
    "blocker",
    stages=("mesh",),
    title="ztunnel asks the istiod that is installed",
    why="With revision set, the chart of ztunnel asks the Service istiod-<revision>, which only an istiod of that revision "
    "makes. Else no ztunnel gets a certificate or a workload, and enrolled pods have no network.",
    remediation="Set the same revision in the values of istiod and ztunnel, or in none of them.",
    source="https://github.com/istio/istio/blob/1.31.0/manifests/charts/ztunnel/templates/daemonset.yaml",
)


@IST_037.check(subject="charts istiod and ztunnel")
def _revision(evidence: Evidence) -> Answer:
    if "istiod" not in evidence.charts or "ztunnel" not in evidence.charts:
        return None
    ztunnel = facts.effective(evidence, "chart ztunnel")
    if ztunnel.get("xdsAddress") or ztunnel.get("caAddress"):
        return Pass("ztunnel is given addresses of its own")
    have, asked = (str(values.get("revision") or "") for values in (facts.effective(evidence, "chart istiod"), ztunnel))
    said = f"istiod is of revision {have or 'default'}, ztunnel asks {asked or 'default'}"
    return Pass(said) if have == asked else Fail(said)


@IST_037.check(moments=VERIFY, subject="DaemonSet ztunnel", when=facts.ambient)
def _asked(evidence: Evidence) -> Answer:
    istio = evidence.api.view("istio")
    env = istio.view("ztunnel").view("containers").view("istio-proxy").view("env")
    address = str(env.get("XDS_ADDRESS") or "")
    name, rest, _port = address.partition(".svc")
    if not rest or not name.startswith("istiod"):
        return Pass(f"it asks {address or 'its default'}")
    # The Deployment is that of no revision.
    there = f"istiod.{evidence.api.view('namespaces_of')['istiod']}"
    if name != there and istio["istiod"] is not None:
        return Fail(f"it asks {address}; the istiod that is there answers as {there}.svc")
    return Pass(f"it asks {address}")
