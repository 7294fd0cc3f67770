# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about the charts and versions that are planned."""

from __future__ import annotations

from collections.abc import Iterator

from ..evidence import versions
from ..evidence.bundle import Evidence, Missing
from . import facts, places
from .facts import PREFLIGHT, VERIFY
from .rule import STAGES, Answer, Catalogue, Fail, Pass

CATALOGUE = Catalogue("network")

_HELM = "https://docs.cilium.io/en/stable/helm-reference/"

VER_001 = CATALOGUE.rule(
    "ZT-VER-001",
    "blocker",
    stages=("network", "policy", "mesh"),
    title="The Kubernetes version is one that the component supports",
    why="Outside its range a component is untested; Istio's own check refuses it.",
    remediation="Upgrade the cluster, or choose a version of the component that supports it.",
    source="https://istio.io/latest/docs/releases/supported-releases/",
)


@VER_001.check(each=facts.charts)
def _kubernetes(evidence: Evidence, subject: str) -> Answer:
    name = subject.removeprefix("chart ")
    project = versions.PROJECT_OF_CHART.get(name)
    if project is None or name in ("base", "cni", "ztunnel"):
        return None
    asked = str(facts.chart(evidence, subject)["version"])
    supported = versions.kubernetes_range(project, asked)
    have = str(evidence.api["version"])
    if supported is None:
        raise Missing(f"charts.{name}.version", f"which Kubernetes {project} {asked} supports is not known to this collection")
    inside = versions.in_minor_range(have, *supported)
    if inside is None:
        raise Missing("api.version", f"{have!r} is no version")
    said = f"Kubernetes {have}; {project} {asked} supports {supported[0]} to {supported[1]}"
    return Pass(said) if inside else Fail(said)


VER_002 = CATALOGUE.rule(
    "ZT-VER-002",
    "medium",
    stages=("network", "policy", "mesh"),
    title="The chart's version is one that these rules know",
    why="Keys, defaults and bugs differ from version to version. Outside this range roles and rules were tried by nobody, and "
    "older ones get no fixes.",
    remediation="Choose a version in the range, or leave the version out: then the pinned one is installed. A newer one is not "
    "known yet.",
    source="https://istio.io/latest/docs/releases/supported-releases/",
)


@VER_002.check(each=facts.charts)
def _known_version(evidence: Evidence, subject: str) -> Answer:
    project = versions.PROJECT_OF_CHART.get(subject.removeprefix("chart "))
    if project is None:
        return None
    version = str(facts.chart(evidence, subject)["version"])
    first, end = versions.SUPPORTED[project]
    said = f"{version}; known are {first} up to, and without, {end}"
    if not versions.known(project, version):
        raise Missing(f"charts.{subject.removeprefix('chart ')}.version", f"not known yet: {said}")
    return Pass(said) if versions.at_least(version, first) else Fail(said)


VER_011 = CATALOGUE.rule(
    "ZT-VER-011",
    "high",
    stages=STAGES,
    title="The chart knows every value that is set",
    why="No chart of this platform rejects a key it does not know: it is ignored without a word, and what it was meant to "
    "secure is not secured.",
    remediation="Remove the key, or write the one that was meant.",
    source=_HELM,
)


@VER_011.check(each=facts.charts)
def _known_keys(evidence: Evidence, subject: str) -> Iterator[Pass | Fail]:
    one = facts.chart(evidence, subject)
    problems = one.view("problems").raw
    named = one.view("chart")
    for problem in problems:
        path, suggestion, why = problem["path"], problem["suggestion"], problem["why"]
        if places_of_key := problem.get("places"):
            remedy = f"write {facts.listed(places_of_key, 12)}, whichever is meant, instead of {path}"
        else:
            remedy = f"write {suggestion} instead of {path}" if suggestion else f"remove {path}"
        said = f"chart {named['name']} {named['version']} does not know this key"
        yield _of_value(evidence, subject, path, (said, f": {why}" if why else ""), remedy)
    if not problems:
        yield Pass(f"all keys of {facts.variable(evidence, subject)} are known")


def _of_value(evidence: Evidence, subject: str, path: str, said: tuple[str, str], remedy: str) -> Fail:
    """Say what is wrong with a value that somebody gives a chart. Where it stands comes between the two parts of the message."""
    variable, where = facts.variable(evidence, subject), places.of_value(evidence, subject, path)
    return Fail(
        f"{said[0]}{f' ({where})' if where else ''}{said[1]}",
        f"In {where or variable}, {remedy}.",
        subject=f"{variable}: {path}",
        seen=[(f"{variable}.{path}", "set"), ("origin", where or "unknown")],
        place=where,
    )


VER_017 = CATALOGUE.rule(
    "ZT-VER-017",
    "high",
    stages=STAGES,
    title="Every value has the form that the chart takes",
    why="Templates take a text for true, whatever it says, also 'false'; a mapping where a text belongs is written as map[...]; "
    "a single value in the place of a mapping takes away the defaults below it, and null the default itself. Unless the chart "
    "has a schema, Helm says nothing of it, or warns.",
    remediation="Write the value in the form that the chart's values.yaml has.",
    source="https://helm.sh/docs/chart_template_guide/control_structures/",
)


@VER_017.check(each=facts.charts)
def _form(evidence: Evidence, subject: str) -> Iterator[Pass | Fail]:
    wrong = facts.chart(evidence, subject).view("forms").raw
    for problem in wrong:
        path = problem["path"]
        remedy = f"at {path}, {problem.get('write') or 'write what the chart takes'}"
        yield _of_value(evidence, subject, path, (problem["why"], ""), remedy)
    if not wrong:
        yield Pass(f"no value of {facts.variable(evidence, subject)} is of another form")


VER_015 = CATALOGUE.rule(
    "ZT-VER-015",
    "blocker",
    stages=("network", "policy", "mesh"),
    title="The chart accepts its values",
    why="A value of the wrong form ends the installation half-way through a run.",
    remediation="Correct the value that Helm names.",
    source=_HELM,
)


@VER_015.check(each=facts.charts, moments=PREFLIGHT)
def _renders(evidence: Evidence, subject: str) -> Answer:
    if subject == "chart base":
        return None
    error = facts.chart(evidence, subject)["render_error"]
    if error is None:
        return Pass("it renders")
    return Fail(f"helm template: {error}", f"Correct the value in {facts.variable(evidence, subject)} that Helm names.")


VER_016 = CATALOGUE.rule(
    "ZT-VER-016",
    "blocker",
    stages=("network", "policy", "mesh"),
    title="The Helm release is deployed",
    why="A release left pending or failed by an interrupted run is not what its values say, and Helm refuses to go on from a "
    "pending one.",
    remediation="Run site.yml again: it frees a stuck release and installs it anew.",
    source="https://helm.sh/docs/helm/helm_status/",
)


@VER_016.check(each=facts.charts, moments=VERIFY)
def _released(evidence: Evidence, subject: str) -> Answer:
    one = facts.chart(evidence, subject)
    releases = evidence.api.view("releases").view(str(one["namespace"]))
    name = str(one["release"])
    if name not in releases:
        return Fail(f"there is no release {one['namespace']}/{name}", "Run site.yml: it installs it.")
    found = releases.view(name)
    if found["status"] != "deployed":
        return Fail(f"revision {found['revision']} of {name} is {found['status']}")
    if found["version"] != one["version"]:
        return Fail(
            f"{name} is chart version {found['version']}, wanted is {one['version']}", "Run site.yml: it upgrades the release."
        )
    return Pass(f"{name} {found['version']}, revision {found['revision']}")
