# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection's version. It is that of galaxy.yml, which Ansible does not bring to a module; a test compares the two."""

from __future__ import annotations

VERSION = "1.0.0"
