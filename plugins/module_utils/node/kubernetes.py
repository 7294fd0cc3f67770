# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of Kubernetes lives on the node: kubelet, container runtime, kube-proxy's traces, certificates."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from functools import partial
from typing import Any, Optional

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import firewall
from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import kubelet as kubelet_parser
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node import certificate_files, netlink_socket
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.host import Host, Unreadable
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.missing import Missing
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.processes import Processes

# kubelet keeps its key in the same file as its certificate; kubeconfigs do as well and are not opened at all.
CERTIFICATES = (
    "/var/lib/kubelet/pki/kubelet-client-current.pem",
    "/var/lib/kubelet/pki/kubelet-server-current.pem",
    "/var/lib/kubelet/pki/kubelet.crt",
    "/etc/kubernetes/pki/*.crt",
    "/etc/kubernetes/pki/etcd/*.crt",
)


class Chains:
    """The packet filter's chains, read once for all who ask."""

    def __init__(self, host: Host, nf_tables: Mapping[str, Any]) -> None:
        """`nf_tables`: the evidence about that module."""
        self._host = host
        self._module = nf_tables
        self._replies: Optional[list[bytes]] = None
        self._saved: Optional[dict[str, str]] = None

    def replies(self) -> list[bytes]:
        """Straight from the kernel; no tool needed. Not asked where nf_tables waits to be loaded, for asking would load it."""
        if self._replies is None:
            waits = self._module.get("loadable") and not self._module.get("loaded") and not self._module.get("builtin")
            ask = partial(self._host.netlink, netlink_socket.NETFILTER, firewall.GET_CHAIN, firewall.CHAIN_REQUEST)
            self._replies = [] if waits else ask()
        return self._replies

    def nftables(self) -> list[firewall.Chain]:
        return firewall.chains(self.replies())

    def legacy(self) -> list[str]:
        """Names in the old iptables tables."""
        return [name for text in self.saved().values() for name in firewall.saved_chains(text)]

    def saved(self) -> dict[str, str]:
        """The old iptables tables of ip and ip6. The command is only run where one is in use: it would create them."""
        if self._saved is None:
            found: dict[str, str] = {}
            for family, tables, tools in (
                ("ip", "/proc/net/ip_tables_names", ("iptables-legacy-save", "iptables-save")),
                ("ip6", "/proc/net/ip6_tables_names", ("ip6tables-legacy-save", "ip6tables-save")),
            ):
                used = (self._host.maybe(tables) or "").split()
                if not used:
                    continue
                tool = self._host.tool(*tools)
                if tool is None:
                    raise Unreadable(f"{tables} names {', '.join(used)}, and the node has no {tools[0]} to list them")
                found[family] = self._host.run([tool])
            self._saved = found
        return self._saved


def kube_proxy(missing: Missing, processes: Processes, chains: Chains) -> dict[str, Any]:
    found: dict[str, Any] = {"chains": {}, "process": processes.find("kube-proxy") is not None}
    counted: dict[str, Any] = found["chains"]
    try:
        in_tables, counted["nftables"] = firewall.count(chains.nftables())
    except Unreadable as unreadable:
        missing.note("kube_proxy.chains", str(unreadable))
        return found
    missing.part(counted, "iptables", "kube_proxy.chains.iptables", lambda: in_tables + firewall.service_chains(chains.legacy()))
    return found


def other_networks(chains: Chains) -> dict[str, int]:
    """Network to how many chains of it there are."""
    return firewall.networks([*(name for _table, name in chains.nftables()), *chains.legacy()])


def kubelet(host: Host, missing: Missing, processes: Processes) -> dict[str, Any]:
    process = processes.find("kubelet")
    found: dict[str, Any] = {"running": process is not None}
    if process is not None:
        missing.part(found, "args", "kubelet.args", lambda: kubelet_parser.flags(processes.arguments(process)))
    path = kubelet_parser.flag(found.get("args", []), "config") or kubelet_parser.DEFAULT_CONFIG
    found["config_path"] = path
    missing.part(found, "config", "kubelet.config", lambda: _kubelet_config(host, path))
    return found


def _kubelet_config(host: Host, path: str) -> dict[str, Any]:
    text = host.text(path)
    from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import plain_yaml

    try:
        return kubelet_parser.config(plain_yaml.parse(text))
    except plain_yaml.Unknown as unknown:
        raise Unreadable(f"{path}: {unknown}") from None


def runtime(host: Host, missing: Missing, processes: Processes) -> dict[str, Any]:
    process = processes.find("containerd")
    if process is None:
        return {"containerd": {"running": False}}
    # Loaded where there is something to parse: what is loaded on a node is compiled in every execution.
    from ansible_collections.zerotrust.baremetal.plugins.module_utils.node import containerd

    return {"containerd": {"running": True, **containerd.read(host, missing, processes, process)}}


def _matching(host: Host, pattern: str) -> list[str]:
    folder, _slash, name = pattern.rpartition("/")
    return [f"{folder}/{found}" for found in fnmatch.filter(host.names_or_none(folder), name)]


def certificates(host: Host, missing: Missing) -> list[dict[str, str]]:
    paths: dict[str, list[str]] = {}
    for pattern in CERTIFICATES:
        missing.part(paths, pattern, f"certificates.{pattern}", partial(_matching, host, pattern))
    found: dict[str, str] = {}
    for path in (path for matching in paths.values() for path in matching):
        missing.part(found, path, f"certificates.{path}", partial(certificate_files.certificates, host, path))
    return [{"path": path, "pem": text} for path, text in found.items()]
