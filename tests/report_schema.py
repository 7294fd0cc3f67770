# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write docs/report.schema.json from the schema of the JSON report; with --check, say whether it is current."""

from __future__ import annotations

import sys

import evidence_schema

PAGE = evidence_schema.PAGE.with_name("report.schema.json")


def main() -> int:
    from plugins.module_utils.report.schema import REPORT

    return evidence_schema.keep(PAGE, REPORT, "tests/report_schema.py")


if __name__ == "__main__":
    sys.exit(main())
