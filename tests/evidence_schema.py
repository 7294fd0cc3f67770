# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write docs/evidence.schema.json from the schema that saved bundles are checked by; with --check, say whether it is current."""

from __future__ import annotations

import json
import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "evidence.schema.json"


def render(schema) -> str:
    return json.dumps(schema, indent=1) + "\n"


def main() -> int:
    # Its imports are relative, so this works wherever the checkout is.
    sys.path.insert(0, str(PAGE.parent.parent))
    from plugins.module_utils.evidence.schema import BUNDLE

    text = render(BUNDLE)
    if "--check" in sys.argv:
        if not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != text:
            print(f"{PAGE.name} is not the schema that bundles are checked by: run tests/evidence_schema.py")
            return 1
        return 0
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
