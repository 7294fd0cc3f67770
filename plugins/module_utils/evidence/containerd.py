# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What containerd's configuration says about CNI and the sandbox image, for its versions 1 to 3."""

from __future__ import annotations

from typing import Any, Optional

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import plain_toml

DEFAULT_CONFIG = "/etc/containerd/config.toml"
DEFAULT_CONF_DIR = "/etc/cni/net.d"
DEFAULT_BIN_DIR = "/opt/cni/bin"


def imports(text: str) -> list[str]:
    """Other files (with patterns) that this one takes in."""
    found = plain_toml.parse(text).get(("imports",))
    return found if isinstance(found, list) else []


def settings(texts: list[str]) -> dict[str, Optional[str]]:
    """From the main file and what it imports, in that order; the later one wins."""
    found: dict[plain_toml.Key, Any] = {}
    for text in texts:
        found.update(plain_toml.parse(text))
    bin_dirs = plain_toml.first(found, "cni.bin_dirs")
    bin_dir = bin_dirs[0] if isinstance(bin_dirs, list) and bin_dirs else plain_toml.first(found, "cni.bin_dir")
    return {
        "cni_conf_dir": _text(plain_toml.first(found, "cni.conf_dir")) or DEFAULT_CONF_DIR,
        "cni_bin_dir": _text(bin_dir) or DEFAULT_BIN_DIR,
        "sandbox_image": _text(plain_toml.first(found, "pinned_images.sandbox", "sandbox_image")),
    }


def _text(value: Any) -> Optional[str]:
    return value if isinstance(value, str) and value else None
