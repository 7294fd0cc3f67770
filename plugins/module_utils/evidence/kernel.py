# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kernel: its release, its build options, and which modules it can have."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Optional

CONFIG_OPTIONS = (
    # Cilium: base
    "CONFIG_BPF", "CONFIG_BPF_EVENTS", "CONFIG_BPF_SYSCALL", "CONFIG_NET_CLS_BPF", "CONFIG_BPF_JIT", "CONFIG_NET_CLS_ACT",
    "CONFIG_NET_SCH_INGRESS", "CONFIG_DEBUG_INFO_BTF", "CONFIG_CRYPTO_SHA1", "CONFIG_CRYPTO_USER_API_HASH", "CONFIG_CGROUPS",
    "CONFIG_CGROUP_BPF", "CONFIG_PERF_EVENTS", "CONFIG_SCHEDSTATS",
    # Cilium: iptables masquerading
    "CONFIG_NETFILTER_XT_SET", "CONFIG_IP_SET", "CONFIG_IP_SET_HASH_IP", "CONFIG_NETFILTER_XT_MATCH_COMMENT",
    # Cilium: tunnels and routing
    "CONFIG_VXLAN", "CONFIG_GENEVE", "CONFIG_FIB_RULES",
    # Cilium: L7 and DNS policy
    "CONFIG_NETFILTER_XT_TARGET_TPROXY", "CONFIG_NETFILTER_XT_TARGET_MARK", "CONFIG_NETFILTER_XT_TARGET_CT",
    "CONFIG_NETFILTER_XT_MATCH_MARK", "CONFIG_NETFILTER_XT_MATCH_SOCKET",
    # Cilium: bandwidth manager, netkit, WireGuard
    "CONFIG_NET_SCH_FQ", "CONFIG_NETKIT", "CONFIG_WIREGUARD",
)  # fmt: skip

MODULES = (
    "wireguard", "vxlan", "geneve", "cls_bpf", "sch_ingress",
    # Istio, iptables backend
    "br_netfilter", "iptable_mangle", "iptable_nat", "iptable_raw", "xt_REDIRECT", "xt_connmark", "xt_conntrack", "xt_mark",
    "xt_owner", "xt_tcpudp", "xt_multiport", "ip_set", "ip_set_hash_ip", "nf_conntrack", "nf_nat", "nft_compat",
    "ip6table_mangle", "ip6table_nat", "ip6table_raw",
    # Istio, nftables backend
    "nf_tables", "nft_ct", "nft_nat", "nft_socket", "nft_tproxy", "nft_redir",
)  # fmt: skip

_OPTION = re.compile(r"^(?:# )?(CONFIG_[A-Z0-9_]+)(?:=(.*)| is not set)$", re.MULTILINE)
_SUFFIXES = (".ko", ".ko.xz", ".ko.zst", ".ko.gz")


def version(release: str) -> Optional[list[int]]:
    """`6.12.107+deb13-amd64` as [6, 12, 107]."""
    match = re.match(r"(\d{1,6})\.(\d{1,6})(?:\.(\d{1,6}))?", release)
    return [int(part or 0) for part in match.groups()] if match else None


def config(text: str, wanted: Iterable[str] = CONFIG_OPTIONS) -> Optional[dict[str, str]]:
    """Values of the wanted options; None when this is no kernel configuration at all."""
    found = {match[1]: (match[2] or "n").strip() for match in _OPTION.finditer(text)}
    if not found:
        return None
    return {option: found.get(option, "n") for option in wanted}


def lockdown(text: str) -> Optional[str]:
    """`none [integrity] confidentiality` as `integrity`."""
    match = re.search(r"\[(\w+)\]", text)
    return match[1] if match else None


def secure_boot(variable: bytes) -> bool:
    """The EFI variable SecureBoot: four bytes of attributes, then one that is 1 when it is on."""
    return variable[4:5] == b"\1"


def module_name(name: str) -> str:
    """The kernel takes - and _ as the same."""
    return name.replace("-", "_")


def loaded(text: str) -> set[str]:
    """Names in /proc/modules."""
    return {module_name(line.split(" ", 1)[0]) for line in text.splitlines() if line}


def module_file(path: str) -> Optional[str]:
    """`kernel/net/wireguard/wireguard.ko.xz` as `wireguard`."""
    file = path.rsplit("/", 1)[-1]
    for suffix in _SUFFIXES:
        if file.endswith(suffix) and file != suffix:
            return module_name(file[: -len(suffix)])
    return None


def builtin(text: str) -> set[str]:
    """Names in modules.builtin."""
    return {name for name in map(module_file, text.split()) if name}


def dependencies(text: str) -> dict[str, str]:
    """Name to path, of modules.dep."""
    paths = (line.partition(":")[0].strip() for line in text.splitlines())
    return {name: path for name, path in ((module_file(path), path) for path in paths) if name}


def modprobe(text: str) -> tuple[set[str], dict[str, str]]:
    """A modprobe.d file: the blacklisted names, and the `install` commands that stand in for loading."""
    blacklisted: set[str] = set()
    install: dict[str, str] = {}
    for line in text.replace("\\\n", " ").splitlines():
        words = line.split(None, 2)
        if len(words) >= 2 and words[0] == "blacklist":
            blacklisted.add(module_name(words[1]))
        elif len(words) == 3 and words[0] == "install":
            install[module_name(words[1])] = words[2].strip()
    return blacklisted, install


def refuses(command: str) -> bool:
    """Whether an `install` command only pretends to load."""
    return command.split()[0].rsplit("/", 1)[-1] in ("false", "true", ":") if command.split() else False
