# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Helm values that people write and that no chart knows: what they do in truth, and what to write.

Each entry was rendered with and without the key; the output is the same.
"""

from __future__ import annotations

import re

from .versions import at_least

_STRICT = "encryption.strictMode.(enabled|cidr|allowRemoteNodeIdentities)"

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
        "gatekeeper",
        r"audit\.(auditInterval|auditFromCache|constraintViolationsLimit|auditMatchKindOnly|auditChunkSize|emitAuditEvents)",
        ("", ""),
        r"\1",
        "it belongs at the top level of the chart; audit.* holds settings of the audit pod only",
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
        r"istiod",
        ("", ""),
        "",
        "only the umbrella chart 'ambient' nests values under istiod; the istiod chart ignores everything below it. Move the "
        "keys to the top level",
    ),
    (
        "cni",
        r"(?:istio_cni|istio-cni)",
        ("", ""),
        "",
        "only the umbrella chart nests values so; the cni chart wants them at the top level",
    ),
    (
        "cni",
        r"(?:cni\.)?exclusive",
        ("", ""),
        "",
        "exclusive is a value of the Cilium chart (cni.exclusive: false); the istio-cni chart ignores it",
    ),
    (
        "ztunnel",
        r"ztunnel",
        ("", ""),
        "",
        "the ztunnel chart wants its values at the top level; everything below ztunnel is ignored",
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
