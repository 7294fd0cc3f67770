# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bundle of a large cluster, made of the healthy one of the rules' tests: each node, pod and peer with names of its own."""

from __future__ import annotations

import base64
import datetime
import hashlib
import ipaddress
import json
import sys
import uuid
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "unit" / "plugins" / "module_utils" / "rules"))

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from healthy import healthy

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import lets_in, peer_digest, platform_ports
from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import peers as peer_evidence

PODS_ON_A_NODE = 30
ENROLLED_ON_A_NODE = 5
_NODES = ipaddress.ip_address("172.16.0.10")
_PODS = ipaddress.ip_address("10.0.0.0")
_NOW = 1795374000


def make(count: int) -> dict:
    """Return the bundle of so many nodes on which every rule passes."""
    bundle = healthy()
    nodes = [_name(number) for number in range(count)]
    keys = {name: _key(name) for name in nodes}
    pattern, authority = bundle["nodes"]["n1"], Authority()
    bundle["desired"]["nodes"] = {name: {"node_name": name, "ips": [_address(number)]} for number, name in enumerate(nodes)}
    bundle["desired"]["pod_cidrs"] = ["10.0.0.0/8"]
    bundle["desired"]["service_cidrs"] = ["198.18.0.0/16"]
    pattern["firewall"]["lets_in"] = lets_in.listing(platform_ports.openings(bundle["desired"]))
    peers = [_peer(number, keys[name]) for number, name in enumerate(nodes)]
    every = peer_digest.digest(keys.values())
    bundle["nodes"] = {
        name: _node(pattern, number, keys[name], _peers(number, peers, every), authority) for number, name in enumerate(nodes)
    }
    _objects(bundle["api"], nodes, keys)
    return bundle


def _name(number: int) -> str:
    return f"rack{number // 40:03d}-node{number % 40:02d}"


def _key(name: str) -> str:
    return base64.b64encode(hashlib.sha256(name.encode()).digest()).decode()


def _uid(name: str, pod: int) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{pod}.{name}"))


def _address(number: int) -> str:
    return str(_NODES + number)


def _pod_cidr(number: int) -> str:
    return f"{_PODS + number * 256}/24"


def _peer(number: int, key: str) -> dict:
    return {
        "public_key": key,
        "endpoint": f"{_address(number)}:51871",
        "allowed_ips": [_pod_cidr(number), f"{_address(number)}/32"],
        "latest_handshake": _NOW - number % 120,
        "rx_bytes": 18230 + number,
        "tx_bytes": 19110 + number,
    }


def _peers(number: int, peers: list[dict], every: str) -> dict:
    """Return what a node's evidence says of its peers. What `shorten` makes, without its N times N steps."""
    if len(peers) <= peer_evidence.LISTED:
        return {"peers": peers[:number] + peers[number + 1 :]}
    own = base64.b64decode(peer_digest.digest([peers[number]["public_key"]]))
    made = {
        "peers": [],
        "all_peers": {
            "count": len(peers) - 1,
            "quiet": 0,
            "oldest_handshake": min(peers[other]["latest_handshake"] for other in (118, 119) if other != number),
            "shut": {"count": 0, "peers": []},
            "without_pods": 0,
            "keys": base64.b64encode(bytes(a ^ b for a, b in zip(base64.b64decode(every), own, strict=True))).decode(),
        },
    }
    if number == 0:
        assert made == peer_evidence.shorten({"peers": peers[1:]}, _NOW)
    return made


