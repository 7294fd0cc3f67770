# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kernel modules: loaded, built in or loadable, and who forbids it."""

from __future__ import annotations

from typing import Any

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import kernel as kernel_parser
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.host import MIB, Host, Unreadable
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.missing import Missing

MODPROBE_FOLDERS = ("/etc/modprobe.d", "/run/modprobe.d", "/usr/local/lib/modprobe.d", "/usr/lib/modprobe.d", "/lib/modprobe.d")


def release(host: Host) -> str:
    return host.text("/proc/sys/kernel/osrelease").strip()


def switch(host: Host, path: str) -> bool:
    """A switch of the kernel's; one that the kernel was built without is off."""
    return host.exists(path) and host.text(path).strip() == "1"


def read(host: Host, missing: Missing) -> dict[str, dict[str, Any]]:
    """`state` of those that the rules ask about."""
    names = [kernel_parser.module_name(name) for name in kernel_parser.MODULES]
    known = state(host, names, missing)
    return {label: known[name] for label, name in zip(kernel_parser.MODULES, names)}


def state(host: Host, names: list[str], missing: Missing) -> dict[str, dict[str, Any]]:
    """For each name: loaded, builtin, loadable, in_tree, denied_by; without what could not be found out."""
    known: dict[str, dict[str, Any]] = {name: {} for name in names}
    folder = f"/lib/modules/{release(host)}"
    blacklisted, install = _modprobe(host)
    read: dict[str, Any] = {}
    if host.exists("/proc/modules"):
        missing.part(read, "loaded", "modules", lambda: kernel_parser.loaded(host.text("/proc/modules")))
    elif host.exists("/proc/sys/kernel/osrelease"):  # a kernel that cannot load anything
        read["loaded"] = set()
    missing.part(read, "builtin", "modules", lambda: kernel_parser.builtin(host.text(f"{folder}/modules.builtin")))
    missing.part(read, "files", "modules", lambda: _dependencies(host, folder))
    locked = switch(host, "/proc/sys/kernel/modules_disabled")
    for name, found in known.items():
        is_loaded = name in read["loaded"] if "loaded" in read else None
        in_kernel = name in read["builtin"] if "builtin" in read else None
        # Built-in modules with parameters show here too, also where modules.builtin is not to be had.
        if is_loaded is False and not in_kernel and host.exists(f"/sys/module/{name}"):
            in_kernel = True
        if is_loaded is not None:
            found["loaded"] = is_loaded
        if in_kernel is not None:
            found["builtin"] = in_kernel
        if "files" in read:
            path = read["files"].get(name)
            there = path is not None and host.exists(path if path.startswith("/") else f"{folder}/{path}")
            if there:
                found["in_tree"] = str(path).startswith("kernel/")
            found["loadable"] = bool(there and not locked and not kernel_parser.refuses(install.get(name, "")))
        found["denied_by"] = blacklisted.get(name)
    return known


def _dependencies(host: Host, folder: str) -> dict[str, str]:
    return kernel_parser.dependencies(host.text(f"{folder}/modules.dep", 8 * MIB))


def _modprobe(host: Host) -> tuple[dict[str, str], dict[str, str]]:
    """Blacklisted name to the file that says so, and `install` commands."""
    chosen: dict[str, str] = {}
    for folder in MODPROBE_FOLDERS:
        for name in host.names_or_none(folder):
            if name.endswith(".conf"):
                chosen.setdefault(name, f"{folder}/{name}")
    blacklisted: dict[str, str] = {}
    install: dict[str, str] = {}
    for _name, path in sorted(chosen.items()):
        try:
            denied, commands = kernel_parser.modprobe(host.text(path))
        except Unreadable:
            continue
        blacklisted.update(dict.fromkeys(denied, path))
        install.update(commands)
    return blacklisted, install
