# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Helm values that people write and that no chart knows: what they do in truth, and what to write.

Each entry was rendered with and without the key; the output is the same.
"""

from __future__ import annotations

import re

from .versions import at_least

_STRICT = "encryption.strictMode.(enabled|cidr|allowRemoteNodeIdentities)"

# A restricted container, as it is asked of applications.
_RESTRICTED = (
    "(?:podSecurityContext|securityContext){0}"
    "(runAsNonRoot|runAsUser|allowPrivilegeEscalation|readOnlyRootFilesystem|seccompProfile|capabilities{0}drop)"
)
_UMBRELLA = "only the umbrella chart 'ambient' nests values under istiod; this chart ignores it"

# Chart -> names that people nest its values under, and why nothing of it is read.
_NESTS: dict[str, tuple[str, str]] = {
    "istiod": ("istiod", _UMBRELLA),
    "cni": ("istio_cni|istio-cni", "only the umbrella chart nests values so; the cni chart wants them at the top level"),
    "ztunnel": ("ztunnel", "the ztunnel chart wants its values at the top level, and ignores them here"),
}

# (chart, pattern of the path, (first version, first version without), what to write, why)
_KNOWN: tuple[tuple[str, str, tuple[str, str], str, str], ...] = (
    (
        "cilium",
        r"cni\.chained",
        ("", ""),
        "",
        "it is a value of the istio-cni chart, where true is the default: remove it here. Cilium's cni.chainingMode means the "
        "opposite "
        "(Cilium behind another CNI) and must stay unset. istio-cni adds itself to Cilium's file when cni.exclusive is false",
    ),
    (
        "cilium",
        r"cni-exclusive|cniExclusive",
        ("", ""),
        "cni.exclusive",
        "cni-exclusive is the key of the ConfigMap, not of the chart; left so, Cilium renames istio-cni's file",
    ),
    (
        "cilium",
        _STRICT.replace(".", r"\.", 2),
        ("1.20.0", ""),
        r"encryption.strictMode.egress.\1",
        "since Cilium 1.20 these stand under encryption.strictMode.egress; here they are ignored and strict mode is off",
    ),
    (
        "cilium",
        r"encryption\.strictMode\.(egress|ingress)",
        ("", "1.19.0"),
        "encryption.strictMode",
        "before Cilium 1.19 strict mode has no egress and ingress parts; here they are ignored and strict mode is off",
    ),
    (
        "cilium",
        r"encryption\.wireguard\.userspaceFallback",
        ("1.17.0", ""),
        "",
        "removed in Cilium 1.17: the kernel must have WireGuard",
    ),
    (
        "cilium",
        r"hostNamespaceOnly",
        ("", ""),
        "socketLB.hostNamespaceOnly",
        "at the top level it is ignored, and connections are translated to pod addresses before ztunnel sees the Service",
    ),
    (
        "cilium",
        _RESTRICTED.format(r"\."),
        ("", ""),
        "",
        "Cilium's agent cannot run so: it loads programs into the kernel and mounts folders of the node. The chart ignores it",
    ),
    (
        "cni",
        r"(?:podSecurityContext|securityContext)",
        ("", ""),
        "",
        "istio-cni cannot run so: it enters pods' networks and writes into the node's folders. Its chart ignores this key",
    ),
    (
        "ztunnel",
        r"(?:podSecurityContext|securityContext)",
        ("", ""),
        "",
        "ztunnel cannot run so: it opens sockets in pods' networks. Its chart ignores this key",
    ),
    (
        "istiod",
        r"(?:podSecurityContext|securityContext)",
        ("", ""),
        "",
        "the chart gives istiod's container such a context by itself, and ignores this key",
    ),
    (
        "gatekeeper",
        r"audit\.auditFromCache",
        ("", ""),
        "",
        "audit.* holds settings of the audit pod only, so the audit goes on reading from the API server, as it should. At the "
        "top level, auditFromCache: true makes it see only kinds that a SyncSet or Config replicates, and report 0 violations of "
        "all others",
    ),
    (
        "gatekeeper",
        r"audit\.(auditInterval|constraintViolationsLimit|auditMatchKindOnly|auditChunkSize|emitAuditEvents)",
        ("", ""),
        r"\1",
        "it belongs at the top level of the chart; audit.* holds settings of the audit pod only, and the chart's default stays",
    ),
    (
        "gatekeeper",
        r"(?:controllerManager|webhook)\.(replicas|validatingWebhookFailurePolicy|emitAdmissionEvents)",
        ("", ""),
        r"\1",
        "it belongs at the top level of the chart",
    ),
    (
        "istiod",
        r"istiod\.replicaCount",
        ("", ""),
        "autoscaleMin",
        f"{_UMBRELLA}. At the top level too replicaCount counts only without the autoscaler: write autoscaleMin: 2, or "
        "autoscaleEnabled: false beside it",
    ),
    (
        "istiod",
        r"istiod\.env\.PILOT_ENABLE_AMBIENT",
        ("", ""),
        "profile",
        f"{_UMBRELLA}. Write profile: ambient, for the charts istiod and cni: it sets this variable and what belongs to it",
    ),
    (
        "istiod",
        r"istiod\.meshConfig\.outboundTrafficPolicy(\.mode)?",
        ("", ""),
        "",
        f"{_UMBRELLA}. At the top level REGISTRY_ONLY would not hold pods back either: ztunnel does not implement it and lets "
        "unknown destinations pass. For egress, write a policy of Cilium that denies it and names what may be reached",
    ),
    (
        "istiod",
        r"istiod\.pdb\.minAvailable",
        ("", ""),
        "pdb.minAvailable",
        f"{_UMBRELLA}. 1 is the chart's default; it renders the budget only with two replicas or more: write autoscaleMin: 2",
    ),
    (
        "cni",
        r"(?:cni\.)?exclusive",
        ("", ""),
        "",
        "exclusive is a value of the Cilium chart (cni.exclusive: false); the istio-cni chart ignores it",
    ),
)


def explain(chart: str, path: str, version: str) -> tuple[str, str] | None:
    """Return what to write instead (may be empty) and why, for a known mistake; None for any other path."""
    for name, pattern, (first, end), suggestion, why in _KNOWN:
        match = re.fullmatch(pattern, path) if name == chart else None
        if match is None or (first and at_least(version, first) is False) or (end and at_least(version, end)):
            continue
        return match.expand(suggestion), why
    return None


def nested(chart: str, key: str) -> str:
    """Return why nothing below a key at the top level is read, where it is a name that values are nested under; else nothing."""
    names, why = _NESTS.get(chart, ("", ""))
    return why if key in names.split("|") else ""


_DOTTED = re.compile(r"[A-Za-z]\w*(?:\.\w+)+")

# Every key that the reasons name by its whole path: a text of ours, not of a site.
NAMED = frozenset(
    _DOTTED.findall(" ".join([*(why for _names, why in _NESTS.values()), *(f"{write} {why}" for *_where, write, why in _KNOWN)]))
)
