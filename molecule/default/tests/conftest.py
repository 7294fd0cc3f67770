# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
import sys

from ztlab import paths

# Some ask the collection's own code.
sys.path.insert(0, str(paths.CHECKOUT / ".ansible" / "collections"))

pytest_plugins = ["ztlab.testing"]
