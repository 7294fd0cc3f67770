# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What other files say about the same keys. They are reported, never overwritten: somebody put them there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Optional

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import network_manager, networkd, sysctl
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node import baseline_files as files

SysctlFiles = Sequence[tuple[str, Sequence[sysctl.Assignment]]]


def sysctls(wanted: Sequence[files.Sysctl], found: SysctlFiles) -> list[dict[str, Any]]:
    """`found` in the order of application, our own file in its place among them or, before it is written, not."""
    others = [(path, lines) for path, lines in found if path != files.SYSCTLS]
    reports = []
    for line in wanted:
        for path, lines in others:
            other = _last_that_reaches(line, lines)
            if other is None or other.value is None or sysctl.same(other.value, line.value):
                continue
            # A line that names the key beats a pattern, whatever their order.
            named = not other.pattern and sysctl.is_pattern(line.key)
            wins = named or sysctl.after_ours(path)
            if other.key != line.key and other.pattern and not wins:
                continue  # a broader pattern before ours is what ours is there for
            says = f"{sysctl.dotted(other.key)} = {other.value}"
            reports.append(_report("sysctl", sysctl.dotted(line.key), path, says, line.value, wins))
    return reports


def _last_that_reaches(line: files.Sysctl, lines: Sequence[sysctl.Assignment]) -> Optional[sysctl.Assignment]:
    """The last line of a file about the same key, or about links that our pattern covers."""
    pattern = sysctl.is_pattern(line.key)
    reaching = [other for other in lines if other.key == line.key or (pattern and _overlap(other.key, line.key))]
    return reaching[-1] if reaching else None


def _overlap(other: str, pattern: str) -> bool:
    """Names a link that our pattern covers, or is a pattern that covers one of ours."""
    sample = pattern.replace("*", "0").replace("?", "0")
    return sysctl.matches(pattern, other) or sysctl.matches(other, sample)


def modules(wanted: Sequence[files.Module], state: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """systemd-modules-load passes over what modprobe.d blacklists."""
    return [
        _report("module", module.name, path, f"blacklist {module.name}", "loaded at boot", True)
        for module in wanted
        for path in [state[module.name].get("denied_by")]
        if path and not state[module.name].get("builtin")
    ]


def networkd_settings(found: Sequence[tuple[str, Mapping[str, str]]]) -> list[dict[str, Any]]:
    return [
        _report("networkd", key, path, f"{key}={settings[key]}", "no", networkd.after_ours(path))
        for path, settings in found
        for key in (networkd.ROUTES, networkd.RULES)
        if path != files.NETWORKD and networkd.boolean(settings.get(key, "no"))
    ]


def network_manager_settings(found: Sequence[tuple[str, Sequence[network_manager.Line]]]) -> list[dict[str, Any]]:
    """A file read after ours that sets the list anew, or takes links from it. One before ours is added to."""
    reports = []
    for path, lines in found:
        later = path.startswith(network_manager.AFTER) and _name(path) > _name(files.NETWORK_MANAGER)
        ours = [network_manager.parse(files.network_manager_drop_in())]
        if later and network_manager.managed([*ours, lines]):
            says = next((line for line in lines if line.key == network_manager.KEY and line.sign != "+="), None)
            if says is not None:
                wanted = "+=" + ";".join(network_manager.unmanaged(ours))
                reports.append(_report("networkmanager", says.key, path, f"{says.key}{says.sign}{says.value}", wanted, True))
    return reports


def _report(kind: str, name: str, path: str, says: str, wanted: str, wins: bool) -> dict[str, Any]:
    return {"kind": kind, "name": name, "path": path, "says": says, "wanted": wanted, "wins": wins}


def _name(path: str) -> str:
    return path.rsplit("/", 1)[-1]
