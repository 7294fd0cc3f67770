# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write docs/rules.md from the rules; with --check, say whether it is current."""

from __future__ import annotations

import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "rules.md"

HEAD = """<!--
SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
SPDX-License-Identifier: GPL-3.0-or-later
Made by tests/rules_docs.py. Do not edit.
-->
# Rules

Every rule looks at [evidence](evidence.md) and ends, for each subject, as **PASS**, **FAIL** or **UNKNOWN**. What was not seen is
UNKNOWN and never PASS. A gate stops on FAIL of severity blocker or high and on UNKNOWN of severity blocker, unless
`zerotrust_gate` says otherwise. A finding that is accepted for a reason stands in `zerotrust_accepted` by its id.

Known hazards that are no rule, and why, are in [rules_left_out.md](rules_left_out.md).
"""


def render(rules, about) -> str:
    parts = [HEAD]
    layers = dict.fromkeys(rule.layer for rule in rules)
    each = ", ".join(f"{sum(rule.layer == layer for rule in rules)} of layer {layer}" for layer in layers)
    parts.append(f"There are {len(rules)} rules: {each}.")
    parts.append("| id | severity | demand |\n|---|---|---|")
    for rule in rules:
        parts[-1] += f"\n| [{rule.id}](#{rule.id.lower()}) | {rule.severity} | {rule.title} |"
    for layer in layers:
        parts.append(f"## Layer {layer}")
        for rule in rules:
            if rule.layer != layer:
                continue
            source = f"<{rule.source}>" if rule.source.startswith("https://") else f"[{rule.source}]({Path(rule.source).name})"
            parts += [
                f"### {rule.id}",
                f"**{rule.title}.** {about(rule)}",
                rule.why,
                f"*Fix:* {_literal(rule.remediation)}",
                f"*Source:* {source}",
            ]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _literal(text: str) -> str:
    # <node> and the like are for the reader, not for HTML.
    return text.replace("<", "&lt;")


def main() -> int:
    # Their imports are relative, so this works wherever the checkout is.
    sys.path.insert(0, str(PAGE.parent.parent))
    from plugins.module_utils.report.rule_page import about
    from plugins.module_utils.rules.catalogue import RULES

    text = render(RULES, about)
    if "--check" in sys.argv:
        if not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != text:
            print(f"{PAGE.name} is not what the rules say: run tests/rules_docs.py")
            return 1
        return 0
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
