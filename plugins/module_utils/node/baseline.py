# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The node baseline: what is to be changed (Plan), and changing it, all or nothing."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple, Optional

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import sysctl
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node import baseline_files as files
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node import (
    conflicts,
    init,
    kernel_modules,
    network_services,
    redirects,
    sysctls,
)
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.host import Host, Unreadable, reason
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.missing import Missing
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.processes import Processes
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.refused import Refused
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.state import State
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.undo import Undo

PROC = "/proc/sys/"
NETWORKD_UNITS = ("/usr/lib/systemd/system/systemd-networkd.service", "/lib/systemd/system/systemd-networkd.service")
NETWORK_MANAGER_UNITS = ("/usr/lib/systemd/system/NetworkManager.service", "/lib/systemd/system/NetworkManager.service")
_WAYS = ("loaded", "builtin", "loadable")


class Desired(NamedTuple):
    modules: tuple[files.Module, ...] = ()
    sysctls: tuple[files.Sysctl, ...] = ()
    networkd: bool = False
    network_manager: bool = False


class FileChange(NamedTuple):
    path: str
    before: Optional[str]
    after: Optional[str]


class ValueChange(NamedTuple):
    """`optional`: it belongs to a link that may be gone by the time it is set."""

    key: str
    before: Optional[str]  # None: not there before a module of the plan is loaded
    after: str
    optional: bool


@dataclass
class Plan:
    desired: Desired
    state: State
    files: list[FileChange] = field(default_factory=list)
    modules: list[str] = field(default_factory=list)
    values: list[ValueChange] = field(default_factory=list)
    restart_networkd: bool = False
    reload_network_manager: bool = False
    conflicts: list[dict[str, Any]] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    stale_state: bool = False

    @property
    def changed(self) -> bool:
        return bool(self.files or self.modules or self.values or self.stale_state)


def plan(host: Host, desired: Desired) -> Plan:
    wanted = bool(desired.modules or desired.sysctls or desired.networkd or desired.network_manager)
    if wanted:
        _insist_on_a_machine(host)
    missing = Missing()
    made = Plan(desired, State.read(host))
    known = _modules(host, desired, missing)
    needed = [module for module in desired.modules if not known[module.name].get("builtin")]
    networkd = desired.networkd and any(map(host.exists, NETWORKD_UNITS))
    network_manager = desired.network_manager and any(map(host.exists, NETWORK_MANAGER_UNITS))

    made.modules = [module.name for module in needed if not known[module.name].get("loaded")]
    made.values = _values(host, desired.sysctls, made.state, can_appear=bool(made.modules))
    _file(host, made, files.MODULES, files.modules(needed) if needed else None)
    _file(host, made, files.SYSCTLS, files.sysctls(desired.sysctls) if desired.sysctls else None)
    _file(host, made, files.NETWORKD, files.networkd_drop_in() if networkd else None)
    _file(host, made, files.NETWORK_MANAGER, files.network_manager_drop_in() if network_manager else None)
    changing, processes = {change.path for change in made.files}, Processes(host)
    made.restart_networkd = files.NETWORKD in changing and processes.find("systemd-networkd") is not None
    made.reload_network_manager = files.NETWORK_MANAGER in changing and processes.find("NetworkManager") is not None
    made.state.kept = wanted
    made.stale_state = not made.state.kept and host.exists(files.STATE)
    made.folders = sorted({folder for change in made.files if change.after is not None for folder in _parents(host, change.path)})
    made.conflicts = [
        *conflicts.modules(needed, known),
        *conflicts.sysctls(desired.sysctls, sysctls.files(host, missing)),
        *(conflicts.networkd_settings(network_services.networkd_files(host)) if networkd else []),
        *(conflicts.network_manager_settings(network_services.network_manager_files(host)) if network_manager else []),
    ]
    return made


def _insist_on_a_machine(host: Host) -> None:
    found = init.read(host)
    if found["container"]:
        raise Refused(
            f"this is a container ({found['container']}): its kernel, modules and settings are its host's. "
            "Prepare the host, and take the container out of the inventory's nodes"
        )
    if not found["systemd"]:
        raise Refused(
            "this machine was not started by systemd (there is no /run/systemd/system), so nothing would read modules-load.d and "
            "sysctl.d at the next boot. Nodes need systemd"
        )


