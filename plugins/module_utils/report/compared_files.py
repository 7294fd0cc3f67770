# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two files to compare, each a JSON report or saved evidence.

Evidence is judged first: by the rules of now, and at the moment and for the stages of the other, as far as that can be.
"""

from __future__ import annotations

import datetime
import zlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..evidence import saved_bundle
from ..evidence.bundle import Evidence
from ..evidence.sharing import Sharing
from ..rules import engine
from ..rules.catalogue import IDS, RULES
from ..rules.rule import STAGES
from . import json_report
from .comparison import EXPECTED, Report, ReportError, report

_PACKED = b"\x1f\x8b"


def read(before: tuple[bytes, str], after: tuple[bytes, str]) -> tuple[Report, Report, list[str]]:
    """Return the reports of two files, each given with its name, and what is to be said of how they were made."""
    # Mostly they are of one cluster, of which little changed.
    sharing = Sharing()
    given = [(_read(*one, sharing), one[1]) for one in (before, after)]
    bundles = [found for found, _name in given if saved_bundle.is_one(found)]
    reports = [report(found, name) for found, name in given if not saved_bundle.is_one(found)]
    if reports:
        # A report cannot be asked anew: evidence is asked what it was asked.
        moment, stages = reports[0].moment, reports[0].stages
    else:
        moment = str(bundles[-1]["moment"])
        stages = [stage for stage in STAGES if all(stage in (one["desired"].get("stages") or STAGES) for one in bundles)]
    made, said = [], []
    for found, name in given:
        if saved_bundle.is_one(found):
            made.append(report(_judged(found, moment, stages), name))
            if found["moment"] != moment:
                said.append(f"{name} was collected for {found['moment']}, and is judged at {moment} as the other one.")
        else:
            made.append(report(found, name))
    if bundles and reports:
        said.append(
            "Evidence is judged by the rules of now; the report has what the rules of its day said, and what was accepted."
        )
    return made[0], made[1], said


def _read(content: bytes, file: str, sharing: Sharing) -> Any:
    found = _parsed(content, file, sharing)
    return saved_bundle.read(found, file) if saved_bundle.is_one(found) else found


def _parsed(content: bytes, file: str, sharing: Sharing) -> Any:
    try:
        if content.startswith(_PACKED):
            content = _unpacked(content, file)
        found = saved_bundle.documents(content.decode("utf-8"), file, sharing)
    except (EOFError, OSError, zlib.error):
        raise ReportError(f"{file} is not whole, or not packed by gzip. {EXPECTED}") from None
    except UnicodeDecodeError as error:
        raise ReportError(f"{file} is not JSON: byte {error.start + 1} is no UTF-8. {EXPECTED}") from None
    except ValueError as error:
        raise ReportError(f"{file} is not JSON: {error}. {EXPECTED}") from None
    if len(found) != 1:
        raise ReportError(f"{file} is not JSON: it holds {len(found)} values, not one. {EXPECTED}")
    return found[0].value


def _unpacked(content: bytes, file: str) -> bytes:
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    made = unpacker.decompress(content, saved_bundle.MOST_BYTES)
    if unpacker.unconsumed_tail:
        raise ReportError(f"{file} unpacks to more than {saved_bundle.MOST_BYTES // 1024 // 1024} MiB. {EXPECTED}")
    if not unpacker.eof:
        raise EOFError
    return made


def _judged(bundle: Mapping[str, Any], moment: str, stages: list[str]) -> dict[str, Any]:
    bundle = {**bundle, "moment": moment}
    evidence = Evidence(bundle)
    result = engine.run(evidence, RULES, moment, stages)
    engine.accept_annotated(result, evidence, IDS, datetime.date.fromisoformat(bundle["collected_at"][:10]))
    # What they rest on is not compared, and would take more than all else.
    result.findings = [replace(finding, seen=()) for finding in result.findings]
    return json_report.data(result, bundle, stages)
