# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kernel's lists of sockets, of the node's network or of another process's."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.host import MIB, Host


def read(host: Host, protocol: str, folder: str = "/proc/net") -> Iterator[Iterator[str]]:
    """The lines of each list that there is, of IPv4 and of IPv6. A node without IPv6 has no second one."""
    for name in (protocol, protocol + "6"):
        if host.exists(f"{folder}/{name}"):
            yield host.lines(f"{folder}/{name}", 128 * MIB)
