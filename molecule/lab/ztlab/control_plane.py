# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
"""The control plane as processes: the same programs and flags a kubeadm control plane runs as static pods."""

from __future__ import annotations

from pathlib import Path

from ztlab import network
from ztlab.pki import Authority, service_account_key
from ztlab.supervisor import Program

API = f"https://{network.GATEWAY}:6443"


def prepare(folder: Path) -> Authority:
    """Make the cluster's certificates and kubeconfigs; returns its authority."""
    pki = folder / "pki"
    authority = Authority(pki, "ca")
    front_proxy = Authority(pki / "front-proxy", "ca")
    front_proxy.issue("client", "front-proxy-client")
    service_account_key(pki)
    names = ("kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local", "localhost")
    authority.issue("apiserver", "kube-apiserver", hosts=(*names, "127.0.0.1", network.GATEWAY, "10.96.0.1"))
    authority.issue("apiserver-kubelet-client", "kube-apiserver-kubelet-client", organization="system:masters")
    for name, organization in (
        ("admin", "system:masters"),
        ("system:kube-controller-manager", ""),
        ("system:kube-scheduler", ""),
        ("kwok", "system:masters"),
    ):
        short = name.removeprefix("system:")
        authority.issue(short, name, organization=organization)
        config = folder / f"{short}.kubeconfig"
        if not config.exists():
            config.touch(mode=0o600)
            config.write_text(authority.kubeconfig(short, API))
    return authority


def programs(folder: Path, kubernetes: Path, *, simulated: Path | None) -> list[Program]:
    """etcd to scheduler, and KWOK when `simulated` names its stages file."""
    pki = folder / "pki"
    etcd = (
        f"{kubernetes}/etcd",
        f"--data-dir={folder}/etcd",
        "--listen-client-urls=http://127.0.0.1:2379",
        "--advertise-client-urls=http://127.0.0.1:2379",
        "--listen-peer-urls=http://127.0.0.1:2380",
        "--log-level=warn",
        "--unsafe-no-fsync=true",
    )
    apiserver = (
        f"{kubernetes}/kube-apiserver",
        "--etcd-servers=http://127.0.0.1:2379",
        f"--service-cluster-ip-range={network.SERVICE_CIDR}",
        f"--advertise-address={network.GATEWAY}",
        "--secure-port=6443",
        f"--client-ca-file={pki}/ca.crt",
        f"--tls-cert-file={pki}/apiserver.crt",
        f"--tls-private-key-file={pki}/apiserver.key",
        f"--kubelet-client-certificate={pki}/apiserver-kubelet-client.crt",
        f"--kubelet-client-key={pki}/apiserver-kubelet-client.key",
        f"--kubelet-certificate-authority={pki}/ca.crt",
        "--kubelet-preferred-address-types=InternalIP",
        "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
        f"--service-account-key-file={pki}/sa.pub",
        f"--service-account-signing-key-file={pki}/sa.key",
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction",
        "--allow-privileged=true",
        # The API server runs on no node, so it reaches webhook pods by their own addresses.
        "--enable-aggregator-routing=true",
        f"--requestheader-client-ca-file={pki}/front-proxy/ca.crt",
        "--requestheader-allowed-names=front-proxy-client",
        "--requestheader-username-headers=X-Remote-User",
        "--requestheader-group-headers=X-Remote-Group",
        "--requestheader-extra-headers-prefix=X-Remote-Extra-",
        f"--proxy-client-cert-file={pki}/front-proxy/client.crt",
        f"--proxy-client-key-file={pki}/front-proxy/client.key",
        "--watch-cache=true",
    )
    controllers = (
        f"{kubernetes}/kube-controller-manager",
        f"--kubeconfig={folder}/kube-controller-manager.kubeconfig",
        f"--root-ca-file={pki}/ca.crt",
        f"--service-account-private-key-file={pki}/sa.key",
        f"--cluster-signing-cert-file={pki}/ca.crt",
        f"--cluster-signing-key-file={pki}/ca.key",
        "--use-service-account-credentials=true",
        "--allocate-node-cidrs=true",
        f"--cluster-cidr={network.POD_CIDR}",
        f"--service-cluster-ip-range={network.SERVICE_CIDR}",
    )
    made = [
        Program("etcd", etcd),
        Program("apiserver", apiserver),
        Program("controller-manager", controllers),
        Program("scheduler", (f"{kubernetes}/kube-scheduler", f"--kubeconfig={folder}/kube-scheduler.kubeconfig")),
    ]
    if simulated:
        command = (
            f"{kubernetes}/kwok",
            f"--kubeconfig={folder}/kwok.kubeconfig",
            f"--config={simulated}",
            "--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake",
        )
        made.append(Program("kwok", command))
    return made
