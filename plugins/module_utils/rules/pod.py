# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about pods: Pod Security Admission, strict where applications are and out of the way where the platform is."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator

from ..evidence import certificate
from ..evidence.bundle import Evidence
from . import facts, mesh_facts
from .facts import VERIFY, WRITTEN, listed
from .rule import Answer, Catalogue, Fail, Pass

CATALOGUE = Catalogue("pod")

_STANDARDS = "https://kubernetes.io/docs/concepts/security/pod-security-standards/"
_ENFORCE = "pod-security.kubernetes.io/enforce"
_LEVELS = ("privileged", "baseline", "restricted")
_VERSION = re.compile(r"latest|v1\.(?:0|[1-9][0-9]*)")
_KEY = f"metadata.labels.{_ENFORCE}"


def _level(evidence: Evidence, namespace: str) -> str | None:
    """Return the level a namespace enforces; None when there is no such namespace, an empty string when it has no label."""
    namespaces = evidence.api.view("namespaces")
    if namespace not in namespaces:
        return None
    return str(namespaces.view(namespace).view("labels").get(_ENFORCE) or "")


def _misspelt(evidence: Evidence, namespace: str) -> str:
    """Return what the API server does not take of the labels; it counts as restricted where it stands all the same."""
    labels = evidence.api.view("namespaces").view(namespace).view("labels")
    level, version = (str(labels.get(key) or "") for key in (_ENFORCE, f"{_ENFORCE}-version"))
    if level and level not in _LEVELS:
        return f"{_ENFORCE} is {level}, which is no level: the API server refuses the namespace"
    if version and not _VERSION.fullmatch(version):
        return f"{_ENFORCE}-version is {version}, which is no version (v1.30, latest): the API server refuses the namespace"
    return ""


PSS_001 = CATALOGUE.rule(
    "ZT-PSS-001",
    "blocker",
    stages=("mesh", "enforcement"),
    title="Pod Security lets istio-cni and ztunnel in",
    why="They mount host paths and add capabilities. With baseline or restricted their next pod is refused.",
    remediation="kubectl label --overwrite namespace istio-system pod-security.kubernetes.io/enforce=privileged (the "
    "pod_security role does)",
    source=_STANDARDS,
)


@PSS_001.check()
def _mesh_namespace(evidence: Evidence) -> Iterator[Pass | Fail]:
    places = evidence.api.view("namespaces_of")
    for namespace in sorted({str(places["cni"]), str(places["ztunnel"])}):
        level = _level(evidence, namespace)
        if level is None:
            continue
        subject = f"namespace {namespace}"
        misspelt = _misspelt(evidence, namespace)
        if misspelt or level in ("baseline", "restricted"):
            yield Fail(misspelt or f"it enforces {level}", subject=subject, key=_KEY)
        else:
            yield Pass(f"it enforces {level or 'nothing, so the default of the cluster'}", subject=subject)


PSS_002 = CATALOGUE.rule(
    "ZT-PSS-002",
    "blocker",
    stages=("network", "enforcement"),
    title="Pod Security lets Cilium in",
    why="Cilium uses the host network, host paths and a privileged init container. With baseline or restricted a node's next "
    "agent is refused.",
    remediation="kubectl label --overwrite namespace kube-system pod-security.kubernetes.io/enforce=privileged (the "
    "pod_security role does)",
    source=_STANDARDS,
)


@PSS_002.check()
def _network_namespace(evidence: Evidence) -> Answer:
    namespace = str(evidence.api.view("namespaces_of")["cilium"])
    level = _level(evidence, namespace)
    if level is None:
        return None
    subject = f"namespace {namespace}"
    misspelt = _misspelt(evidence, namespace)
    if misspelt or level in ("baseline", "restricted"):
        return Fail(misspelt or f"it enforces {level}", subject=subject, key=_KEY)
    return Pass(f"it enforces {level or 'nothing, so the default of the cluster'}", subject=subject)


PSS_006 = CATALOGUE.rule(
    "ZT-PSS-006",
    "low",
    stages=("enforcement",),
    title="Gatekeeper's namespace stays restricted",
    why="Gatekeeper needs no privilege; a weaker level lets someone else's pod in beside it.",
    remediation="kubectl label --overwrite namespace gatekeeper-system pod-security.kubernetes.io/enforce=restricted",
    source=_STANDARDS,
)


