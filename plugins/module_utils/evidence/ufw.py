# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""ufw's own settings: whether it runs at boot, and the sysctl file it applies then."""

from __future__ import annotations

CONF, DEFAULTS = "/etc/ufw/ufw.conf", "/etc/default/ufw"


def settings(text: str) -> dict[str, str]:
    """NAME=value lines, as a shell would read them."""
    lines = (line.strip().partition("=") for line in text.splitlines() if not line.lstrip().startswith("#"))
    return {name: value.strip().strip("\"'") for name, equals, value in lines if equals}


def sysctl_file(conf: str, defaults: str) -> str:
    """The file whose values win over sysctl.d once ufw has started; empty when it does not start or has none."""
    return settings(defaults).get("IPT_SYSCTL", "") if settings(conf).get("ENABLED", "").lower() == "yes" else ""
