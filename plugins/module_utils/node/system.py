# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The machine itself: kernel, modules, sysctls, clock, and who configures its network."""

from __future__ import annotations

import ctypes
import gzip
import io
import os
import time
import zlib
from functools import partial
from typing import Any, Optional

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import kernel as kernel_parser
from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import network_manager as network_manager_parser
from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import networkd as networkd_parser
from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import networkd_match, sysctl, ufw
from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import os_release as os_release_parser
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node import boot, origin
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.host import MIB, Host, Unreadable
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.missing import Missing
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.processes import Processes

SECURE_BOOT = "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
MODPROBE_FOLDERS = ("/etc/modprobe.d", "/run/modprobe.d", "/usr/local/lib/modprobe.d", "/usr/lib/modprobe.d", "/lib/modprobe.d")

# A pod's link that does not exist yet: what a new one starts with, and what systemd-udevd then makes of it.
NEW_POD_LINK = "net.ipv4.conf.lxc*.rp_filter"


def machine_id(host: Host) -> str:
    text = host.text("/etc/machine-id").strip()
    if not text:
        raise Unreadable("/etc/machine-id: empty")
    return text


def os_release(host: Host) -> dict[str, Any]:
    path = "/etc/os-release" if host.exists("/etc/os-release") else "/usr/lib/os-release"
    return os_release_parser.parse(host.text(path))


def release(host: Host) -> str:
    return host.text("/proc/sys/kernel/osrelease").strip()


def kernel(host: Host, missing: Missing) -> dict[str, Any]:
    name = release(host)
    found: dict[str, Any] = {"release": name, "machine": os.uname().machine, "btf": host.exists("/sys/kernel/btf/vmlinux")}
    version = kernel_parser.version(name)
    if version:
        found["version"] = version
    else:
        missing.note("kernel.version", f"no version in {name!r}")
    missing.part(found, "fips", "kernel.fips", lambda: _flag(host, "/proc/sys/crypto/fips_enabled"))
    missing.part(found, "modules_disabled", "kernel.modules_disabled", lambda: _flag(host, "/proc/sys/kernel/modules_disabled"))
    missing.part(found, "lockdown", "kernel.lockdown", lambda: _lockdown(host))
    missing.part(found, "secure_boot", "kernel.secure_boot", lambda: _secure_boot(host))
    missing.part(found, "next", "kernel.next", lambda: boot.following(host, name))
    reasons = []
    for path in (f"/boot/config-{name}", "/proc/config.gz", f"/lib/modules/{name}/config", f"/usr/lib/modules/{name}/config"):
        try:
            config = kernel_parser.config(_config_text(host, path))
        except Unreadable as unreadable:
            reasons.append(str(unreadable))
            continue
        if config is not None:
            found.update(config=config, config_source=path)
            break
        reasons.append(f"{path}: no kernel configuration")
    else:
        missing.note("kernel.config", "; ".join(reasons))
    return found


def _flag(host: Host, path: str) -> bool:
    """A switch of the kernel's; one that the kernel was built without is off."""
    return host.exists(path) and host.text(path).strip() == "1"


def _lockdown(host: Host) -> Optional[str]:
    text = host.maybe("/sys/kernel/security/lockdown")
    return kernel_parser.lockdown(text) if text else None


def _secure_boot(host: Host) -> Optional[bool]:
    """None where the machine was not started by EFI."""
    return kernel_parser.secure_boot(host.read(SECURE_BOOT)) if host.exists(SECURE_BOOT) else None


def _config_text(host: Host, path: str) -> str:
    data = host.read(path, 4 * MIB)
    if not path.endswith(".gz"):
        return data.decode("utf-8", "replace")
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as unpacked:
            return unpacked.read(4 * MIB).decode("utf-8", "replace")
    except (OSError, EOFError, zlib.error) as error:
        raise Unreadable(f"{path}: {error}") from None


def modules(host: Host, missing: Missing) -> dict[str, dict[str, Any]]:
    names = [kernel_parser.module_name(name) for name in kernel_parser.MODULES]
    known = module_state(host, names, missing)
    return {label: known[name] for label, name in zip(kernel_parser.MODULES, names)}


def module_state(host: Host, names: list[str], missing: Missing) -> dict[str, dict[str, Any]]:
    """For each name: loaded, builtin, loadable, in_tree, denied_by; without what could not be found out."""
    state: dict[str, dict[str, Any]] = {name: {} for name in names}
    folder = f"/lib/modules/{release(host)}"
    blacklisted, install = _modprobe(host)
    read: dict[str, Any] = {}
    if host.exists("/proc/modules"):
        missing.part(read, "loaded", "modules", lambda: kernel_parser.loaded(host.text("/proc/modules")))
    elif host.exists("/proc/sys/kernel/osrelease"):  # a kernel that cannot load anything
        read["loaded"] = set()
    missing.part(read, "builtin", "modules", lambda: kernel_parser.builtin(host.text(f"{folder}/modules.builtin")))
    missing.part(read, "files", "modules", lambda: _dependencies(host, folder))
    locked = _flag(host, "/proc/sys/kernel/modules_disabled")
    for name, found in state.items():
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
    return state


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


