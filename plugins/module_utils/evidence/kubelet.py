# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kubelet: the flags and the configuration keys that decide how Cilium and Istio fare on its node."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Optional

DEFAULT_CONFIG = "/var/lib/kubelet/config.yaml"

FLAGS = (
    "anonymous-auth", "authorization-mode",
    "bootstrap-kubeconfig", "cgroup-driver", "cloud-provider", "cluster-dns", "config", "config-dir",
    "container-runtime-endpoint", "fail-swap-on", "feature-gates", "hostname-override", "kubeconfig",
    "max-pods", "node-ip", "node-labels", "pod-infra-container-image", "protect-kernel-defaults", "read-only-port",
    "register-node",
    "register-with-taints", "resolv-conf", "root-dir", "rotate-certificates",
)  # fmt: skip

CONFIG_KEYS = (
    "address", "allowedUnsafeSysctls", "authentication", "authorization", "cgroupDriver", "clusterDNS", "clusterDomain",
    "containerRuntimeEndpoint", "evictionHard", "failSwapOn", "featureGates", "makeIPTablesUtilChains", "maxPods", "podCIDR",
    "protectKernelDefaults", "readOnlyPort", "registerNode", "registerWithTaints", "resolvConf", "rotateCertificates",
    "seccompDefault", "serverTLSBootstrap", "shutdownGracePeriod", "staticPodPath", "tlsCertFile",
)  # fmt: skip


def flags(arguments: Sequence[str]) -> list[str]:
    """The flags that matter, each as `--name=value` or `--name`, in the order given."""
    found = []
    position = 1
    while position < len(arguments):
        argument = arguments[position]
        position += 1
        if not argument.startswith("-"):
            continue
        name, equals, value = argument.lstrip("-").partition("=")
        if not equals and position < len(arguments) and not arguments[position].startswith("-"):
            value, equals = arguments[position], "="
        if name in FLAGS:
            found.append(f"--{name}{equals}{value}")
    return found


def flag(found: Sequence[str], name: str) -> Optional[str]:
    """The last value given for a flag; the last one counts."""
    values = [item.partition("=")[2] for item in found if item.startswith(f"--{name}=")]
    return values[-1] if values else None


def config(document: dict[str, Any]) -> dict[str, Any]:
    return {key: document[key] for key in CONFIG_KEYS if key in document}
