# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which policies are about pods of the mesh, and whether it is the mesh that they let through.

Answers are yes, no and None: of the labels of pods few are in evidence, and a policy may select by others.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..evidence import network_policy, selection, workload
from ..evidence.bundle import Evidence, Missing
from ..evidence.network_policy import Policy, Rule
from ..evidence.selection import NAMESPACE, NAMESPACE_LABELS, Requirement, Selection
from . import facts, mesh_facts
from .facts import AMBIENT, listed

# What a pod of the mesh meets: in an enrolled namespace, and in any other one.
_NOT_OUT = Requirement(AMBIENT, "NotIn", frozenset(["none"]))
_BY_ITSELF = Requirement(AMBIENT, "In", frozenset(["ambient"]))
# What names a namespace.
_NAMES = (NAMESPACE, f"{NAMESPACE_LABELS}kubernetes.io/metadata.name")


def network_policies(evidence: Evidence) -> list[Policy]:
    """Return every policy of Kubernetes and Cilium that selects pods."""
    given = {key: facts.policies(evidence, key) for key in network_policy.KINDS}
    if "network policies" not in evidence.memo:
        evidence.memo["network policies"] = list(network_policy.read(given))
    return evidence.memo["network policies"]  # type: ignore[no-any-return]


def places_of(evidence: Evidence) -> dict[str, Selection]:
    """Return the namespaces with pods of the mesh, each with what its pods meet."""
    if "mesh places" not in evidence.memo:
        namespaces = evidence.api.view("namespaces").raw
        among = mesh_facts.whole(evidence)
        evidence.memo["mesh places"] = {
            name: (
                *selection.of_namespace(name, namespaces[name]["labels"] if name in namespaces else {}),
                _NOT_OUT if name in among else _BY_ITSELF,
            )
            for name in mesh_facts.with_enrolled(evidence)
        }
    return evidence.memo["mesh places"]  # type: ignore[no-any-return]


def where(evidence: Evidence, policy: Policy) -> Iterator[tuple[str, Selection, bool]]:
    """Yield the namespaces in which a policy selects pods of the mesh, what it selects there, and whether that is certain.

    Those that an enrolled namespace may yet get count too.
    """
    places = places_of(evidence)
    for name in [policy.namespace] if policy.namespace else places:
        if name in places and not selection.apart(policy.selects, places[name]):
            wanted = selection.by_pod(policy.selects)
            found = selected(evidence, name, wanted, certain=bool(policy.namespace))
            if found is not False:
                yield name, (*policy.selects, *places[name]), bool(found)


def about(evidence: Evidence, policy: Policy) -> bool | None:
    """Return whether a policy selects pods of the mesh anywhere."""
    return _any(certain or None for _name, _pods, certain in where(evidence, policy))


def insist(evidence: Evidence, unsure: Sequence[str]) -> None:
    """Insist that all was seen which tells whether policies are about pods of the mesh, or let through its traffic."""
    if unsure:
        raise Missing(
            "api.pods",
            f"whether {listed(dict.fromkeys(unsure), 4)} is about pods of the mesh, or another policy helps, is not seen: it "
            "hangs on labels or addresses of pods",
        )
    mesh_facts.insist(evidence)
    mesh_facts.leave_open(evidence)


def beside(policies: Iterable[Policy]) -> Callable[[str], list[Policy]]:
    """Return what tells of a namespace which of these policies may select its pods: its own, and those of the whole cluster."""
    found: dict[str, list[Policy]] = {}
    for one in policies:
        found.setdefault(one.namespace, []).append(one)
    return lambda namespace: [*found.get(namespace, ()), *found.get("", ())]


def includes(evidence: Evidence, pods: Selection) -> bool | None:
    """Return whether pods of the mesh are among what a rule means by these pods."""
    memo = evidence.memo.setdefault("mesh among", {})
    if pods not in memo:
        memo[pods] = _includes(evidence, pods)
    return memo[pods]  # type: ignore[no-any-return]


def _includes(evidence: Evidence, pods: Selection) -> bool | None:
    named = [one.values for one in pods if one.key in _NAMES and one.operator == "In"]
    places = places_of(evidence)
    asked = named[0] & places.keys() if named else places
    found = [name for name in asked if not selection.apart(pods, places[name])]
    wanted = selection.by_pod(pods)
    if wanted and named and mesh_facts.whole(evidence).issuperset(named[0]):
        # All that the labels may mean is in the mesh.
        return True
    return _any(selected(evidence, name, wanted, certain=False) for name in found)


