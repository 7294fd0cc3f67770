# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The links Cilium makes on a node: one of each, with its kind, for those who judge whether somebody else would take them."""

from __future__ import annotations

LINKS = {"cilium_host": "veth", "cilium_vxlan": "vxlan", "cilium_wg0": "wireguard", "lxc0a1b2c3d4e5f": "veth"}
PATTERNS = ("cilium_*", "lxc*")
# Names of links have 15 characters, and to prepare a pattern of thousands of brackets takes long: a longer one matches none.
LONGEST_PATTERN = 255
