# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a module's code is loaded where it runs: out of the zip that Ansible sends, from source, anew in every execution."""

from __future__ import annotations

import sys
import zipimport


def compile_once() -> None:
    """Load what is imported from now on without compiling it twice, which is what `zipimport` does to each file.

    Each module calls it before its other imports, those of Ansible too. Code that does not come from a zip is loaded as ever.
    """
    sys.path_hooks.insert(0, _Importer)
    for path, finder in sys.path_importer_cache.items():
        if isinstance(finder, zipimport.zipimporter):
            sys.path_importer_cache[path] = _Importer(path)


class _Importer(zipimport.zipimporter):
    """Says a file's name by the list of what is in the zip. To say it, its parent compiles the file and lets the code go.

    Source: https://github.com/python/cpython/issues/141276, open for all Pythons up to 3.15.
    """

    def get_filename(self, fullname: str) -> str:
        name = f"{self.archive}/{self.prefix}{fullname.rpartition('.')[2]}"
        return f"{name}/__init__.py" if self.is_package(fullname) else f"{name}.py"
