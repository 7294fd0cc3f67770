# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node says of itself beyond the files of artefacts.py: boot loader, firewalls, links, mounts, sockets, with samples."""

from __future__ import annotations

import ipaddress
import json
import socket
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import (
    acceptance,
    boot,
    firewall,
    forwarding,
    iptables_rules,
    links,
    mounts,
    netlink,
    network_manager,
    networkd_match,
    nftables_rules,
    sockets,
    ufw,
    versions,
    wireguard,
)
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.firewall import backend, firewalld, nftables
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.firewall import state as firewall_state
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.host import Host, Unreadable
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.refused import Refused

FIXTURES = Path(__file__).resolve().parents[1] / "unit" / "fixtures" / "node"


class Said(Host):
    """A node on which every command and every file says the same."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def run(self, command: Any) -> str:
        return self._text

    def maybe(self, path: str, limit: int = 0) -> str | None:
        return self._text


# --- Files and listings ---


def _grub(text: str) -> Any:
    saved = boot.environment(text)
    return [boot.by_menu(text, saved), boot.by_menu(text, {"saved_entry": text}), len(boot.menu(text))]


def _boot_entries(text: str) -> Any:
    entries = {"a.conf": boot.specification(text), "b-0-rescue.conf": {}}
    return [boot.by_specification(entries, saved) for saved in ({}, boot.environment(text), {"next_entry": "a"})]


def _mounts(text: str) -> Any:
    found = mounts.parse(text)
    held = [mounts.holding(found, path) for path in ("/", "/var/lib/kubelet", "/run")]
    return [mounts.cgroup_version({one.point: one.kind for one in found}), [one._asdict() for one in held if one]]


def _sockets(text: str) -> Any:
    waiting = [one._asdict() for protocol in ("tcp", "udp") for one in sockets.waiting(text.splitlines(), protocol)]
    return [waiting, [one._asdict() for one in sockets.connected(text.splitlines())]]


def _network_manager(text: str) -> Any:
    lines = network_manager.parse(text)
    return [network_manager.unmanaged([lines]), network_manager.managed([lines, lines])]


def _networkd(text: str) -> Any:
    return networkd_match.taken([("/etc/systemd/network/x.network", networkd_match.parse(text))])


def _ufw(text: str) -> Any:
    return [ufw.sysctl_file(text, text), ufw.sysctl_file("ENABLED=yes\n", text)]


def _iptables(text: str) -> Any:
    names = firewall.saved_chains(text)
    return [
        firewall.service_chains(names),
        firewall.networks(names),
        backend._iptables_filters(Said(text + "nf_tables"), "iptables"),
    ]


def _nft(text: str) -> Any:
    return [str(one) for one in nftables.hooks(Said(text), "nft")]


def _forwarded_by_iptables(text: str) -> Any:
    chains = iptables_rules.parse(text, "filter")
    return [
        iptables_rules.incompatible(text),
        *(one._asdict() for one in forwarding.outcomes(chains, iptables_rules.BASE, "eth0")),
    ]


def _forwarded_by_nftables(text: str) -> Any:
    chains = nftables_rules.parse(text)
    return [one._asdict() for base in chains.policies for one in forwarding.outcomes(chains, base, None)]


def _firewalld(text: str) -> Any:
    return list(firewalld.zones(Said(text), "firewall-cmd"))


def _firewall_state(text: str) -> Any:
    kept = firewall_state.read(Said(text))
    return kept and json.loads(kept.text())


def _versions(text: str) -> Any:
    return [
        versions.parse(text),
        versions.numbers(text),
        versions.minor(text),
        versions.at_least(text, "1.20.2"),
        versions.compare(text, "v1.36.3"),
        versions.kubernetes_range("cilium", text),
        versions.in_minor_range(text, "1.30", "1.36"),
        boot.newest([text, "6.1.0-41-amd64"]),
    ]


def _accepted(text: str) -> Any:
    return acceptance.entries(text)


# --- What the kernel answers ---


def _netlink(content: bytes) -> Any:
    replies = [content, content[1:]]
    return [
        [(kind, len(payload)) for kind, _flags, _sequence, payload in netlink.messages(content)],
        links.links(replies),
        links.addresses(replies),
        links.default_routes(replies),
        wireguard.device(replies),
        wireguard.family_id(replies),
        firewall.count(firewall.chains(replies)),
        firewall.forward_chains(replies),
    ]


def _answers() -> tuple[bytes, ...]:
    attribute = netlink.attribute
    address = ipaddress.ip_address("192.0.2.1").packed
    link = struct.pack("=BxHiII", 0, 1, 7, 1, 0)
    link += attribute(3, b"cilium_wg0\0") + attribute(4, struct.pack("=I", 1420)) + attribute(16, b"\x06")
    link += attribute(18, attribute(1, b"wireguard\0"))
    route = struct.pack("=BBBBBBBBI", socket.AF_INET, 0, 0, 0, 254, 4, 0, 1, 0)
    hops = struct.pack("=HBBi", 8, 0, 0, 2) + struct.pack("=HBBi", 8, 0, 0, 3)
    allowed = attribute(1, struct.pack("=H", socket.AF_INET)) + attribute(2, address) + attribute(3, b"\x18")
    peer = attribute(1, b"\3" * 32) + attribute(4, struct.pack("=H", 2) + struct.pack("!H", 51871) + address + b"\0" * 8)
    peer += (
        attribute(6, struct.pack("=qq", 1795370000, 5)) + attribute(7, struct.pack("=Q", 5)) + attribute(9, attribute(0, allowed))
    )
    device = b"\0\1\0\0" + attribute(2, b"cilium_wg0\0") + attribute(4, b"\1" * 32) + attribute(6, b"\x9f\xca")
    return (
        link,
        struct.pack("=BBBBI", socket.AF_INET, 24, 0, 0, 7) + attribute(2, address),
        route + attribute(5, address) + attribute(4, struct.pack("=I", 2)) + attribute(6, struct.pack("=I", 100)),
        route + attribute(9, hops),
        device + attribute(8, attribute(0, peer)),
        struct.pack("=BBH", 0, 0, 0) + attribute(1, b"kube-proxy\0") + attribute(3, b"KUBE-SVC-X\0"),
        netlink.request(16, 0x300, 1, link),
    )


def _saved(*names: str) -> tuple[bytes, ...]:
    return tuple(path.read_bytes() for name in names for path in sorted(FIXTURES.glob(name)))


def _text(read: Callable[[str], Any]) -> Callable[[bytes], Any]:
    # As node/host.py does.
    return lambda content: read(content.decode("utf-8", "replace"))


_NFT = json.dumps(
    {
        "nftables": [
            {"metainfo": {"version": "1.0.9", "json_schema_version": 1}},
            {
                "chain": {
                    "family": "inet", "table": "filter", "name": "input", "handle": 1,
                    "type": "filter", "hook": "input", "prio": 0, "policy": "accept",
                }
            },
            {"rule": {"family": "inet", "table": "filter", "chain": "input", "expr": [{"drop": None}]}},
            {"rule": {"family": "inet", "table": "filter", "chain": "input", "expr": [{"jump": {"target": "zerotrust"}}]}},
        ]
    }
).encode()  # fmt: skip
_IPTABLES = (
    b"*nat\n:PREROUTING ACCEPT [0:0]\n:KUBE-SERVICES - [0:0]\n:cali-INPUT - [0:0]\n-A KUBE-SERVICES -j KUBE-SVC-X\nCOMMIT\n",
    b"-P INPUT ACCEPT\n-A INPUT -i lo -j ACCEPT\n-A INPUT -m comment --comment x -j ufw-before-input\n-A INPUT -g KUBE-X\n",
)
_FIREWALLD = (b"public (default)\n  interfaces: eth0\ntrusted\n  sources: 10.0.0.0/8\n", b"public\n")
_STATE = json.dumps(
    {
        "backend": "nftables",
        "desired": {"guard": True, "openings": [{"port": "22", "protocol": "tcp", "sources": ["10.0.0.0/8"], "reason": "x"}]},
        "listing": "table inet zerotrust {\n}\n",
    }
).encode()
_MOUNTS = (
    b"/dev/vda1 / ext4 rw,relatime 0 0\nbpf /sys/fs/bpf bpf rw 0 0\ncgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n"
    b"/dev/vdb /var/lib/my\\040disk xfs ro,noexec 0 0\n"
)
_SOCKETS = (
    b"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
    b"   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 12345 1 0000 100 0 0 10 0\n"
    b"   1: 0B02000A:0016 0A02000A:D431 01 00000000:00000000 00:00000000 00000000     0        0 12346 1 0000 20 4 30 10 -1\n"
    b"   2: 00000000000000000000000000000000:12B5 00000000000000000000000000000000:0000 07 0:0 00:0 0 0 0 12347 2 0 0\n"
)
_UFW = b'ENABLED=yes\nLOGLEVEL=low\nIPT_SYSCTL=/etc/ufw/sysctl.conf\nDEFAULT_INPUT_POLICY="DROP"\n'
_VERSIONS = (b"v1.36.3+k3s1", b"1.31.0-rc.2", b"6.12.107+deb13-amd64", b"1.20")
_ACCEPTED = "ZT-PSS-002 until 2027-01-31: needs the host's network\nZT-AMB-035 until 2026-12-31: x\n".encode()

# Name -> (samples, reader). What a reader cannot make anything of, it refuses with one of REFUSALS.
READERS: dict[str, tuple[Callable[[], tuple[bytes, ...]], Callable[[bytes], Any]]] = {
    "grub.cfg": (lambda: _saved("boot/grub*"), _text(_grub)),
    "boot loader entry": (lambda: _saved("boot/entries-*/*"), _text(_boot_entries)),
    "/proc/self/mounts": (lambda: (_MOUNTS,), _text(_mounts)),
    "/proc/net/tcp and udp": (lambda: (_SOCKETS,), _text(_sockets)),
    "NetworkManager.conf": (lambda: _saved("network-manager/*"), _text(_network_manager)),
    "systemd.network": (lambda: _saved("networkd/*"), _text(_networkd)),
    "ufw.conf": (lambda: (_UFW,), _text(_ufw)),
    "iptables-save": (lambda: _IPTABLES, _text(_iptables)),
    "nft -j list": (lambda: (_NFT,), _text(_nft)),
    "iptables-save of what is forwarded": (lambda: _saved("forwarding/*.iptables-save"), _text(_forwarded_by_iptables)),
    "nft -j list table": (lambda: _saved("forwarding/*.json"), _text(_forwarded_by_nftables)),
    "firewall-cmd": (lambda: _FIREWALLD, _text(_firewalld)),
    "firewall.json": (lambda: (_STATE,), _text(_firewall_state)),
    "netlink": (_answers, _netlink),
    "version": (lambda: _VERSIONS, _text(_versions)),
    "annotation": (lambda: (_ACCEPTED,), _text(_accepted)),
}
REFUSALS = (Unreadable, Refused, nftables_rules.Unknown)
