# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write docs/evidence.schema.json from the schema that saved bundles are checked by; with --check, say whether it is current."""

from __future__ import annotations

import json
import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "evidence.schema.json"

# The imports of what is read are relative, so this works wherever the checkout is.
sys.path.insert(0, str(PAGE.parent.parent))


def render(schema) -> str:
    return json.dumps(schema, indent=1) + "\n"


def keep(page: Path, schema, script: str) -> int:
    """Write the page, or say whether it is current."""
    text = render(schema)
    if "--check" in sys.argv:
        if not page.is_file() or page.read_text(encoding="utf-8") != text:
            print(f"{page.name} is not the schema that the code has: run {script}")
            return 1
        return 0
    page.write_text(text, encoding="utf-8")
    return 0


def main() -> int:
    from plugins.module_utils.evidence.schema import BUNDLE

    return keep(PAGE, BUNDLE, "tests/evidence_schema.py")


if __name__ == "__main__":
    sys.exit(main())
