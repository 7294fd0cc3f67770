# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about whether certificates are worth trusting: how strong they are, whom they lead to, and whom they name."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Any

from ..evidence import duration
from ..evidence.bundle import Evidence, Missing, dotted
from . import facts
from .certificates import certificates_of, issued, node_certificates
from .facts import VERIFY, listed
from .mesh import real_ztunnel
from .rule import STAGES, Answer, Catalogue, Fail, Pass

CATALOGUE = Catalogue("network")

PKI_003 = CATALOGUE.rule(
    "ZT-PKI-003",
    "high",
    stages=STAGES,
    title="Certificates are strong enough",
    why="A key of RSA below 2048 bits, of an elliptic curve below 224, or any DSA, can be broken by who has means; a signature "
    "over SHA-1 "
    "or MD5 can be put under another certificate.",
    remediation="Issue it anew with RSA 2048 or more, or ECDSA P-256, signed with SHA-256: kubeadm certs renew, or the issuer's "
    "own way.",
    source="https://doi.org/10.6028/NIST.SP.800-57pt1r5",
)
_LEAST = {"RSA": 2048, "EC": 224, "Ed25519": 0, "Ed448": 0}
_BROKEN = ("md5", "sha1")


def _weak(path: str, one: dict[str, Any]) -> str:
    """Return what is weak in a certificate; empty when nothing is."""
    if "key" not in one:
        raise Missing(path, "its strength was not looked at when this evidence was collected")
    kind, _space, size = str(one["key"]).partition(" ")
    if kind == "unknown":
        raise Missing(path, f"the key of {one['subject']} is of a kind that nobody here knows")
    if kind not in _LEAST or int(size) < _LEAST[kind]:
        return f"its key is {one['key']}"
    return f"it is signed over {one['signature']}" if one["signature"] in _BROKEN and not one["self_signed"] else ""


@PKI_003.check(subject="cluster certificates")
def _strength(evidence: Evidence) -> Iterator[Pass | Fail]:
    for subject, name, several in certificates_of(evidence):
        yield _strong(subject, [(name, one) for one in several], subject)


@PKI_003.check(each=facts.answering_nodes)
def _strength_on_node(evidence: Evidence, host: str) -> Answer:
    found = node_certificates(evidence, host)
    return _strong(f"nodes.{host}.certificates", found, host) if found else None


def _strong(path: str, several: list[tuple[str, dict[str, Any]]], subject: str) -> Pass | Fail:
    wrong = [f"{name or one['subject']}: {weak}" for name, one in several for weak in [_weak(path, one)] if weak]
    if wrong:
        return Fail(listed(wrong, 4), subject=subject)
    return Pass(listed(sorted({str(one["key"]) for _name, one in several})), subject=subject)


PKI_004 = CATALOGUE.rule(
    "ZT-PKI-004",
    "high",
    stages=("network", "policy", "mesh"),
    title="Certificates lead to the authority that others trust",
    why="Whoever asks believes one authority. A certificate of another one is refused: workloads get no identity from istiod, "
    "the API "
    "server no answer from the webhook, Relay none from Hubble. It is mostly what half of a renewal leaves.",
    remediation="Renew both together: restart istiod after changing cacerts, delete the Secret of Gatekeeper's webhook and "
    "restart its "
    "pods, run site.yml for Hubble.",
    source="https://istio.io/latest/docs/tasks/security/cert-management/plugin-ca-cert/",
)


@PKI_004.check(moments=VERIFY, subject="cluster certificates")
def _leads(evidence: Evidence) -> Iterator[Pass | Fail]:
    trusted = {"Hubble Relay": _hubble_authorities, "Gatekeeper webhook": _webhook_authorities}
    for subject, found in issued(evidence):
        why = found["distrusted"]
        others = trusted[subject](evidence) if subject in trusted else None
        if not why and others is not None and not others & {one["sha256"] for one in found["authorities"]}:
            why = "its authority is not the one that is asked for on the other side"
        above = found["authorities"] or found["certificates"]
        yield Fail(f"{found['secret']}: {why}", subject=subject) if why else Pass(f"to {above[-1]['subject']}", subject=subject)


def _hubble_authorities(evidence: Evidence) -> set[str] | None:
    server = evidence.api.view("cilium")["hubble_server"]
    return None if server is None else {one["sha256"] for one in server.raw["authorities"]}


