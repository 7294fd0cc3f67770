# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The running kernel: its version, its build options, what locks it down, and the one after the next boot."""

from __future__ import annotations

import gzip
import io
import os
import zlib
from typing import Any, Optional

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import kernel as kernel_parser
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node import boot
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.host import MIB, Host, Unreadable
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.kernel_modules import release, switch
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.missing import Missing

SECURE_BOOT = "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"


def read(host: Host, missing: Missing) -> dict[str, Any]:
    name = release(host)
    found: dict[str, Any] = {"release": name, "machine": os.uname().machine, "btf": host.exists("/sys/kernel/btf/vmlinux")}
    version = kernel_parser.version(name)
    if version:
        found["version"] = version
    else:
        missing.note("kernel.version", f"no version in {name!r}")
    missing.part(found, "fips", "kernel.fips", lambda: switch(host, "/proc/sys/crypto/fips_enabled"))
    missing.part(found, "modules_disabled", "kernel.modules_disabled", lambda: switch(host, "/proc/sys/kernel/modules_disabled"))
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
