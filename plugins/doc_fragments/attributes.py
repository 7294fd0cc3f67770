# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The attributes every module states about itself."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in check mode and say what it would change, without changing it.
  diff_mode:
    description: Shows before and after in diff mode.
  idempotent:
    description: Run again on an unchanged system, it changes nothing.
  platform:
    description: Where the module runs.
    platforms: posix
"""

    # For modules that only read.
    READ_ONLY = r"""
options: {}
attributes:
  check_mode:
    support: full
    details: It only reads.
    description: Can run in check mode and say what it would change, without changing it.
  diff_mode:
    support: N/A
    details: It only reads.
    description: Shows before and after in diff mode.
  idempotent:
    support: N/A
    details: It only reads.
    description: Run again on an unchanged system, it changes nothing.
"""

    # For modules that run on nodes.
    NODE = r"""
options: {}
attributes:
  platform:
    description: Where the module runs.
    platforms: linux
    support: full
requirements:
  - Python >= 3.9 on the node, nothing else
"""
