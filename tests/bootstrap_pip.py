# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
"""Bootstrap pip for ansible-test where only a package index can be reached.

ansible-test downloads get-pip from the internet and hides the environment from its virtual environments. This stands in
for that script: pip comes from the interpreter itself, and the machine's pip settings go where the environment reads them.
"""

import ensurepip
import os
import runpy
import sys
from pathlib import Path

SETTINGS = "@SETTINGS@"

Path(sys.prefix, "pip.conf").write_text(SETTINGS)
ensurepip.bootstrap()
# ensurepip turns pip's settings off for the process it runs in.
os.environ.pop("PIP_CONFIG_FILE", None)
# These two speak to get-pip alone.
sys.argv = ["pip", "install", *(word for word in sys.argv[1:] if word not in {"--no-setuptools", "--no-wheel"})]
runpy.run_module("pip", run_name="__main__")