def _webhook_authorities(evidence: Evidence) -> set[str] | None:
    """Return whom the API server believes when it asks Gatekeeper. A bundle that is not there is another rule's matter."""
    place = str(evidence.api.view("namespaces_of")["gatekeeper"])
    hooks = [hook for hook in evidence.api.view("webhooks").raw if (hook["service"] or "").startswith(f"{place}/")]
    found = {one["sha256"] for hook in hooks for one in hook["ca_bundle"] or ()}
    return found or None


PKI_005 = CATALOGUE.rule(
    "ZT-PKI-005",
    "high",
    stages=("node", "network", "policy"),
    title="A server's certificate is for the name it is asked by",
    why="Whoever asks compares the name it asked for with those in the certificate. After an address or a cluster's name "
    "changed, the "
    "certificate of before is refused, valid as it is.",
    remediation="Issue it anew with the name: kubeadm init phase certs apiserver --apiserver-cert-extra-sans <address> after "
    "deleting the "
    "old one; for Hubble and Gatekeeper delete the Secret and run site.yml.",
    source="https://kubernetes.io/docs/setup/best-practices/certificates/",
)
_API_SERVER = "/etc/kubernetes/pki/apiserver.crt"


def _named(path: str, one: dict[str, Any], host: str) -> bool:
    if one.get("names") is None:
        raise Missing(path, f"the names in {one['subject']} were not read")
    try:
        return str(ipaddress.ip_address(host)) in one["addresses"]
    except ValueError:
        # A star stands for one label.
        name = host.lower().rstrip(".")
        return bool({name, f"*.{name.partition('.')[2]}"} & {str(each).lower() for each in one["names"]})


@PKI_005.check(moments=VERIFY, subject="cluster certificates")
def _for_whom(evidence: Evidence) -> Iterator[Pass | Fail]:
    for subject, found in issued(evidence):
        if subject == "Hubble server":
            cluster = str(facts.cilium_config(evidence).get("cluster-name") or "default").replace(".", "-")
            host = f"*.{cluster}.hubble-grpc.cilium.io"
        elif subject == "Gatekeeper webhook":
            host = f"gatekeeper-webhook-service.{evidence.api.view('namespaces_of')['gatekeeper']}.svc"
        else:
            # They answer nobody.
            continue
        first = found["certificates"][0]
        if _named(subject, first, host):
            yield Pass(f"it is for {host}", subject=subject)
        else:
            names = listed(first["names"], 4) or "no name"
            yield Fail(f"{found['secret']} is for {names}, and asked as {host}", subject=subject)


@PKI_005.check(each=facts.answering_nodes)
def _api_server(evidence: Evidence, host: str) -> Answer:
    asked = str(evidence.desired.view("api")["host"])
    mine = [one for path, one in node_certificates(evidence, host) if path == _API_SERVER]
    if not mine or not asked:
        return None
    if _named(f"nodes.{host}.certificates", mine[0], asked):
        return Pass(f"{_API_SERVER} is for {asked}")
    names = [*mine[0]["addresses"], *mine[0]["names"]]
    return Fail(f"{_API_SERVER} is for {listed(names, 6) or 'no name'}, and agents ask {asked}")


PKI_006 = CATALOGUE.rule(
    "ZT-PKI-006",
    "medium",
    stages=("mesh",),
    layer="mesh",
    title="Workloads' certificates outlive the outage of istiod that is planned for",
    why="ztunnel renews a certificate at half of its life. When istiod is away for longer than the other half, certificates "
    "end, and "
    "connections with them, pod by pod.",
    remediation="Set env.SECRET_TTL of ztunnel to twice the hours that bringing istiod back may take, or say in "
    "zerotrust_certificate_outage_hours that fewer are enough.",
    source="https://github.com/istio/ztunnel/blob/master/src/tls/certificate.rs",
)
_OUTAGE_HOURS = 12


@PKI_006.check(moments=VERIFY, subject="DaemonSet istio-system/ztunnel", when=facts.ambient)
def _outage(evidence: Evidence) -> Answer:
    real_ztunnel(evidence)
    ztunnel = evidence.api.view("istio").view("ztunnel")
    asked = str(ztunnel.view("containers").view("istio-proxy").view("env").get("SECRET_TTL") or "24h")
    life = duration.seconds(asked)
    if life is None:
        raise Missing(dotted(ztunnel.path), f"SECRET_TTL is {asked!r}, which is no duration")
    given = evidence.desired.get("certificates")
    wanted = int(given.get("outage_hours", _OUTAGE_HOURS)) if given is not None else _OUTAGE_HOURS
    said = f"certificates live {asked}, and at least {life / 7200:.0f} h without istiod; {wanted} h are planned for"
    return Fail(said) if life / 7200 < wanted else Pass(said)
