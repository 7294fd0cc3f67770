# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes this checkout importable as ansible_collections.zerotrust.baremetal, wherever it lies, also in subprocesses."""

import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def _collections():
    """Return a folder with the layout Ansible wants; a new one where the checkout does not lie in such a one."""
    if ROOT.parts[-3:-1] == ("ansible_collections", "zerotrust") and ROOT.name == "baremetal":
        return ROOT.parents[2]
    folder = Path(tempfile.mkdtemp(prefix="zerotrust-collections-"))
    link = folder / "ansible_collections" / "zerotrust" / "baremetal"
    link.parent.mkdir(parents=True)
    link.symlink_to(ROOT)
    return folder


def pytest_configure(config):
    folder = _collections()
    config.stash["collections"] = folder
    sys.path.insert(0, str(folder))
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH", ""))))
    # The ansible package may have been imported already, and brings a package of this name with other collections.
    if "ansible_collections" in sys.modules:
        sys.modules["ansible_collections"].__path__.append(str(folder / "ansible_collections"))


def pytest_unconfigure(config):
    folder = config.stash.get("collections", None)
    if folder is not None and folder.name.startswith("zerotrust-collections-"):
        link = folder / "ansible_collections" / "zerotrust" / "baremetal"
        link.unlink(missing_ok=True)
        for empty in (link.parent, link.parents[1], folder):
            empty.rmdir()