def through_the_mesh(evidence: Evidence, rule: Rule, way: str) -> bool | None:
    """Return whether a rule is for peers in the mesh. On the way out, what is for everybody may be meant for the outside."""
    found = None if rule.anyone and way == "egress" else to_pods(evidence, rule)
    if found is False and (rule.services or _pod_network(evidence, rule)):
        return None
    return found


def to_pods(evidence: Evidence, rule: Rule) -> bool | None:
    """Return whether a rule lets pods of the mesh through. By addresses it does not: Cilium knows pods by their labels only."""
    return True if rule.every_pod else _any(includes(evidence, one) for one in rule.pods)


def _pod_network(evidence: Evidence, rule: Rule) -> bool:
    """Return whether networks are named that pods are, or may be in. One of everything is meant for the outside."""
    named = [network for network, _out in rule.networks if network.prefixlen]
    if not named:
        return False
    if facts.of_files(evidence) and "pod_cidrs" not in evidence.desired:
        return True
    own = [ipaddress.ip_network(str(one)) for one in evidence.desired.view("pod_cidrs").raw]
    return any(one.overlaps(other) for one in named for other in own)


def concerned(evidence: Evidence, policy: Mapping[str, Any]) -> bool | None:
    """Return whether a policy of Istio in a namespace is about pods of the mesh there."""
    return chosen(evidence, policy["namespace"], selection.of_selector(policy["spec"].get("selector")))


def chosen(evidence: Evidence, name: str, wanted: Selection) -> bool | None:
    """Return whether what was written in a namespace for pods with such labels is about pods of the mesh there."""
    place = places_of(evidence).get(name)
    if place is None or selection.apart(wanted, place):
        return False
    return selected(evidence, name, wanted, certain=True)


def selected(evidence: Evidence, name: str, wanted: Selection, certain: bool) -> bool | None:
    """Return whether pods of the mesh in a namespace meet what is wanted of their labels. `certain`: it was written for them."""
    if not wanted:
        return True
    inside, outside = _labels(evidence, name)
    found = _any(_meets(wanted, inside))
    if certain and name in mesh_facts.whole(evidence):
        # Where it is about none that is there, it is about those that were taken out, or about some that are yet to come.
        return found is not False or not any(_meets(wanted, outside))
    return found if inside else None


def _meets(wanted: Selection, several: Iterable[Mapping[str, str]]) -> Iterator[bool | None]:
    return (selection.meets(wanted, one, workload.POD_LABELS) for one in several)


def leads_to(evidence: Evidence, name: str, wanted: Selection) -> bool | None:
    """Return whether a Service in a namespace leads to pods of the mesh, and to no others that would answer in plain text."""
    to_mesh = chosen(evidence, name, wanted)
    if not to_mesh:
        return to_mesh
    _inside, outside = _labels(evidence, name)
    return None if any(one is not False for one in _meets(wanted, outside)) else True


def captured(pod: Mapping[str, Any]) -> bool:
    """Return whether ztunnel captures a pod of an enrolled namespace."""
    return pod["labels"].get(AMBIENT) != "none" and not pod.get("host_network") and not pod.get("sidecar")


def _labels(evidence: Evidence, name: str) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Return the labels that pods of a namespace have which are in the mesh, and which are not, each set of them once.

    Of a namespace that is not enrolled the latter are not in the evidence.
    """
    memo = evidence.memo.setdefault("labels of the mesh", {})
    if name not in memo:
        single = mesh_facts.single(evidence).get(name)
        told = [(pod["labels"], single is not None or captured(pod)) for pod in single or _pods(evidence, name)]
        memo[name] = tuple(
            list({tuple(sorted(labels.items())): labels for labels, inside in told if inside is wanted}.values())
            for wanted in (True, False)
        )
    return memo[name]  # type: ignore[no-any-return]


def _pods(evidence: Evidence, namespace: str) -> list[dict[str, Any]]:
    """Return the pods of a namespace; of files, what makes them, which has their labels."""
    if facts.of_files(evidence):
        there = evidence.api["workloads"].raw if "workloads" in evidence.api else []
        return [one for one in there if one["namespace"] == namespace]
    found = evidence.api.view("pods")
    return list(found.view(namespace).raw) if namespace in found else []


def _any(answers: Iterable[bool | None]) -> bool | None:
    unsure = False
    for one in answers:
        if one:
            return True
        unsure = unsure or one is None
    return None if unsure else False
