# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The schema of `nodes.<inventory name>`; docs/evidence.md says what the keys mean."""

from __future__ import annotations

from .schema_forms import (
    ADDRESS,
    ADDRESSES,
    ARGUMENT,
    FILE,
    IDENTITY,
    IMAGE,
    LINK,
    MAPPING,
    MISSING,
    NAME,
    NUMBER,
    PUBLIC_KEY,
    SAID,
    SWITCH,
    TIME,
    VALUE,
    VALUES,
    WHOLE,
    WORD,
    WORDS,
    excerpt,
    keyed,
    listed,
    mapping,
    one_of,
    or_null,
    text,
)
from .schema_objects import CERTIFICATES

_PLUGIN = excerpt({"type": or_null(VALUE)}, ["type"])
_PEER = mapping(
    {
        "public_key": or_null(PUBLIC_KEY),
        "endpoint": or_null(ADDRESS),
        "allowed_ips": ADDRESSES,
        "latest_handshake": or_null(NUMBER),
        "rx_bytes": WHOLE,
        "tx_bytes": WHOLE,
    },
    ["public_key"],
)

NODE = mapping(
    {
        "collected_at": TIME,
        "hostname": NAME,
        "machine_id": IDENTITY,
        "os": mapping({"id": WORD, "version_id": WORD, "pretty_name": WORD, "id_like": WORDS}),
        "kernel": mapping(
            {
                "release": WORD,
                "version": listed(WHOLE),
                "machine": WORD,
                "config": keyed(WORD, WORD),
                "config_source": VALUE,
                "fips": SWITCH,
                "modules_disabled": SWITCH,
                "btf": SWITCH,
                "lockdown": or_null(WORD),
                "secure_boot": or_null(SWITCH),
                "next": mapping({"release": WORD, "version": listed(WHOLE), "chosen_by": WORD, "modules": keyed(WORD, SWITCH)}),
            }
        ),
        "modules": keyed(
            WORD,
            mapping({"loaded": SWITCH, "builtin": SWITCH, "loadable": SWITCH, "in_tree": SWITCH, "denied_by": or_null(VALUE)}),
        ),
        "sysctls": keyed(
            WORD,
            mapping(
                {
                    "value": WORD,
                    "files": listed(
                        mapping(
                            {"path": FILE, "value": WORD, "pattern": WORD, "mtime": NUMBER, "package": or_null(VALUE)},
                            ["path", "value"],
                        )
                    ),
                }
            ),
        ),
        "links": listed(
            mapping(
                {
                    "name": LINK,
                    "index": WHOLE,
                    "mtu": WHOLE,
                    "up": SWITCH,
                    "operstate": WORD,
                    "kind": or_null(WORD),
                    "rp_filter": WHOLE,
                    "addresses": ADDRESSES,
                    "parent": or_null(WHOLE),
                },
                ["name"],
            )
        ),
        "cni": mapping(
            {
                "conf_dir": VALUE,
                "bin_dir": VALUE,
                "files": listed(
                    mapping(
                        {
                            "name": VALUE,
                            "valid": SWITCH,
                            "error": or_null(SAID),
                            "cni_name": or_null(VALUE),
                            "cni_version": or_null(WORD),
                            "plugins": listed(_PLUGIN),
                            "mtime": NUMBER,
                            "mode": WORD,
                        },
                        ["name", "valid"],
                    )
                ),
                "runtime_reads": or_null(VALUE),
                "istio_reads": or_null(VALUE),
                "leftovers": VALUES,
                "others": listed(mapping({"name": VALUE, "mode": WORD, "owner": WHOLE}, ["name"])),
                "binaries": listed(mapping({"name": VALUE, "executable": SWITCH, "mode": WORD, "owner": WHOLE}, ["name"])),
            }
        ),
        "wireguard": mapping(
            {
                "interfaces": listed(
                    mapping(
                        {
                            "name": or_null(LINK),
                            "public_key": or_null(PUBLIC_KEY),
                            "listen_port": or_null(WHOLE),
                            "peers": listed(_PEER),
                            "all_peers": mapping(
                                {
                                    "count": WHOLE,
                                    "quiet": WHOLE,
                                    "oldest_handshake": or_null(NUMBER),
                                    "keys": text("public keys"),
                                    "shut": mapping({"count": WHOLE, "peers": listed(_PEER)}, ["count", "peers"]),
                                    "without_pods": WHOLE,
                                },
                                ["count", "quiet", "oldest_handshake", "keys"],
                            ),
                        },
                        ["name"],
                    )
                )
            }
        ),
        "pod_networks": mapping(
            {
                "redirected": listed(IDENTITY),
                "plain": listed(IDENTITY),
                "partly": listed(mapping({"pod": IDENTITY, "ports": listed(WHOLE)}, ["pod", "ports"])),
            }
        ),
        "ports": listed(
            mapping(
                {
                    "port": WHOLE,
                    "protocol": one_of("tcp", "udp"),
                    "component": WORD,
                    "listening": SWITCH,
                    "process": or_null(VALUE),
                    "addresses": ADDRESSES,
                },
                ["port", "protocol"],
            )
        ),
        "kube_proxy": mapping({"chains": mapping({"iptables": WHOLE, "nftables": WHOLE}), "process": SWITCH}),
        "kubelet": mapping({"running": SWITCH, "args": listed(ARGUMENT), "config_path": VALUE, "config": MAPPING}),
        "runtime": mapping(
            {
                "containerd": mapping(
                    {
                        "running": SWITCH,
                        "config_path": VALUE,
                        "cni_conf_dir": VALUE,
                        "cni_bin_dir": VALUE,
                        "sandbox_image": or_null(IMAGE),
                    }
                )
            }
        ),
        "clock": mapping(
            {
                "epoch": NUMBER,
                "synchronized": or_null(SWITCH),
                "max_error_s": NUMBER,
                "estimated_error_s": NUMBER,
                "kept_by": WORDS,
                "offset_s": NUMBER,
                "offset_uncertainty_s": NUMBER,
            }
        ),
        "init": mapping({"systemd": SWITCH, "container": or_null(WORD)}),
        "default_routes": listed(
            mapping({"family": one_of("ipv4", "ipv6"), "links": listed(WHOLE), "gateway": or_null(ADDRESS), "metric": WHOLE})
        ),
        "routes": keyed(LINK, WHOLE),
        "routing_rules": listed(
            mapping(
                {"family": one_of("ipv4", "ipv6"), "priority": WHOLE, "mark": WHOLE, "mask": WHOLE, "table": WHOLE},
                ["family", "priority", "mark", "mask", "table"],
            )
        ),
        "other_networks": keyed(WORD, WHOLE),
        "network_manager": mapping({"running": SWITCH, "unmanaged": VALUES, "managed": listed(LINK)}),
        "cgroup_version": WHOLE,
        "mounts": keyed(VALUE, SWITCH),
        "memory_mb": WHOLE,
        "limits": keyed(WORD, mapping({"used": WHOLE, "limit": WHOLE})),
        "folders": keyed(
            VALUE,
            mapping(
                {"exists": SWITCH, "mount": VALUE, "read_only": SWITCH, "noexec": SWITCH, "mode": WORD, "owner": WHOLE},
                ["exists"],
            ),
        ),
        "swaps": VALUES,
        "disk": keyed(VALUE, mapping({"free_mb": WHOLE, "total_mb": WHOLE, "free_inodes": WHOLE, "total_inodes": WHOLE})),
        "certificates": listed(mapping({"path": VALUE, "pem": text("certificates"), "described": CERTIFICATES}, ["path"])),
        "firewall": mapping(
            {
                "managers": WORDS,
                "firewalld": mapping({"version": WORD, "backend": WORD, "direct": SWITCH}, ["version", "backend", "direct"]),
                "flushes": VALUES,
                "zerotrust": or_null(WORD),
                "waiting": SWITCH,
                "lets_in": listed(
                    mapping(
                        {
                            "port": WORD,
                            "protocol": one_of("tcp", "udp", "icmp"),
                            "reason": SAID,
                            "count": WHOLE,
                            "sources": ADDRESSES,
                            "digest": text("networks"),
                        },
                        ["port", "protocol", "reason", "count"],
                    )
                ),
                "drift": mapping(
                    {"rules": listed(SAID), "files": listed(mapping({"path": VALUE, "mtime": or_null(NUMBER)}, ["path"]))}
                ),
            }
        ),
        "forwarding": listed(
            mapping(
                {
                    "tool": one_of("iptables", "nftables"),
                    "family": one_of("ip", "ip6", "inet"),
                    "table": WORD,
                    "chain": WORD,
                    "way": one_of("from pods", "to pods"),
                    "verdict": one_of("passes", "refused", "unclear"),
                    "rule": SAID,
                }
            )
        ),
        "ways": mapping(
            {
                "ports": listed(
                    mapping(
                        {
                            "host": NAME,
                            "address": ADDRESS,
                            "protocol": one_of("tcp", "udp"),
                            "port": WHOLE,
                            "outcome": one_of("reached", "refused", "silent", "unreachable"),
                            "detail": SAID,
                        }
                    )
                ),
                "paths": listed(
                    mapping({"host": NAME, "address": ADDRESS, "link_mtu": or_null(WHOLE), "path_mtu": or_null(WHOLE)})
                ),
            }
        ),
        "networkd": mapping(
            {
                "running": SWITCH,
                "manage_foreign_routes": SWITCH,
                "manage_foreign_rules": SWITCH,
                "takes": keyed(LINK, VALUE),
                "files": listed(mapping({"path": FILE, "settings": keyed(WORD, WORD)})),
            }
        ),
        "missing": MISSING,
    }
)
