# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about how long certificates live."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..evidence.bundle import Evidence, Missing
from . import facts
from .facts import listed
from .rule import STAGES, Answer, Catalogue, Fail, Pass

CATALOGUE = Catalogue("network")

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
    why="Renewal takes people and time; what renews itself does so well before. Enough are 30 days, or a fifth of what a short "
    "one "
    "lives.",
    remediation="Renew it now, or find out why it was not renewed by itself. zerotrust_certificate_days is how many days are "
    "enough.",
    source="https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-certs/",
)
# Days of life that are enough, unless the inventory says another number.
_DAYS = 30


def certificates_of(evidence: Evidence) -> Iterator[tuple[str, str, list[dict[str, Any]]]]:
    """Yield what each certificate belongs to: (subject, description, certificates)."""
    root = evidence.api.view("istio")["root_certificates"]
    if root is not None:
        yield "Istio root", "", root.raw
    for hook in evidence.api.view("webhooks").raw:
        if hook.get("ca_bundle"):
            yield f"webhook {hook['name']}", f"the CA in {hook['configuration']}", hook["ca_bundle"]
    for title, found in issued(evidence):
        yield title, "", found["certificates"]


def issued(evidence: Evidence) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what Secrets hold, with whether it leads to whom others trust. Without one there is nothing to say."""
    for title, layer, key in (
        ("Hubble server", "cilium", "hubble_server"),
        ("Hubble Relay", "cilium", "hubble_relay"),
        ("Gatekeeper webhook", "gatekeeper", "webhook_server"),
        ("istiod's issuer", "istio", "issuer"),
    ):
        found = evidence.api.view(layer)[key]
        if found is not None:
            yield title, found.raw


def _enough(evidence: Evidence) -> int:
    given = evidence.desired.get("certificates")
    return int(given.get("days", _DAYS)) if given is not None else _DAYS


def node_certificates(evidence: Evidence, host: str) -> list[tuple[str, dict[str, Any]]]:
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

    now, enough = evidence.collected_at, _enough(evidence)
    bad, least = [], None
    for name, one in certificates:
        left, life = certificate.remaining(one, now).total_seconds() / 86400, certificate.lifetime(one).total_seconds() / 86400
        least = left if least is None else min(least, left)
        what = f"{name}: " if name else ""
        if ended and left <= 0:
            bad.append(f"{what}ended on {one['not_after'][:10]}")
        elif not ended and 0 < left < min(enough, life / 5):
            bad.append(f"{what}ends in {left:.0f} days ({one['not_after'][:10]})")
    if least is None:
        return None
    return (
        Fail(listed(bad, 4), subject=subject)
        if bad
        else Pass(f"{len(certificates)}, the first ends in {least:.0f} days", subject=subject)
    )


def _each_certificate(evidence: Evidence, ended: bool) -> Iterator[Pass | Fail]:
    for subject, name, certificates in certificates_of(evidence):
        answer = _life(evidence, [(name, one) for one in certificates], ended, subject)
        if answer is not None:
            yield answer


@PKI_001.check(subject="cluster certificates")
def _ended(evidence: Evidence) -> Iterator[Pass | Fail]:
    return _each_certificate(evidence, True)


@PKI_001.check(each=facts.answering_nodes)
def _ended_on_node(evidence: Evidence, host: str) -> Answer:
    return _life(evidence, node_certificates(evidence, host), True, host)


@PKI_002.check(subject="cluster certificates")
def _ending(evidence: Evidence) -> Iterator[Pass | Fail]:
    return _each_certificate(evidence, False)


@PKI_002.check(each=facts.answering_nodes)
def _ending_on_node(evidence: Evidence, host: str) -> Answer:
    return _life(evidence, node_certificates(evidence, host), False, host)
