# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who configures the network beside Cilium: NetworkManager and systemd-networkd."""

from __future__ import annotations

import os
from typing import Any

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import network_manager as network_manager_parser
from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import networkd as networkd_parser
from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import networkd_match
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.host import Host
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.processes import Processes


def network_manager(host: Host, processes: Processes) -> dict[str, Any]:
    files = [lines for _path, lines in network_manager_files(host)]
    return {
        "running": processes.find("NetworkManager") is not None,
        "unmanaged": network_manager_parser.unmanaged(files),
        "managed": network_manager_parser.managed(files),
    }


def network_manager_files(host: Host) -> list[tuple[str, list[network_manager_parser.Line]]]:
    """(path, lines) in the order NetworkManager reads them."""
    folders = (*network_manager_parser.BEFORE, network_manager_parser.AFTER)
    paths = network_manager_parser.order({folder: host.names_or_none(folder) for folder in folders})
    return [(path, network_manager_parser.parse(host.text(path))) for path in paths if host.exists(path)]


def networkd(host: Host, processes: Processes) -> dict[str, Any]:
    files = networkd_files(host)
    keys = (networkd_parser.ROUTES, networkd_parser.RULES)
    return {
        "running": processes.find("systemd-networkd") is not None,
        "manage_foreign_routes": networkd_parser.setting(networkd_parser.ROUTES, [file for _path, file in files]),
        "manage_foreign_rules": networkd_parser.setting(networkd_parser.RULES, [file for _path, file in files]),
        "files": [{"path": path, "settings": {key: file[key] for key in keys if key in file}} for path, file in files],
        "takes": networkd_match.taken(_network_files(host)),
    }


def _network_files(host: Host) -> list[tuple[str, networkd_match.Sections]]:
    """(path, sections) of what configures links, with its drop-ins, by name."""
    chosen: dict[str, str] = {}
    for folder in networkd_match.FOLDERS:
        for name in host.names_or_none(folder):
            if name.endswith(".network"):
                chosen.setdefault(name, f"{folder}/{name}")
    found = []
    for name, path in sorted(chosen.items()):
        if os.path.realpath(host.path(path)) == "/dev/null":
            continue
        texts = [host.text(path)]
        for folder in networkd_match.FOLDERS:
            inside = f"{folder}/{name}.d"
            texts.extend(host.text(f"{inside}/{one}") for one in host.names_or_none(inside) if one.endswith(".conf"))
        found.append((path, networkd_match.parse("\n".join(texts))))
    return found


def networkd_files(host: Host) -> list[tuple[str, dict[str, str]]]:
    """(path, settings): the first main file there is, then the drop-ins in their order."""
    paths = [path for path in networkd_parser.MAIN if host.exists(path)][:1]
    chosen: dict[str, str] = {}
    for folder in networkd_parser.FOLDERS:
        for name in host.names_or_none(folder):
            if name.endswith(".conf"):
                chosen.setdefault(name, f"{folder}/{name}")
    paths.extend(path for _name, path in sorted(chosen.items()))
    return [(path, networkd_parser.parse(host.text(path))) for path in paths if os.path.realpath(host.path(path)) != "/dev/null"]