def sysctl_files(host: Host, missing: Missing) -> list[tuple[str, list[sysctl.Assignment]]]:
    """Every sysctl.d file in the order systemd-sysctl applies them, and ufw's, which it applies when it starts."""
    folders = []
    for folder in sysctl.FOLDERS:
        if folder == "/lib/sysctl.d" and host.is_link("/lib"):
            continue
        found: dict[str, Any] = {}
        missing.part(found, "names", "sysctls", partial(host.names_or_none, folder))
        folders.append((folder, found.get("names", [])))
    files = []
    for path in sysctl.order(folders):
        read: dict[str, Any] = {}
        if os.path.realpath(host.path(path)) == "/dev/null":  # the way to mask a file of that name
            continue
        missing.part(read, "lines", f"sysctls.files.{path}", partial(_assignments, host, path))
        files.append((path, read.get("lines", [])))
    read = {}
    missing.part(read, "ufw", f"sysctls.files.{ufw.CONF}", lambda: _ufw(host))
    return [*files, *read.get("ufw", [])]


def _ufw(host: Host) -> list[tuple[str, list[sysctl.Assignment]]]:
    path = ufw.sysctl_file(host.maybe(ufw.CONF) or "", host.maybe(ufw.DEFAULTS) or "")
    return [(path, _assignments(host, path))] if path.startswith("/") and host.exists(path) else []


def _assignments(host: Host, path: str) -> list[sysctl.Assignment]:
    return sysctl.parse(host.text(path))


def sysctl_value(host: Host, key: str) -> str:
    return " ".join(host.text("/proc/sys/" + sysctl.canonical(key)).split())


def sysctls(host: Host, missing: Missing) -> dict[str, dict[str, Any]]:
    files = sysctl_files(host, missing)
    found: dict[str, dict[str, Any]] = {}
    for key in sysctl.KEYS:
        found[key] = {"files": sysctl.effective(key, files)}
        missing.part(found[key], "value", f"sysctls.{key}.value", partial(sysctl_value, host, key))
    found[NEW_POD_LINK] = {"files": sysctl.effective(NEW_POD_LINK.replace("*", "0"), files)}
    _origins(host, missing, [entry for one in found.values() for entry in one["files"]])
    default = found["net.ipv4.conf.default.rp_filter"]
    if "value" in default:
        found[NEW_POD_LINK]["value"] = default["value"]
    return found


def _origins(host: Host, missing: Missing, entries: list[dict[str, Any]]) -> None:
    """Only of files applied after ours, which are few: to ask a package manager takes long."""
    known: dict[str, Any] = {}
    for path in sorted({entry["path"] for entry in entries}):
        if sysctl.after_ours(path):
            missing.part(known, path, f"sysctls.files.{path}", partial(origin.of, host, path))
    for entry in entries:
        entry.update(known.get(entry["path"], {}))


class _Timex(ctypes.Structure):
    _fields_ = [
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 256),
    ]


# What may keep the clock, by the names of their processes (15 letters).
TIME_KEEPERS = ("chronyd", "systemd-timesyncd", "ntpd", "openntpd", "ptp4l", "phc2sys", "vmtoolsd", "VBoxService")


def clock(missing: Missing, processes: Processes) -> dict[str, Any]:
    """adjtimex with no mode set only reads. TIME_ERROR (5) means that nothing disciplines the clock."""
    found: dict[str, Any] = {"epoch": time.time(), "synchronized": None}
    missing.part(found, "kept_by", "clock.kept_by", lambda: [name for name in TIME_KEEPERS if processes.find(name) is not None])
    try:
        timex = _Timex()
        state = ctypes.CDLL(None).adjtimex(ctypes.byref(timex))
    except (OSError, AttributeError) as error:
        missing.note("clock.max_error_s", f"adjtimex: {error}")
        return found
    if state < 0:
        missing.note("clock.max_error_s", "adjtimex: refused")
        return found
    found.update(synchronized=state != 5, max_error_s=timex.maxerror / 1e6, estimated_error_s=timex.esterror / 1e6)
    return found


def init(host: Host) -> dict[str, Any]:
    """Who runs the machine: systemd or not, and the container engine where it is no machine at all."""
    return {"systemd": host.exists("/run/systemd/system"), "container": _container(host)}


def _container(host: Host) -> Optional[str]:
    """By systemd's own note, the marks of podman and Docker, or what an engine tells the first process."""
    noted = (host.maybe("/run/systemd/container") or "").strip()
    if noted:
        return noted
    for path, engine in (("/run/.containerenv", "podman"), ("/.dockerenv", "docker")):
        if host.exists(path):
            return engine
    for variable in host.read("/proc/1/environ").split(b"\0") if host.exists("/proc/1/environ") else ():
        name, _equals, value = variable.partition(b"=")
        if name == b"container":
            return value.decode("utf-8", "replace") or "unnamed"
    return None


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
