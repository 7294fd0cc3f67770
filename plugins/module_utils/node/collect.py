# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Node evidence: every part on its own, so that one that cannot be read costs only itself."""

from __future__ import annotations

import functools
import time
from collections.abc import Mapping, Sequence
from typing import Any, Callable

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence.plain import plain
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node import (
    cni,
    init,
    kernel,
    kernel_modules,
    kubernetes,
    limits,
    network,
    network_services,
    pod_networks,
    storage,
    sysctls,
    system,
)
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.firewall import forwarding, found
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.host import Host
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.missing import Missing
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.processes import Processes


def collect(host: Host, conf_dir: str, bin_dir: str, ports: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    missing = Missing()
    evidence: dict[str, Any] = {"collected_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
    processes = Processes(host)

    @functools.cache
    def chains() -> kubernetes.Chains:
        return kubernetes.Chains(host, evidence.get("modules", {}).get("nf_tables", {}))

    parts: dict[str, Callable[[], Any]] = {
        "hostname": lambda: host.text("/proc/sys/kernel/hostname").strip(),
        "machine_id": lambda: system.machine_id(host),
        "os": lambda: system.os_release(host),
        "kernel": lambda: kernel.read(host, missing),
        "modules": lambda: kernel_modules.read(host, missing),
        "sysctls": lambda: sysctls.read(host, missing),
        "links": lambda: network.links(host, missing),
        "cni": lambda: cni.read(host, missing, conf_dir, bin_dir),
        "wireguard": lambda: network.wireguard(host, evidence.get("links")),
        "pod_networks": lambda: pod_networks.read(host),
        "ports": lambda: network.ports(host, missing, processes, ports),
        "kube_proxy": lambda: kubernetes.kube_proxy(missing, processes, chains()),
        "other_networks": lambda: kubernetes.other_networks(chains()),
        "default_routes": lambda: network.default_routes(host),
        "routes": lambda: network.routes(host, evidence.get("links")),
        "routing_rules": lambda: network.rules(host),
        "kubelet": lambda: kubernetes.kubelet(host, missing, processes),
        "runtime": lambda: kubernetes.runtime(host, missing, processes),
        "clock": lambda: system.clock(missing, processes),
        "cgroup_version": lambda: storage.cgroup_version(host),
        "mounts": lambda: storage.mounts(host),
        "folders": lambda: storage.folders(host, missing, (conf_dir, bin_dir)),
        "swaps": lambda: storage.swaps(host),
        "limits": lambda: limits.read(host),
        "memory_mb": lambda: storage.memory_mb(host),
        "disk": lambda: storage.disk(host, missing),
        "certificates": lambda: kubernetes.certificates(host, missing),
        "firewall": lambda: found.read(host, missing),
        "forwarding": lambda: forwarding.read(host, chains(), network.uplink(evidence)),
        "network_manager": lambda: network_services.network_manager(host, processes),
        "init": lambda: init.read(host),
        "networkd": lambda: network_services.networkd(host, processes),
    }
    for key, read in parts.items():
        missing.part(evidence, key, key, read)
    evidence["missing"] = missing.entries
    result: dict[str, Any] = plain(evidence)
    return result
