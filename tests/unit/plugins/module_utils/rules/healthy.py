# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster of two nodes on which every rule passes.

Its charts and its API objects were read from a real API server with the real charts installed (control ring); what only real
nodes and controllers make (WireGuard, conflist, caBundle, audits) is filled in here in the same form.
"""

from __future__ import annotations

import copy
import datetime
import functools
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from made_certificates import Made

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import bundle, lets_in, platform_ports

FIXTURES = Path(__file__).resolve().parents[3] / "fixtures" / "cluster"
NOW = "2026-11-22T19:00:00Z"
RENEWED = datetime.datetime(2026, 10, 1, tzinfo=datetime.timezone.utc)

# A template and a constraint as Gatekeeper's controller leaves them.
TEMPLATE = {
    "kind": "K8sPrivileged",
    "created": True,
    "errors": [],
    "needs_sync": False,
    "requires_sync": [],
    "sources": [{"at": "code", "engine": "Rego", "version": "v1", "syntax": "v1"}],
}
CONSTRAINT = {
    "created": "2026-11-22T18:00:00Z",
    "action": "deny",
    "scoped": None,
    "match": {
        "kinds": [{"apiGroups": [""], "kinds": ["Pod"]}],
        "excludedNamespaces": ["kube-system", "istio-system", "gatekeeper-system"],
    },
    "audited": "2026-11-22T18:59:30Z",
    "violations": 0,
    "errors": [],
}
# Of a root, an authority below it, and what these issued; the form is that of evidence.
ROOT = {
    "subject": "O=cluster.local",
    "issuer": "O=cluster.local",
    "not_before": "2026-11-22T00:00:00Z",
    "not_after": "2036-11-19T00:00:00Z",
    "ca": True,
    "sha256": "00",
    "key": "RSA 2048",
    "signature": "sha256",
    "self_signed": True,
    "names": [],
    "addresses": [],
}


def _issued(secret, *names):
    leaf = {**ROOT, "subject": "CN=" + secret, "issuer": ROOT["subject"], "ca": False, "sha256": "01", "self_signed": False}
    leaf["names"] = list(names)
    return {"secret": secret, "certificates": [leaf], "authorities": [dict(ROOT)], "distrusted": None}


@functools.cache
def node_certificates(name):
    """What kubeadm leaves on a node, as PEM."""
    authority = Made("kubernetes", ca=True, days=3650)
    client = Made(f"system:node:{name}", authority, days=365, start=RENEWED)
    server = Made("kube-apiserver", authority, days=365, start=RENEWED, names=("DNS:kubernetes", "IP:192.0.2.10"))
    return {
        "/var/lib/kubelet/pki/kubelet-client-current.pem": client.pem,
        "/etc/kubernetes/pki/ca.crt": authority.pem,
        "/etc/kubernetes/pki/apiserver.crt": server.pem,
    }


# Kinds whose version is another one than v1, as the charts make them.
VERSIONS = {
    "authorizationpolicies.security.istio.io": ["v1", "v1beta1"],
    "configs.config.gatekeeper.sh": ["v1alpha1"],
    "constrainttemplates.templates.gatekeeper.sh": ["v1", "v1alpha1", "v1beta1"],
    "peerauthentications.security.istio.io": ["v1", "v1beta1"],
}
POD = {
    "name": "web",
    "uid": "5c3a2a52-6b1e-4a52-9f3c-0c5f1f7d2b11",
    "node": "node1",
    "phase": "Running",
    "ready": True,
    "deleting": False,
    "host_network": False,
    "host_ports": [],
    "labels": {"app": "web"},
    "redirection": "enabled",
    "sidecar": False,
    "dataplane_annotation": None,
    "started": "2026-11-22T18:30:00Z",
    "owner": "ReplicaSet/web-6d4c",
}


def _workload(namespace, name, replicas, labels):
    return {
        "kind": "Deployment",
        "namespace": namespace,
        "name": name,
        "replicas": replicas,
        "labels": labels,
        "dataplane_annotations": {},
        "container_fields": [],
    }


WORKLOADS = [
    _workload("kube-system", "cilium-operator", 2, {"io.cilium/app": "operator", "name": "cilium-operator"}),
    _workload("istio-system", "istiod", 2, {"app": "istiod", "istio": "pilot"}),
    _workload(
        "gatekeeper-system",
        "gatekeeper-controller-manager",
        2,
        {
            "app": "gatekeeper",
            "chart": "gatekeeper",
            "control-plane": "controller-manager",
            "gatekeeper.sh/operation": "webhook",
            "gatekeeper.sh/system": "yes",
            "heritage": "Helm",
            "release": "gatekeeper",
        },
    ),
    _workload("shop", "web", 1, {"app": "web"}),
]
PROBES = {
    "namespace": "",
    "name": "allow-ambient-hostprobes",
    "spec": {
        "enableDefaultDeny": {"egress": False, "ingress": False},
        "endpointSelector": {},
        "ingress": [{"fromCIDR": ["169.254.7.127/32"]}],
    },
}

HOSTS = {
    "namespace": "",
    "name": "hosts",
    "spec": {"nodeSelector": {}, "ingress": [{"fromEntities": ["cluster"]}, {"toPorts": [{"ports": [{"port": "22"}]}]}]},
}


@functools.cache
def _fixture(name):
    return json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))


def forwards(tool, family, table, chain, verdict="passes", rule=""):
    where = {"tool": tool, "family": family, "table": table, "chain": chain, "verdict": verdict, "rule": rule}
    return [{**where, "way": way} for way in ("from pods", "to pods")]


def node(name):
    """A node's evidence; node2 mirrors node1."""
    one = copy.deepcopy(_fixture("node"))
    # The local table gives way to Cilium's own rules.
    one["routing_rules"] = [
        {"family": "ipv4", "priority": priority, "mark": 0, "mask": 0, "table": table}
        for priority, table in ((100, 255), (32766, 254), (32767, 253))
    ]
    # In tunnel mode Cilium allows the address of the node, which the tunnel's packets have.
    one["wireguard"]["interfaces"][0]["peers"][0]["allowed_ips"] = ["192.0.2.12/32"]
    one["routes"] = {"cilium_host": 2, "eth0": 2}
    one["limits"] = {
        "connections": {"used": 3120, "limit": 262144},
        "files": {"used": 4128, "limit": 9223372036854775807},
        "neighbours": {"used": 4, "limit": 1024},
        "threads": {"used": 812, "limit": 30892},
    }
    one["forwarding"] = forwards("iptables", "ip", "filter", "FORWARD")
    one["firewall"] = {"managers": [], "flushes": [], "zerotrust": "nftables", "waiting": False}
    one["firewall"]["drift"] = {"rules": [], "files": []}
    one["certificates"] = [{"path": path, "pem": pem} for path, pem in node_certificates(name).items()]
    one["pod_networks"] = {"redirected": [POD["uid"]] if name == "node1" else [], "plain": [], "partly": []}
    one["cni"]["others"] = []
    for binary in one["cni"]["binaries"]:
        binary.update(mode="0755", owner=0)
    if name == "node2":
        one["hostname"], one["machine_id"] = "node2", "9c1b8a52e0c94a3f9a3a0b4e1f6f7c02"
        next(link for link in one["links"] if link["name"] == "eth0")["addresses"] = ["192.0.2.12/24"]
        interface = one["wireguard"]["interfaces"][0]
        interface["public_key"] = "key-of-node2="
        interface["peers"][0].update(public_key="key-of-node1=", endpoint="192.0.2.11:51871", allowed_ips=["192.0.2.11/32"])
    return one


