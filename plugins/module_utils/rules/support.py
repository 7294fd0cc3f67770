# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about how long what is installed still gets fixes."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from ..evidence import certificate, versions
from ..evidence.bundle import Evidence, Missing
from . import facts
from .rule import Answer, Catalogue, Fail, Pass

CATALOGUE = Catalogue("network")

VER_020 = CATALOGUE.rule(
    "ZT-VER-020",
    "medium",
    stages=("network", "policy", "mesh"),
    title="Who made it still mends it",
    why="After its end of life a minor gets no fixes, also none for what attackers know.",
    remediation="Go to a minor that is supported, one at a time; leave the version out of the inventory, and the pinned one is "
    "installed.",
    source="https://istio.io/latest/docs/releases/supported-releases/",
)
# So long after it was looked at, nobody knows what was announced since.
_KNOWN_FOR = datetime.timedelta(days=365)


@VER_020.check(each=facts.charts)
def _chart_mended(evidence: Evidence, subject: str) -> Answer:
    name = subject.removeprefix("chart ")
    project = versions.PROJECT_OF_CHART.get(name)
    if project is None or name in ("base", "cni", "ztunnel"):
        return None
    return _mended(evidence, project, str(facts.chart(evidence, subject)["version"]), f"charts.{name}.version")


@VER_020.check(subject="Kubernetes")
def _kubernetes_mended(evidence: Evidence) -> Iterator[Pass | Fail]:
    yield _mended(evidence, "kubernetes", str(evidence.api["version"]), "api.version")


def _mended(evidence: Evidence, project: str, version: str, path: str) -> Pass | Fail:
    ends, looked = versions.END_OF_LIFE[project], certificate.moment(f"{versions.END_OF_LIFE_SEEN}T00:00:00Z")
    have, now = versions.numbers(version), certificate.moment(evidence.collected_at)
    if have is None:
        raise Missing(path, f"{version!r} is no version")
    minor, first = f"{have[0]}.{have[1]}", min(versions.numbers(one) or () for one in ends)
    if have[:2] < first[:2]:
        return Fail(f"{minor} ended before {'.'.join(map(str, first[:2]))} did")
    end = ends.get(minor)
    if end is not None:
        said = f"{minor} gets fixes until {end}"
        last = certificate.moment(f"{end}T00:00:00Z") + datetime.timedelta(days=1)
        return Pass(said) if now < last else Fail(f"{minor} ended on {end}")
    if minor not in ends:
        raise Missing(path, f"until when {project} {minor} gets fixes is not known to this collection")
    if now > looked + _KNOWN_FOR:
        raise Missing(path, f"on {versions.END_OF_LIFE_SEEN} no end of {minor} was known; that is more than a year ago")
    return Pass(f"no end of {minor} was known on {versions.END_OF_LIFE_SEEN}")