def _node(pattern: dict, number: int, key: str, peers: dict, authority: Authority) -> dict:
    # By way of JSON: a bundle that was read shares nothing between its nodes.
    one = json.loads(json.dumps(pattern))
    one["hostname"], one["machine_id"] = _name(number), hashlib.md5(_name(number).encode(), usedforsecurity=False).hexdigest()
    next(link for link in one["links"] if link["name"] == "eth0")["addresses"] = [f"{_address(number)}/12"]
    like = next(link for link in one["links"] if link["name"] == "lxc5f2a")
    one["links"] += [
        {**like, "name": f"lxc{hashlib.md5(bytes([pod]) + key.encode()).hexdigest()[:12]}", "index": 20 + pod}
        for pod in range(PODS_ON_A_NODE)
    ]
    one["pod_networks"]["redirected"] = [_uid(_name(number), pod) for pod in range(ENROLLED_ON_A_NODE)]
    interface = one["wireguard"]["interfaces"][0]
    interface.update(public_key=key, **peers)
    one["certificates"] = [
        {"path": "/etc/kubernetes/pki/ca.crt", "pem": authority.own},
        {"path": "/var/lib/kubelet/pki/kubelet-client-current.pem", "pem": authority.issue(f"system:node:{_name(number)}")},
    ]
    return one


def _objects(api: dict, nodes: list[str], keys: dict[str, str]) -> None:
    control_plane, worker = api["nodes"]["node1"], api["nodes"]["node2"]
    agent = next(pod for pod in api["pods"]["kube-system"] if pod["labels"].get("k8s-app") == "cilium")
    cni = next(pod for pod in api["pods"]["istio-system"] if pod["labels"].get("k8s-app") == "istio-cni-node")
    ztunnel = next(pod for pod in api["pods"]["istio-system"] if pod["labels"].get("app") == "ztunnel")
    web = api["pods"]["shop"][0]
    several = {"kube-system": [agent], "istio-system": [cni, ztunnel], "shop": [web] * ENROLLED_ON_A_NODE}
    kept = {
        namespace: [pod for pod in api["pods"][namespace] if pod["labels"] not in [one["labels"] for one in several[namespace]]]
        for namespace in several
    }
    api["nodes"], api["cilium"]["nodes"] = {}, {}
    for number, name in enumerate(nodes):
        api["nodes"][name] = {
            **(control_plane if number < 3 else worker),
            "control_plane": number < 3,
            "internal_ips": [_address(number)],
            "pod_cidrs": [_pod_cidr(number)],
        }
        api["cilium"]["nodes"][name] = {
            "public_key": keys[name],
            "addresses": [_address(number)],
            "pod_cidrs": [_pod_cidr(number)],
        }
        for namespace, pods in several.items():
            for pod, like in enumerate(pods):
                kept[namespace].append({**like, "name": f"{like['name']}-{name}-{pod}", "uid": _uid(name, pod), "node": name})
    for pod in [pod for pods in kept.values() for pod in pods]:
        if pod["node"] in ("node1", "node2"):
            pod["node"] = nodes[0]
    api["pods"].update(kept)
    api["enrolled_pods"] = [
        {**pod, "namespace": namespace}
        for namespace, pods in kept.items()
        for pod in pods
        if "istio.io/dataplane-mode" in pod["labels"]
    ]
    for workload in (api["cilium"]["agent"], api["istio"]["cni"], api["istio"]["ztunnel"]):
        workload["status"].update(wanted=len(nodes), ready=len(nodes), updated=len(nodes))


class Authority:
    """Issues a kubelet's certificate for each node."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "kubernetes")])
        self.own = self._sign(self._name, self._key.public_key(), 3650, True)

    def issue(self, name: str) -> str:
        return self._sign(
            x509.Name(
                [
                    x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "system:nodes"),
                    x509.NameAttribute(x509.NameOID.COMMON_NAME, name),
                ]
            ),
            self._key.public_key(),
            365,
            False,
        )

    def _sign(self, subject: x509.Name, key: ec.EllipticCurvePublicKey, days: int, authority: bool) -> str:
        begin = datetime.datetime.fromtimestamp(_NOW, datetime.UTC) - datetime.timedelta(days=1)
        made = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(begin)
            .not_valid_after(begin + datetime.timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        return made.public_bytes(serialization.Encoding.PEM).decode()