def ways(host, address):
    """What a node finds that reaches the other one on everything."""
    ports = [("tcp", 4240), ("tcp", 4244), ("udp", 8472), ("udp", 51871)]
    return {
        "ports": [
            {"host": host, "address": address, "protocol": protocol, "port": port, "outcome": "reached", "detail": ""}
            for protocol, port in ports
        ],
        "paths": [{"host": host, "address": address, "link_mtu": 1500, "path_mtu": 1500}],
    }


def healthy(moment="verify"):
    """A whole bundle, new each time."""
    api, charts = copy.deepcopy(_fixture("api")), copy.deepcopy(_fixture("charts"))
    for name in ("kube-system", "istio-system"):
        api["namespaces"][name]["labels"].update(
            {"pod-security.kubernetes.io/enforce": "privileged", "admission.gatekeeper.sh/ignore": "platform"}
        )
    api["namespaces"]["gatekeeper-system"]["labels"]["pod-security.kubernetes.io/enforce"] = "restricted"
    api["namespaces"]["shop"] = {
        "labels": {"istio.io/dataplane-mode": "ambient", "pod-security.kubernetes.io/enforce": "restricted"},
        "dataplane_annotation": None,
        "phase": "Active",
    }
    for pod in [one for several in api["pods"].values() for one in several]:
        pod["owner"] = f"ReplicaSet/{pod['name'].rpartition('-')[0]}"
    for pod in api["pods"]["kube-system"]:
        pod["ready_since"] = "2026-11-22T18:30:00Z"
    api.update(workloads=copy.deepcopy(WORKLOADS), autoscalers=[{**api["istio"]["autoscaler"], "target_kind": "Deployment"}])
    api.update(services=[], gateways=[], use_waypoint=[], events=[], pending_pods=[])
    api["api_services"] = [{"name": "v1beta1.metrics.k8s.io", "service": "kube-system/metrics-server"}]
    api["conversions"] = []
    for name, kind in api["crds"].items():
        kind.update(served=VERSIONS.get(name, ["v1"]), stored=VERSIONS.get(name, ["v1"])[:1])
    api["events_cut"] = []
    api["monitoring"] = dict.fromkeys(("prometheuses", "servicemonitors", "podmonitors"))
    api["pods"]["shop"] = [copy.deepcopy(POD)]
    for pods in api["pods"].values():
        for pod in pods:
            pod["created"] = pod["started"]
    api["cilium"]["nodes"] = {
        f"node{number}": {
            "public_key": f"key-of-node{number}=",
            "addresses": [f"192.0.2.1{number}"],
            "pod_cidrs": [f"10.244.{number - 1}.0/24"],
        }
        for number in (1, 2)
    }
    api["nodes"]["node2"]["control_plane"] = True
    api["cilium"].update(
        hubble_server=_issued("kube-system/hubble-server-certs", "*.engine.hubble-grpc.cilium.io"),
        hubble_relay=_issued("kube-system/hubble-relay-client-certs", "*.hubble-relay.cilium.io"),
    )
    api["istio"]["issuer"] = {**_issued("istio-system/istio-ca-secret"), "certificates": [dict(ROOT)], "authorities": []}
    api["gatekeeper"]["webhook_server"] = _issued(
        "gatekeeper-system/gatekeeper-webhook-server-cert", "gatekeeper-webhook-service.gatekeeper-system.svc"
    )
    api["gatekeeper"].update(other_configs=[], admission_policies=[])
    api["gatekeeper"]["templates"] = {"k8sprivileged": copy.deepcopy(TEMPLATE)}
    api["gatekeeper"]["constraints"] = {"K8sPrivileged": {"no-privileged": copy.deepcopy(CONSTRAINT)}}
    api["istio"]["root_certificates"] = [dict(ROOT)]
    api["istio"]["ztunnel_build"] = "1.31.0"
    api["acceptances"] = []
    api["cilium"]["config"]["enable-host-firewall"] = "true"
    for kind in ("values", "effective"):
        charts["cilium"][kind]["hostFirewall"] = {"enabled": True}
    api["istio"]["cni_config_changed"] = "2026-11-22T18:37:16Z"
    # As the istio role sets them.
    api["istio"]["cni_config"]["ISTIO_OWNED_CNI_CONFIG"] = "true"
    api["istio"]["cni"]["annotations"] = {}
    for kind in ("values", "effective"):
        charts["cni"][kind].update(istioOwnedCNIConfig=True, useAppArmorAnnotation=False)
    api["gatekeeper"]["controller"]["containers"]["manager"]["args"] += [
        f"--exempt-namespace={name}" for name in ("kube-system", "istio-system")
    ]
    api["policies"].update(cilium_network_policies=[], cilium_clusterwide_network_policies=copy.deepcopy([PROBES, HOSTS]))
    api["policies"].update(destination_rules=[], sidecars=[])
    for hook in api["webhooks"]:
        hook["ca_bundle"] = [dict(ROOT)]
        if hook["name"].endswith("validation.istio.io"):
            # istiod closes it once it can answer.
            hook["failure_policy"] = "Fail"
        if hook["name"] == "validation.gatekeeper.sh":
            # Decided, with what its pods need left out: then it may fail closed.
            hook["failure_policy"] = "Fail"
            hook["match_conditions"] = ['!(request.resource.group in ["cilium.io", "coordination.k8s.io"])']
    charts["gatekeeper"]["effective"]["validatingWebhookFailurePolicy"] = "Fail"
    desired = {
        "cluster": "test",
        "nodes": {f"n{number}": {"node_name": f"node{number}", "ips": [f"192.0.2.1{number}"]} for number in (1, 2)},
        "pod_cidrs": ["10.244.0.0/16"],
        "service_cidrs": ["10.96.0.0/16"],
        "api": {"host": "192.0.2.10", "port": 6443},
        "features": {
            "wireguard": True,
            "kube_proxy_replacement": True,
            "routing": "tunnel",
            "tunnel_protocol": "vxlan",
            "ambient": True,
        },
        "certificates": {"days": 30, "outage_hours": 12},
        "namespaces": {"protected": ["kube-system", "monitoring", "kong-system"], "mesh": ["shop"]},
        "stages": ["node", "network", "policy", "mesh", "enforcement"],
    }
    nodes = {
        "n1": {**node("node1"), "ways": ways("n2", "192.0.2.12")},
        "n2": {**node("node2"), "ways": ways("n1", "192.0.2.11")},
    }
    for one in nodes.values():
        one["firewall"]["lets_in"] = lets_in.listing(platform_ports.openings(desired))
    return bundle.assemble(
        cluster="test",
        collected_at=NOW,
        moment=moment,
        desired=desired,
        nodes=nodes,
        cluster_evidence={"api": api, "charts": charts, "missing": []},
    )
