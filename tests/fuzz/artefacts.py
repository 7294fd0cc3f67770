# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every kind of file that somebody else writes and this collection reads: samples, and what may come of a damaged one.

`Artefact.read` ends in three ways: it returns what it found, it raises the error its reader documents, or this is a fault.
"""

from __future__ import annotations

import base64
import copy
import functools
import gzip
import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "benchmarks"), str(TESTS / "unit" / "plugins" / "module_utils" / "rules")]

import damage
import fleet
import gitops
import of_nodes
import of_the_driver
import yaml
from firing.every import CASES
from healthy import healthy

from ansible_collections.zerotrust.baremetal.plugins.module_utils.cluster import folder, offline
from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import bundle as bundles
from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import (
    certificate,
    chart,
    chart_forms,
    conflist,
    containerd,
    kernel,
    kubelet,
    networkd,
    os_release,
    pem,
    plain_toml,
    plain_yaml,
    redaction,
    secret_values,
    sysctl,
)
from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence.plain import plain
from ansible_collections.zerotrust.baremetal.plugins.module_utils.report import (
    html,
    json_report,
    junit,
    markdown,
    sarif,
    text,
)
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules import engine
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules.catalogue import RULES

FIXTURES = TESTS / "unit" / "fixtures"


class Fault(AssertionError):
    """A reader did what none may do."""


@dataclass(frozen=True)
class Artefact:
    """One kind of file. `damaged` makes a broken one of the samples; `read` returns how that ended."""

    name: str
    damaged: Callable[[Random], bytes]
    read: Callable[[bytes], str]


# --- What a node reads: the evidence has to be JSON whatever the file held ---


def _evidence(found: Any) -> str:
    json.dumps(plain(found), ensure_ascii=False, allow_nan=False).encode()
    return "read"


def _conflist(content: bytes) -> str:
    for name in ("05-cilium.conflist", "x.conf", ""):
        found = conflist.parse(content, name)
        if found["valid"] == bool(found["error"]):
            raise Fault(f"neither valid nor an error: {found}")
        _evidence(found)
    return "read" if found["valid"] else "refused"


def _sysctl(content: bytes) -> str:
    lines = sysctl.parse(_text(content))
    return _evidence([sysctl.effective(key, [("/etc/sysctl.d/x.conf", lines)]) for key in sysctl.KEYS])


def _modprobe(content: bytes) -> str:
    denied, commands = kernel.modprobe(_text(content))
    return _evidence([denied, commands, [kernel.refuses(command) for command in commands.values()]])


def _containerd(content: bytes) -> str:
    try:
        return _evidence([containerd.imports(_text(content)), containerd.settings([_text(content)])])
    except plain_toml.Unknown:
        return "refused"


def _kubelet(content: bytes) -> str:
    try:
        return _evidence(kubelet.config(plain_yaml.parse(_text(content))))
    except plain_yaml.Unknown:
        return "refused"


def _settings(content: bytes) -> str:
    _evidence(networkd.parse(_text(content)))
    return _evidence(os_release.parse(_text(content)))


def _text(content: bytes) -> str:
    # As node/host.py does.
    return content.decode("utf-8", "replace")


def _pem(content: bytes) -> str:
    kept = pem.certificates(_text(content).splitlines(keepends=True))
    if "PRIVATE" in kept:
        raise Fault("a key was kept")
    ends = []
    for read in (
        lambda: certificate.describe(kept),
        lambda: certificate.describe_base64(base64.b64encode(content).decode()),
        lambda: certificate.describe_base64(_text(content)),
    ):
        try:
            for one in read():
                certificate.remaining(one, "2026-11-22T19:00:00Z")
                certificate.lifetime(one)
                _evidence(one)
            ends.append("read")
        except certificate.CertificateError:
            ends.append("refused")
    return ends[0]


# --- What the driver reads: a folder, judged to the last report ---


@functools.cache
def _charts() -> dict[str, chart.Chart]:
    """The charts of the healthy cluster, as small as their values."""
    made = {}
    with tempfile.TemporaryDirectory() as work:
        for name, one in healthy()["charts"].items():
            place = Path(work, name)
            place.mkdir()
            (place / "Chart.yaml").write_text(f"name: {name}\nversion: {one['version']}\nappVersion: {one['version']}\n")
            (place / "values.yaml").write_text(json.dumps(one["effective"]))
            made[name] = chart.read(str(place))
    return made


def _judge(name: str, content: bytes) -> str:
    return _judge_all({name: content})


def _judge_folder(content: bytes) -> str:
    return _judge_all({name: text.encode("latin-1") for name, text in json.loads(content).items()})


def _judge_all(files: Mapping[str, bytes]) -> str:
    with tempfile.TemporaryDirectory(prefix="fuzz-", dir=_memory()) as path:
        for name, content in files.items():
            Path(path, name).parent.mkdir(parents=True, exist_ok=True)
            Path(path, name).write_bytes(content)
        try:
            read = folder.read(path)
            made = offline.evidence(read, _planned(read), [])
        except folder.FolderError as error:
            if not any(name in str(error) for name in files):
                raise Fault(f"the error does not name the file: {error}") from None
            if "goroutine " in str(error):
                raise Fault(f"the error has the stack of a program: {error}") from None
            return "refused"
    bundle = bundles.assemble(
        cluster=made.cluster,
        collected_at=made.evidence.get("collected_at") or "2026-11-22T19:00:00Z",
        moment=made.moment,
        desired=made.desired,
        nodes=made.nodes,
        cluster_evidence=made.evidence,
    )
    if read.bundle is not None:
        _evidence(redaction.redact(bundle, b"sixteen bytes or more"))
    result = engine.run(bundles.Evidence(bundle), RULES, made.moment, made.stages)
    engine.gate(result)
    for report in (json_report, html, sarif, junit, markdown):
        report.render(result, bundle, made.stages).encode()
    text.plain(text.lines(result, bundle, made.stages, {})).encode()
    text.message(result, made.cluster, made.moment).encode()
    failed = sorted({f"{one.id}: {one.message}" for one in result.findings if "the rule itself failed" in one.message})
    if failed and read.bundle is None:
        raise Fault("; ".join(failed))
    return "judged, and a rule could not read it" if failed else "judged"


def _memory() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


def _planned(read: folder.Folder) -> dict[str, Any]:
    """What `charts.collect` returns where Helm is not there."""
    found = {}
    for name, given in offline.planned(read, "/charts", {}).items():
        one = copy.deepcopy(healthy()["charts"][name])
        one.update(given, values=secret_values.redact(given["values"]), user_values=secret_values.redact(given["user_values"]))
        one["effective"] = secret_values.redact(chart.effective(_charts()[name], given["values"]))
        one["problems"] = chart.problems(_charts()[name], given["user_values"], name)
        one["forms"] = chart_forms.problems(_charts()[name], given["values"], given["user_values"])
        found[name] = one
    return found


# --- Samples ---


@functools.cache
def _files(*patterns: str) -> tuple[bytes, ...]:
    return tuple(path.read_bytes() for pattern in patterns for path in sorted(FIXTURES.glob(pattern)) if path.is_file())


_SYSCTL = (
    b"# hardening\nnet.ipv4.ip_forward = 0\n-net.ipv4.conf.all.rp_filter\nnet/ipv4/conf/*/rp_filter=1\n;x\nkernel.panic=10\n",
)
_MODPROBE = (b"blacklist wireguard\ninstall vxlan /bin/false\noptions nf_conntrack hashsize=1\ninstall x \\\n /bin/true\n",)
_RELEASE = (
    b'ID=debian\nVERSION_ID="13"\nPRETTY_NAME="Debian GNU/Linux 13"\nID_LIKE=a\n',
    b"[Network]\nManageForeignRoutes=no\n",
)
_POLICY = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "NetworkPolicy",
    "metadata": {"name": "deny", "namespace": "shop"},
    "spec": {
        "podSelector": {},
        "policyTypes": ["Ingress"],
        "ingress": [{"from": [{"podSelector": {}}], "ports": [{"port": 80}]}],
    },
}


@functools.cache
def _manifests() -> tuple[Any, ...]:
    """Objects of each kind that has a place in the evidence."""
    meta = {"name": "one", "namespace": "shop", "labels": {"istio.io/dataplane-mode": "ambient"}, "annotations": {}}
    hook = {
        "name": "validation.gatekeeper.sh",
        "failurePolicy": "Ignore",
        "clientConfig": {"service": {"namespace": "a", "name": "b"}, "caBundle": "LS0tLS1CRUdJTg=="},
        "rules": [{"apiGroups": ["*"], "resources": ["*"], "operations": ["CREATE"]}],
        "namespaceSelector": {"matchExpressions": [{"key": "a", "operator": "In", "values": ["b"]}]},
    }
    rest: list[tuple[str, str, dict[str, Any]]] = [
        ("v1", "Namespace", {}),
        ("v1", "Pod", {"spec": {"containers": [{"name": "c", "image": "i", "securityContext": {"privileged": True}}]}}),
        (
            "apps/v1",
            "Deployment",
            {"spec": {"replicas": 2, "selector": {"matchLabels": {"a": "b"}}, "template": {"spec": {"containers": []}}}},
        ),
        ("policy/v1", "PodDisruptionBudget", {"spec": {"minAvailable": "50%", "selector": {"matchLabels": {"app": "x"}}}}),
        (
            "argoproj.io/v1alpha1",
            "Application",
            {
                "spec": {
                    "destination": {"namespace": "kube-system"},
                    "source": {
                        "repoURL": "https://helm.cilium.io",
                        "chart": "cilium",
                        "targetRevision": "1.20.2",
                        "helm": {
                            "values": "cni:\n  exclusive: true\n",
                            "parameters": [{"name": "cni.args[0]", "value": "{a,1}", "forceString": True}],
                        },
                    },
                }
            },
        ),
        ("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", {"webhooks": [hook]}),
        ("security.istio.io/v1", "PeerAuthentication", {"spec": {"mtls": {"mode": "STRICT"}}}),
        (
            "security.istio.io/v1",
            "AuthorizationPolicy",
            {"spec": {"rules": [{"to": [{"operation": {"methods": ["GET"]}}]}], "action": "ALLOW"}},
        ),
        ("cilium.io/v2", "CiliumNetworkPolicy", {"spec": {"endpointSelector": {}, "ingress": [{"fromCIDR": ["10.0.0.0/8"]}]}}),
        (
            "templates.gatekeeper.sh/v1",
            "ConstraintTemplate",
            {
                "spec": {"crd": {"spec": {"names": {"kind": "K8sX"}}}},
                "status": {"byPod": [{"id": "a", "errors": [{"message": "m"}]}]},
            },
        ),
        (
            "constraints.gatekeeper.sh/v1beta1",
            "K8sX",
            {"spec": {"enforcementAction": "deny", "match": {"kinds": [{"kinds": ["Pod"]}]}}},
        ),
        (
            "constraints.gatekeeper.sh/v1beta1",
            "K8sX",
            {
                "spec": {
                    "enforcementAction": "scoped",
                    "scopedEnforcementActions": [{"action": "deny", "enforcementPoints": [{"name": "vap.k8s.io"}]}],
                    "match": {"namespaces": ["a*"], "excludedNamespaces": ["b"], "namespaceSelector": {}},
                },
                "status": {"auditTimestamp": "2026-11-22T18:59:30Z", "totalViolations": 1, "byPod": []},
            },
        ),
        (
            "templates.gatekeeper.sh/v1",
            "ConstraintTemplate",
            {
                "spec": {
                    "crd": {"spec": {"names": {"kind": "K8sY"}}},
                    "targets": [{"rego": "package x\n", "code": [{"engine": "Rego", "source": {"version": "v1", "rego": "p"}}]}],
                }
            },
        ),
        (
            "autoscaling/v2",
            "HorizontalPodAutoscaler",
            {"spec": {"minReplicas": 1, "maxReplicas": 3, "scaleTargetRef": {"kind": "Deployment", "name": "one"}}},
        ),
        (
            "cilium.io/v2",
            "CiliumClusterwideNetworkPolicy",
            {
                "spec": {
                    "endpointSelector": {},
                    "enableDefaultDeny": {"ingress": False, "egress": False},
                    "ingress": [{"fromCIDR": ["169.254.7.127/32"]}],
                    "egress": [{"toPorts": [{"ports": [{"port": "80"}], "rules": {"http": [{}]}}]}],
                }
            },
        ),
        (
            "networking.istio.io/v1",
            "DestinationRule",
            {
                "spec": {
                    "host": "db",
                    "trafficPolicy": {"tls": {"mode": "SIMPLE"}, "portLevelSettings": [{"tls": {"mode": "MUTUAL"}}]},
                    "subsets": [{"name": "v1", "trafficPolicy": {"tls": {"mode": "SIMPLE"}}}],
                }
            },
        ),
        ("networking.istio.io/v1", "Sidecar", {"spec": {"egress": [{"hosts": ["./*"]}]}}),
        ("security.istio.io/v1", "PeerAuthentication", {"spec": {"portLevelMtls": {"8080": {"mode": "PERMISSIVE"}}}}),
    ]
    made = [{"apiVersion": version, "kind": kind, "metadata": meta, **more} for version, kind, more in rest]
    return (*made, _POLICY, {"apiVersion": "v1", "kind": "List", "items": made[:3]})


@functools.cache
def _bundle_texts() -> tuple[str, ...]:
    return tuple(json.dumps(healthy(moment)) for moment in ("preflight", "verify"))


def _of(samples: Callable[[], tuple[bytes, ...]], flipped: bool = False) -> Callable[[Random], bytes]:
    def damaged(random: Random) -> bytes:
        content = random.choice(samples())
        return _flipped(content, random) if flipped and random.random() < 0.6 else damage.text(content, random)

    return damaged


def _damaged_conflist(random: Random) -> bytes:
    content = random.choice(_files("node/cni/*"))
    if random.random() < 0.5:
        return json.dumps(damage.value(json.loads(content), random)).encode()
    return damage.text(content, random)


def _damaged_manifests(random: Random) -> bytes:
    chosen = [copy.deepcopy(one) for one in random.sample(_manifests(), random.randrange(1, 4))]
    if random.random() < 0.7:
        chosen = [damage.value(one, random) for one in chosen]
        content = "---\n".join(
            yaml.safe_dump(one) if random.random() < 0.5 else json.dumps(one) + "\n" for one in chosen
        ).encode()
    else:
        content = damage.text("---\n".join(yaml.safe_dump(one) for one in chosen).encode(), random)
    return content


def _damaged_values(name: str, random: Random) -> bytes:
    values = json.loads(_effective(name))
    for key in random.sample(list(values), max(0, len(values) - random.randrange(1, 12))):
        del values[key]
    if random.random() < 0.7:
        return yaml.safe_dump(damage.value(values, random)).encode()
    return damage.text(yaml.safe_dump(values).encode(), random)


@functools.cache
def _effective(name: str) -> str:
    return json.dumps(healthy()["charts"][name]["effective"])


def _damaged_bundle(random: Random) -> bytes:
    content = random.choice(_bundle_texts())
    if random.random() < 0.3:
        # The whole of it is larger than what is damaged elsewhere: cut after the damage, nothing would ever be whole.
        return damage.text(content.encode()[: damage.LARGEST], random)
    bundle = json.loads(content)
    if random.random() < 0.3:
        random.choice(CASES).change(bundle)
    return json.dumps(damage.value(bundle, random)).encode()


@functools.cache
def _certificates() -> tuple[bytes, ...]:
    made = fleet.Authority()
    key = b"-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIA==\n-----END EC PRIVATE KEY-----\n"
    return made.own.encode(), made.issue("system:node:n1").encode() + made.own.encode(), key + made.issue("a").encode()


def _damaged_certificate(random: Random) -> bytes:
    content = random.choice(_certificates())
    if random.random() < 0.3:
        return damage.text(content, random)
    # DER: what is inside the base64 is damaged, and its frame is whole.
    lines = content.decode().splitlines()
    inner = "".join(lines[lines.index("-----BEGIN CERTIFICATE-----") + 1 : lines.index("-----END CERTIFICATE-----")])
    der = base64.b64decode(inner)
    coded = base64.encodebytes(_flipped(der, random) if random.random() < 0.7 else damage.text(der, random)).decode()
    return f"-----BEGIN CERTIFICATE-----\n{coded}-----END CERTIFICATE-----\n".encode()


def _flipped(content: bytes, random: Random) -> bytes:
    changed = bytearray(content)
    for _step in range(random.choice((1, 1, 2, 5))):
        changed[random.randrange(len(changed))] = random.choice((0, 1, 0x7F, 0x80, 0xFF, random.randrange(256)))
    return bytes(changed)


def _packed(random: Random) -> bytes:
    if random.random() < 0.5:
        return gzip.compress(_damaged_bundle(random), 1)
    return damage.text(gzip.compress(_bundle_texts()[0].encode(), 1), random)


def _values_names() -> Iterator[Artefact]:
    for name in ("cilium", "istiod", "cni", "ztunnel", "gatekeeper"):
        yield Artefact(
            f"values of {name}", functools.partial(_damaged_values, name), functools.partial(_judge, f"{name}.values.yaml")
        )


def _said_by_nodes() -> Iterator[Artefact]:
    for name, (samples, read) in of_nodes.READERS.items():
        yield Artefact(name, _of(samples, flipped=name == "netlink"), functools.partial(_read_of_node, read))


def _read_by_the_driver() -> Iterator[Artefact]:
    for name, damaged, read in (
        ("chart", of_the_driver.damaged_chart, of_the_driver.read_chart),
        ("report", of_the_driver.damaged_report, of_the_driver.read_report),
        ("accepted", of_the_driver.damaged_entries, of_the_driver.read_entries),
        ("module cni_chain", _damaged_conflist, of_the_driver.read_chain),
        ("module certificate", _damaged_certificate, of_the_driver.read_certificates),
        ("filter disruption_budget", of_the_driver.damaged_budget, of_the_driver.read_budget),
    ):
        yield Artefact(name, damaged, functools.partial(_read_or_refused, read))


def _read_or_refused(read: Callable[[bytes], None], content: bytes) -> str:
    try:
        read(content)
    except of_the_driver.REFUSALS as error:
        if not str(error):
            raise Fault("refused without a word") from None
        return "refused"
    return "read"


def _read_of_node(read: Callable[[bytes], Any], content: bytes) -> str:
    try:
        found = read(content)
    except of_nodes.REFUSALS as error:
        if not str(error):
            raise Fault("refused without a word") from None
        return "refused"
    return _evidence(found)


ARTEFACTS = {
    one.name: one
    for one in (
        Artefact("conflist", _damaged_conflist, _conflist),
        Artefact("certificate", _damaged_certificate, _pem),
        Artefact("manifests in YAML", _damaged_manifests, functools.partial(_judge, "all.yaml")),
        Artefact(
            "manifests in JSON",
            lambda random: json.dumps(damage.value(copy.deepcopy(random.choice(_manifests())), random)).encode(),
            functools.partial(_judge, "all.json"),
        ),
        Artefact("bundle", _damaged_bundle, functools.partial(_judge, "evidence.json")),
        Artefact("packed bundle", _packed, functools.partial(_judge, "evidence.json.gz")),
        Artefact("manifests of Argo CD", gitops.applications, functools.partial(_judge, "app.yaml")),
        Artefact("manifests of templates", gitops.templates, functools.partial(_judge, "template.yaml")),
        Artefact("kustomizations", gitops.folders, _judge_folder),
        *_values_names(),
        *_read_by_the_driver(),
        Artefact("sysctl.d", _of(lambda: _SYSCTL), _sysctl),
        Artefact("modprobe.d", _of(lambda: _MODPROBE), _modprobe),
        Artefact("containerd", _of(lambda: _files("node/containerd-*")), _containerd),
        Artefact("kubelet", _of(lambda: _files("node/kubelet-config.yaml")), _kubelet),
        Artefact("os-release and networkd", _of(lambda: _RELEASE), _settings),
        *_said_by_nodes(),
    )
}
