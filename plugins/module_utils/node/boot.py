# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kernel after the next boot: an upgrade shows what it lacks while the old kernel still runs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Optional

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import boot, kernel
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.host import MIB, Host, Unreadable

GRUB = ("/boot/grub/grub.cfg", "/boot/grub2/grub.cfg")
ENTRIES = "/boot/loader/entries"


def installed(host: Host) -> list[str]:
    """Releases with an image that could be started and modules to go with it, oldest first."""
    images = {boot.release(name) for name in host.names_or_none("/boot")}
    found = set()
    for path in host.expand("/lib/modules/*/modules.dep"):
        release = path.split("/")[3]
        if release in images or host.exists(f"/lib/modules/{release}/vmlinuz"):
            found.add(release)
    return sorted(found, key=boot.order)


def following(host: Host, running: str) -> dict[str, Any]:
    releases = installed(host)
    if not releases:
        raise Unreadable("neither /boot nor /lib/modules holds the image of a kernel with its modules")
    chosen = _chosen(host)
    by_loader = chosen in releases
    release = chosen if chosen is not None and by_loader else releases[-1]
    found: dict[str, Any] = {
        "release": release,
        "chosen_by": "boot loader" if by_loader else "newest installed",
        "version": kernel.version(release),
    }
    if release != running:
        found["modules"] = _modules(host, release, kernel.MODULES)
    return found


def _chosen(host: Host) -> Optional[str]:
    """What the boot loader's own files say; None where there are none that are understood."""
    path = next((path for path in GRUB if host.exists(path)), None)
    text = host.text(path, 4 * MIB) if path else ""
    saved = boot.environment(host.maybe(path.replace("grub.cfg", "grubenv")) or "") if path else {}
    entries = [name for name in host.names_or_none(ENTRIES) if name.endswith(".conf")]
    if entries and "blscfg" in text:
        return boot.by_specification({name: boot.specification(host.text(f"{ENTRIES}/{name}")) for name in entries}, saved)
    return boot.by_menu(text, saved) if text else None


def _modules(host: Host, release: str, names: Iterable[str]) -> dict[str, bool]:
    folder = f"/lib/modules/{release}"
    builtin = kernel.builtin(host.maybe(f"{folder}/modules.builtin") or "")
    files = kernel.dependencies(host.text(f"{folder}/modules.dep", 8 * MIB))
    found = {}
    for label in names:
        name = kernel.module_name(label)
        path = files.get(name)
        there = path is not None and host.exists(path if path.startswith("/") else f"{folder}/{path}")
        found[label] = there or name in builtin
    return found