def _modules(host: Host, desired: Desired, missing: Missing) -> dict[str, dict[str, Any]]:
    known = kernel_modules.state(host, [module.name for module in desired.modules], missing)
    ruled_out = [name for name, found in known.items() if "loadable" in found and not any(map(found.get, _WAYS))]
    if ruled_out:
        raise Refused(
            f"kernel {kernel_modules.release(host)} has no module {', '.join(ruled_out)}: install the package with the kernel's "
            "extra modules, or lift what forbids loading (kernel.modules_disabled, an install line in modprobe.d)"
        )
    return known


def _file(host: Host, made: Plan, path: str, after: Optional[str]) -> None:
    before = host.maybe(path)
    if before != after:
        made.files.append(FileChange(path, before, after))


def _parents(host: Host, path: str) -> list[str]:
    """Folders that have to be made for this file."""
    found = []
    while not host.exists(path := os.path.dirname(path)):
        found.append(path)
    return found


def _values(host: Host, wanted: Sequence[files.Sysctl], state: State, can_appear: bool) -> list[ValueChange]:
    target: dict[str, tuple[str, bool]] = {}
    for key, previous in state.values.items():
        now = _value(host, key)
        # Somebody else has changed it since: then it is no longer ours to take back.
        if now is not None and sysctl.same(now, previous["after"]):
            target[key] = (previous["before"], True)
    if any(line.key == redirects.FORWARDING for line in wanted):
        # Of this the record is for the day when forwarding is taken back.
        target.pop(redirects.ACCEPT, None)
    # A line that names a key beats a pattern, here as at boot.
    for line in sorted(wanted, key=lambda line: not sysctl.is_pattern(line.key)):
        pattern = sysctl.is_pattern(line.key)
        keys = _expand(host, line.key)
        if not keys and not pattern:
            if not can_appear:
                raise Refused(f"this kernel has no setting {sysctl.dotted(line.key)}")
            keys = [line.key]
        target.update(dict.fromkeys(keys, (line.value, pattern)))
    changes = [ValueChange(key, _value(host, key), value, optional) for key, (value, optional) in target.items()]
    changes = [change for change in changes if change.before is None or not sysctl.same(change.before, change.after)]
    forwarding = next((change.after for change in changes if change.key == redirects.FORWARDING), None)
    now = _value(host, redirects.ACCEPT)
    if forwarding is None or now is None:
        return changes
    last = ValueChange(redirects.ACCEPT, now, redirects.after(forwarding, now, target), True)
    return [*(change for change in changes if change.key != redirects.ACCEPT), last]


def _expand(host: Host, key: str) -> list[str]:
    if not sysctl.is_pattern(key):
        return [key] if host.exists(PROC + key) else []
    return [path[len(PROC) :] for path in host.expand(PROC + key)]


def _value(host: Host, key: str) -> Optional[str]:
    try:
        return " ".join(host.text(PROC + key).split())
    except Unreadable:
        return None


def apply(host: Host, made: Plan) -> None:
    """Carry the plan out and see that it holds; on any error put back what was and say so."""
    undo = Undo()
    try:
        _carry_out(host, made, undo)
        _verify(host, made)
    except (OSError, Unreadable, Refused) as error:
        failed = undo.run()
        outcome = "restored, except " + "; ".join(failed) if failed else "everything was restored"
        raise Refused(f"{_said(error)}; {outcome}") from None
    except BaseException:
        undo.run()
        raise
    if not made.state.kept:
        for folder in reversed(made.state.folders):
            host.remove_folder(folder)


def _said(error: Exception) -> str:
    return f"{error.filename}: {reason(error)}" if isinstance(error, OSError) and error.filename else str(error)


def _carry_out(host: Host, made: Plan, undo: Undo) -> None:
    for name in made.modules:
        _load(host, name, undo)
    made.values = [
        ValueChange(change.key, _value(host, change.key), change.after, change.optional) if change.before is None else change
        for change in made.values
    ]
    # Before any value changes, so that what was there is known even if this run is killed.
    made.state.remember(made.values, made.desired.sysctls)
    _write_state(host, made, undo)
    # Steps back are walked in reverse: each has to read its file once more after it is what it was.
    if made.restart_networkd:
        undo.add("restart systemd-networkd", partial(_restart_networkd, host))
    if made.reload_network_manager:
        undo.add("reload NetworkManager", partial(_reload_network_manager, host))
    for change in made.files:
        _write(host, change.path, change.after, undo)
    for value in made.values:
        if value.key == redirects.ACCEPT and value.before is not None:
            # Walked in reverse: after forwarding is what it was.
            undo.add(sysctl.dotted(value.key), partial(host.set, PROC + value.key, value.before))
    for value in made.values:
        _set(host, value, undo)
    if made.restart_networkd:
        _restart_networkd(host)
    if made.reload_network_manager:
        _reload_network_manager(host)