@PSS_006.check(moments=VERIFY)
def _policy_namespace(evidence: Evidence) -> Answer:
    namespace = str(evidence.api.view("namespaces_of")["gatekeeper"])
    level = _level(evidence, namespace)
    if level is None:
        return None
    subject = f"namespace {namespace}"
    misspelt = _misspelt(evidence, namespace)
    if level == "restricted" and not misspelt:
        return Pass("it enforces restricted", subject=subject)
    return Fail(misspelt or f"it enforces {level or 'nothing'}", subject=subject, key=_KEY)


PSS_008 = CATALOGUE.rule(
    "ZT-PSS-008",
    "high",
    stages=("enforcement",),
    title="Application namespaces enforce a Pod Security level",
    why="Without it a pod may run privileged or on the host's network, past every other layer, whenever Gatekeeper does not "
    "answer.",
    remediation="kubectl label namespace <name> pod-security.kubernetes.io/enforce=restricted (the pod_security role does)",
    source=_STANDARDS,
)


def _of_applications(evidence: Evidence) -> list[str]:
    """Return the namespaces meant for the mesh: the inventory names them; of files, those that are labelled so."""
    names = (
        mesh_facts.with_enrolled(evidence) if facts.of_files(evidence) else evidence.desired.view("namespaces").view("mesh").raw
    )
    return [f"namespace {one}" for one in names]


@PSS_008.check(moments=WRITTEN, each=_of_applications)
def _application_namespace(evidence: Evidence, subject: str) -> Answer:
    namespace = subject.removeprefix("namespace ")
    level = _level(evidence, namespace)
    if level is None:
        return None
    misspelt = _misspelt(evidence, namespace)
    if level in ("restricted", "baseline") and not misspelt:
        return Pass(f"it enforces {level}")
    return Fail(misspelt or f"it enforces {level or 'nothing'}", key=_KEY)


PSS_009 = CATALOGUE.rule(
    "ZT-PSS-009",
    "high",
    stages=("policy", "enforcement"),
    title="Nothing that a controller wants to make is refused",
    why="Pods that are there run on. What Pod Security or a policy refuses shows at the next rollout or the next loss of a node, "
    "and only in the events of the controller.",
    remediation="Change the workload as the message says, or the level or policy that refuses it.",
    source="https://kubernetes.io/docs/concepts/security/pod-security-admission/#workload-resources-and-pod-templates",
)

# A controller that is refused tries again after at most 16 min 40 s.
_RETRIES = datetime.timedelta(minutes=20)
_REFUSED = re.compile(r"violates PodSecurity.*|denied the request.*")


@PSS_009.check(moments=VERIFY)
def _refused(evidence: Evidence) -> Iterator[Pass | Fail]:
    since = certificate.moment(evidence.collected_at) - _RETRIES
    wrong = False
    for event in evidence.api.view("events").raw:
        said = _REFUSED.search(str(event["message"]))
        if event["reason"] == "FailedCreate" and said and certificate.moment(str(event["last"])) >= since:
            wrong = True
            yield Fail(said[0], subject=f"{event['kind']} {event['namespace']}/{event['name']}")
    if not wrong:
        yield Pass("no controller says so in the last 20 minutes")


PSS_003 = CATALOGUE.rule(
    "ZT-PSS-003",
    "high",
    stages=("enforcement",),
    title="What hardens a container stands at the container",
    why="A pod's securityContext has no privileged, capabilities, allowPrivilegeEscalation, procMount or "
    "readOnlyRootFilesystem. The API server drops them there, with a warning at most: the container runs without what was "
    "written.",
    remediation="Move the fields to securityContext of every container, init containers too.",
    source="https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#security-context",
)


@PSS_003.check()
def _at_the_container(evidence: Evidence) -> Iterator[Pass | Fail]:
    workloads = evidence.api.view("workloads").raw
    wrong = [one for one in workloads if one["container_fields"]]
    for one in wrong:
        yield Fail(
            f"in the pod's securityContext, where they are not read: {listed(one['container_fields'])}",
            subject=f"{one['kind']} {one['namespace']}/{one['name']}",
        )
    if not wrong:
        yield Pass(f"{len(workloads)} workloads")
