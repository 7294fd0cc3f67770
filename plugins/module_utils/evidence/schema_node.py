# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The schema of `nodes.<inventory name>`; docs/evidence.md says what the keys mean."""

from __future__ import annotations

from .schema_forms import (
    MAPPING,
    MISSING,
    NUMBER,
    SWITCH,
    TEXT,
    TEXTS,
    TIME,
    WHOLE,
    excerpt,
    keyed,
    listed,
    mapping,
    one_of,
    or_null,
)

_PLUGIN = excerpt({"type": or_null(TEXT)}, ["type"])
_PEER = mapping(
    {
        "public_key": or_null(TEXT),
        "endpoint": or_null(TEXT),
        "allowed_ips": TEXTS,
        "latest_handshake": or_null(NUMBER),
        "rx_bytes": WHOLE,
        "tx_bytes": WHOLE,
    },
    ["public_key"],
)

NODE = mapping(
    {
        "collected_at": TIME,
        "hostname": TEXT,
        "machine_id": TEXT,
        "os": mapping({"id": TEXT, "version_id": TEXT, "pretty_name": TEXT, "id_like": TEXTS}),
        "kernel": mapping(
            {
                "release": TEXT,
                "version": listed(WHOLE),
                "machine": TEXT,
                "config": keyed(TEXT),
                "config_source": TEXT,
                "fips": SWITCH,
                "modules_disabled": SWITCH,
                "btf": SWITCH,
                "lockdown": or_null(TEXT),
                "secure_boot": or_null(SWITCH),
                "next": mapping({"release": TEXT, "version": listed(WHOLE), "chosen_by": TEXT, "modules": keyed(SWITCH)}),
            }
        ),
        "modules": keyed(
            mapping({"loaded": SWITCH, "builtin": SWITCH, "loadable": SWITCH, "in_tree": SWITCH, "denied_by": or_null(TEXT)})
        ),
        "sysctls": keyed(
            mapping(
                {
                    "value": TEXT,
                    "files": listed(mapping({"path": TEXT, "value": TEXT, "pattern": TEXT}, ["path", "value"])),
                }
            )
        ),
        "links": listed(
            mapping(
                {
                    "name": TEXT,
                    "index": WHOLE,
                    "mtu": WHOLE,
                    "up": SWITCH,
                    "operstate": TEXT,
                    "kind": or_null(TEXT),
                    "rp_filter": WHOLE,
                    "addresses": TEXTS,
                    "parent": or_null(WHOLE),
                },
                ["name"],
            )
        ),
        "cni": mapping(
            {
                "conf_dir": TEXT,
                "bin_dir": TEXT,
                "files": listed(
                    mapping(
                        {
                            "name": TEXT,
                            "valid": SWITCH,
                            "error": or_null(TEXT),
                            "cni_name": or_null(TEXT),
                            "cni_version": or_null(TEXT),
                            "plugins": listed(_PLUGIN),
                            "mtime": NUMBER,
                            "mode": TEXT,
                        },
                        ["name", "valid"],
                    )
                ),
                "runtime_reads": or_null(TEXT),
                "istio_reads": or_null(TEXT),
                "leftovers": TEXTS,
                "binaries": listed(mapping({"name": TEXT, "executable": SWITCH}, ["name"])),
            }
        ),
        "wireguard": mapping(
            {
                "interfaces": listed(
                    mapping(
                        {
                            "name": or_null(TEXT),
                            "public_key": or_null(TEXT),
                            "listen_port": or_null(WHOLE),
                            "peers": listed(_PEER),
                            "all_peers": mapping(
                                {"count": WHOLE, "quiet": WHOLE, "oldest_handshake": or_null(NUMBER), "keys": TEXT},
                                ["count", "quiet", "oldest_handshake", "keys"],
                            ),
                        },
                        ["name"],
                    )
                )
            }
        ),
        "ports": listed(
            mapping(
                {
                    "port": WHOLE,
                    "protocol": one_of("tcp", "udp"),
                    "component": TEXT,
                    "listening": SWITCH,
                    "process": or_null(TEXT),
                    "addresses": TEXTS,
                },
                ["port", "protocol"],
            )
        ),
        "kube_proxy": mapping({"chains": mapping({"iptables": WHOLE, "nftables": WHOLE}), "process": SWITCH}),
        "kubelet": mapping({"running": SWITCH, "args": TEXTS, "config_path": TEXT, "config": MAPPING}),
        "runtime": mapping(
            {
                "containerd": mapping(
                    {
                        "running": SWITCH,
                        "config_path": TEXT,
                        "cni_conf_dir": TEXT,
                        "cni_bin_dir": TEXT,
                        "sandbox_image": or_null(TEXT),
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
                "kept_by": TEXTS,
                "offset_s": NUMBER,
                "offset_uncertainty_s": NUMBER,
            }
        ),
        "init": mapping({"systemd": SWITCH, "container": or_null(TEXT)}),
        "default_routes": listed(
            mapping({"family": one_of("ipv4", "ipv6"), "links": listed(WHOLE), "gateway": or_null(TEXT), "metric": WHOLE})
        ),
        "routes": keyed(WHOLE),
        "routing_rules": listed(
            mapping(
                {"family": one_of("ipv4", "ipv6"), "priority": WHOLE, "mark": WHOLE, "mask": WHOLE, "table": WHOLE},
                ["family", "priority", "mark", "mask", "table"],
            )
        ),
        "other_networks": keyed(WHOLE),
        "network_manager": mapping({"running": SWITCH, "unmanaged": TEXTS, "managed": TEXTS}),
        "cgroup_version": WHOLE,
        "mounts": keyed(SWITCH),
        "memory_mb": WHOLE,
        "folders": keyed(
            mapping(
                {"exists": SWITCH, "mount": TEXT, "read_only": SWITCH, "noexec": SWITCH, "mode": TEXT, "owner": WHOLE}, ["exists"]
            )
        ),
        "swaps": TEXTS,
        "disk": keyed(mapping({"free_mb": WHOLE, "total_mb": WHOLE, "free_inodes": WHOLE, "total_inodes": WHOLE})),
        "certificates": listed(mapping({"path": TEXT, "pem": TEXT}, ["path", "pem"])),
        "firewall": mapping({"managers": TEXTS, "flushes": TEXTS, "zerotrust": or_null(TEXT), "waiting": SWITCH}),
        "ways": mapping(
            {
                "ports": listed(
                    mapping(
                        {
                            "host": TEXT,
                            "address": TEXT,
                            "protocol": one_of("tcp", "udp"),
                            "port": WHOLE,
                            "outcome": one_of("reached", "refused", "silent", "unreachable"),
                            "detail": TEXT,
                        }
                    )
                ),
                "paths": listed(mapping({"host": TEXT, "address": TEXT, "link_mtu": or_null(WHOLE), "path_mtu": or_null(WHOLE)})),
            }
        ),
        "networkd": mapping(
            {
                "running": SWITCH,
                "manage_foreign_routes": SWITCH,
                "manage_foreign_rules": SWITCH,
                "takes": keyed(TEXT),
                "files": listed(mapping({"path": TEXT, "settings": keyed(TEXT)})),
            }
        ),
        "missing": MISSING,
    }
)