def _load(host: Host, name: str, undo: Undo) -> None:
    modprobe = host.tool("modprobe")
    if modprobe is None:
        raise Refused(f"there is no modprobe to load {name}")
    host.run([modprobe, name])
    undo.add(f"unload {name}", partial(host.run, [modprobe, "-r", name]))


def _write_state(host: Host, made: Plan, undo: Undo) -> None:
    state = made.state
    state.folders = sorted({*state.folders, *made.folders})
    if state.kept and (state.values or state.folders):
        state.folders = sorted({*state.folders, *_parents(host, files.STATE)})
        after: Optional[str] = state.text()
    else:
        after = None
    if host.maybe(files.STATE) != after:
        _write(host, files.STATE, after, undo)


def _write(host: Host, path: str, text: Optional[str], undo: Undo) -> None:
    before = host.maybe(path)
    if text is None:
        undo.add(path, partial(host.write, path, before or ""))
        host.remove(path)
        return
    for folder in host.make_folder(os.path.dirname(path)):
        undo.add(folder, partial(host.remove_folder, folder))
    undo.add(path, partial(_take_away, host, path) if before is None else partial(host.write, path, before))
    host.write(path, text)


def _take_away(host: Host, path: str) -> None:
    """The way back from a file that was not there; writing it may have been what failed."""
    if host.exists(path):
        host.remove(path)


def _set(host: Host, change: ValueChange, undo: Undo) -> None:
    try:
        host.set(PROC + change.key, change.after)
    except FileNotFoundError:
        if change.optional:
            return
        raise
    if change.before is not None:
        undo.add(sysctl.dotted(change.key), partial(host.set, PROC + change.key, change.before))


def _restart_networkd(host: Host) -> None:
    host.run([host.tool("systemctl") or "systemctl", "try-restart", "systemd-networkd.service"])


def _reload_network_manager(host: Host) -> None:
    """Never restarted: that could take the node's own link down for a moment."""
    host.run([host.tool("systemctl") or "systemctl", "reload", "NetworkManager.service"])


def _verify(host: Host, made: Plan) -> None:
    """Read again what was written: the kernel may take a value and keep another."""
    for change in made.files:
        if host.maybe(change.path) != change.after:
            raise Refused(f"{change.path} is not what was written to it")
    known = kernel_modules.state(host, made.modules, Missing())
    for name, found in known.items():
        if not found.get("loaded") and not found.get("builtin"):
            raise Refused(f"module {name} is not there although modprobe loaded it")
    for value in made.values:
        now = _value(host, value.key)
        if now is None and value.optional:
            continue
        if now is None or not sysctl.same(now, value.after):
            raise Refused(f"{sysctl.dotted(value.key)} is {now} although {value.after} was written to it")


def outcome(made: Plan) -> dict[str, Any]:
    """What node_baseline returns: of what was done, or in check mode would be."""
    return {
        "changed": made.changed,
        "diff": diff(made),
        "files": [change.path for change in made.files],
        "modules_loaded": made.modules,
        "sysctls_changed": [
            {"name": sysctl.dotted(change.key), "before": change.before, "after": change.after} for change in made.values
        ],
        "networkd_restarted": made.restart_networkd,
        "networkmanager_reloaded": made.reload_network_manager,
        "conflicts": made.conflicts,
    }


def diff(made: Plan) -> list[dict[str, str]]:
    """Files, and the running settings as one."""
    shown = [
        {
            "before_header": change.path if change.before is not None else "/dev/null",
            "after_header": change.path if change.after is not None else "/dev/null",
            "before": change.before or "",
            "after": change.after or "",
        }
        for change in made.files
    ]
    before = [f"{sysctl.dotted(change.key)} = {change.before}" for change in made.values if change.before is not None]
    after = [f"{sysctl.dotted(change.key)} = {change.after}" for change in made.values]
    after += [f"module {name} loaded" for name in made.modules]
    if after:
        header = "running kernel"
        shown.append(
            {"before_header": header, "after_header": header, "before": _lines(before), "after": _lines(after)},
        )
    return shown


def _lines(lines: Sequence[str]) -> str:
    return "".join(line + "\n" for line in lines)
