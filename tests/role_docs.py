# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write each role's README from its argument_specs; with --check, say what is not current.

Also holds argument_specs and defaults together: the same variables, the same literal defaults.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import yaml

ROLES = Path(__file__).resolve().parent.parent / "roles"


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def text(value: Any) -> str:
    """A description as one paragraph each."""
    return "\n\n".join(" ".join(part.split()) for part in ([value] if isinstance(value, str) else value))


def literal(value: Any) -> bool:
    """Whether a default is what it says, and not an expression."""
    return "{{" not in str(value) and "{%" not in str(value)


def shown(name: str, option: dict[str, Any], defaults: dict[str, Any]) -> str:
    if name.endswith("_default_values"):
        return "see defaults/main.yml"
    value = defaults[name] if literal(defaults[name]) else option.get("default", "computed")
    if value == "computed":
        return value
    return "`" + yaml.safe_dump(value, default_flow_style=True, width=10_000).removesuffix("...\n").strip() + "`"


def readme(role: str, entry: dict[str, Any], defaults: dict[str, Any]) -> str:
    rows = []
    for name, option in entry["options"].items():
        kind = option["type"] + (f" of {option['elements']}" if "elements" in option else "")
        choices = "; one of " + ", ".join(f"`{choice}`" for choice in option["choices"]) if "choices" in option else ""
        description = text(option["description"]).replace("\n\n", " ").replace("|", "\\|").replace("<", "&lt;")
        rows.append(f"| `{name}` | {kind} | {shown(name, option, defaults)} | {description.rstrip('.')}{choices}. |")
    # REUSE-IgnoreStart
    return "\n".join(
        [
            "<!--",
            "SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors",
            "SPDX-License-Identifier: GPL-3.0-or-later",
            "Written by tests/role_docs.py from meta/argument_specs.yml. Change that file, not this one.",
            "-->",
            f"# {role}",
            "",
            f"{entry['short_description']}.",
            "",
            text(entry["description"]),
            "",
            "| variable | type | default | meaning |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )
    # REUSE-IgnoreEnd


def disagreements(role: str, entry: dict[str, Any], defaults: dict[str, Any]) -> list[str]:
    options = entry["options"]
    found = [f"{role}: {name} has a default and no argument_specs" for name in defaults if name not in options]
    found += [f"{role}: {name} has argument_specs and no default" for name in options if name not in defaults]
    for name, option in options.items():
        value = defaults.get(name)
        if name.endswith("_default_values") or name not in defaults:
            continue
        if literal(value) and value not in ("", option.get("default")):
            found.append(f"{role}: {name} defaults to {value!r}, argument_specs says {option.get('default')!r}")
    return found


def main(arguments: list[str]) -> int:
    problems = []
    for folder in sorted(path.parent.parent for path in ROLES.glob("*/meta/argument_specs.yml")):
        entry = load(folder / "meta/argument_specs.yml")["argument_specs"]["main"]
        defaults = load(folder / "defaults/main.yml") or {}
        found = disagreements(folder.name, entry, defaults)
        problems += found
        if found:
            continue
        wanted, path = readme(folder.name, entry, defaults), folder / "README.md"
        if path.is_file() and path.read_text(encoding="utf-8") == wanted:
            continue
        if "--check" in arguments:
            problems.append(f"{path.relative_to(ROLES.parent)} is not current; run tests/role_docs.py")
        else:
            path.write_text(wanted, encoding="utf-8")
            print(f"wrote {path.relative_to(ROLES.parent)}")
    print("\n".join(problems), file=sys.stderr, end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
