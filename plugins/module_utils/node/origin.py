# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a file that speaks against us comes from: when it was changed, and whose package it is."""

from __future__ import annotations

from typing import Any, Optional

from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.host import Host, Unreadable

# Both end with 1 for a file of no package.
_OWNER = {"dpkg-query": ("-S",), "rpm": ("-q", "--qf", "%{NAME}: \n", "-f")}
_OF_NOBODY = 1


def of(host: Host, path: str) -> dict[str, Any]:
    """`mtime`; `package`, null where it is none's, and absent where nobody can tell."""
    found: dict[str, Any] = {"mtime": host.stat(path).st_mtime}
    for name, arguments in _OWNER.items():
        tool = host.tool(name)
        if tool is None:
            continue
        try:
            found["package"] = _named(host.run([tool, *arguments, path]))
        except Unreadable as unreadable:
            if unreadable.code == _OF_NOBODY:
                found["package"] = None
        break
    return found


def _named(printed: str) -> Optional[str]:
    """`ufw: /etc/ufw/sysctl.conf`; also `a, b: /path`, and lines about diversions."""
    lines = [line for line in printed.splitlines() if not line.startswith("diversion ")]
    return lines[0].partition(": ")[0].strip() or None if lines else None
