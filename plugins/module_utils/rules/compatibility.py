# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about versions that must fit each other, and about where images come from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..evidence import versions
from ..evidence.bundle import Evidence, Missing
from . import facts
from .facts import PREFLIGHT, VERIFY, is_true, listed
from .rule import Answer, Catalogue, Fail, Pass

CATALOGUE = Catalogue("mesh")

_AMBIENT_UPGRADE = "https://istio.io/latest/docs/ambient/upgrade/helm/"

# --- Where images come from ---

VER_004 = CATALOGUE.rule(
    "ZT-VER-004",
    "high",
    stages=("mesh",),
    title="Istio's images come from a registry that stays",
    why="Istio leaves Google's hosting: gcr.io/istio-release, registry.istio.io and the charts of storage.googleapis.com end "
    "in December 2026. A node that has not the image yet then starts no istio-cni, no ztunnel and no waypoint.",
    remediation="Set hub and global.hub to docker.io/istio or to your own mirror (the istio role: istio_hub), and "
    "istio_chart_repo_url to https://blob.istio.io/istio-release/charts.",
    source="https://istio.io/latest/blog/2026/retirement-of-gcp/",
)
_ENDING = ("gcr.io/istio-release/", "registry.istio.io/")
_ENDING_CHARTS = "istio-release.storage.googleapis.com"


def _from(images: Iterable[str]) -> Pass | Fail:
    found = sorted({image for image in images if image.startswith(_ENDING)})
    return Fail(f"from a registry that ends: {listed(found, 4)}") if found else Pass("none from a registry that ends")


@VER_004.check(each=lambda evidence: [f"chart {name}" for name in ("istiod", "cni", "ztunnel") if name in evidence.charts])
def _images_planned(evidence: Evidence, subject: str) -> Answer:
    one = facts.chart(evidence, subject)
    if _ENDING_CHARTS in str(one.get("repo_url", "")):
        return Fail(f"the chart is brought from {one['repo_url']}")
    workloads = one.view("rendered").view("workloads").raw
    images = [found["image"] for workload in workloads.values() for found in workload["containers"].values()]
    # What istiod makes later, it makes from here: waypoints and gateways.
    hub = facts.effective(evidence, subject).find("global.hub")
    return _from([*images, *([f"{hub}/"] if hub and subject == "chart istiod" else [])])


@VER_004.check(moments=VERIFY, subject="istio-system")
def _images_live(evidence: Evidence) -> Answer:
    istio = evidence.api.view("istio")
    there = [istio.view(name) for name in ("istiod", "cni", "ztunnel") if istio[name] is not None]
    if not there:
        return None
    return _from(str(found["image"]) for one in there for found in one.view("containers").raw.values())


# --- Versions beside each other ---

VER_005 = CATALOGUE.rule(
    "ZT-VER-005",
    "high",
    stages=("mesh",),
    title="istiod is never older than istio-cni and ztunnel, and at most one minor newer",
    why="A newer ztunnel asks an older istiod for what it does not serve; of an older one than the minor before, nobody knows "
    "what it makes of what it is sent.",
    remediation="Upgrade in this order, one minor at a time: base, istiod, cni, ztunnel (site.yml does).",
    source=_AMBIENT_UPGRADE,
)


def _minor(version: str) -> tuple[int, ...] | None:
    numbers = versions.numbers(version)
    return numbers[:2] if numbers else None


def _installed(evidence: Evidence, name: str) -> str | None:
    """Return the version of a chart that is installed, None when it is not."""
    one = facts.chart(evidence, f"chart {name}")
    releases = evidence.api.view("releases").view(str(one["namespace"]))
    return str(releases.view(str(one["release"]))["version"]) if str(one["release"]) in releases else None


def _apart(istiod: str, other: str) -> int:
    """Return how many minors istiod is ahead."""
    one, two = _minor(istiod), _minor(other)
    if one is None or two is None:
        raise Missing("api.releases", f"{istiod} and {other} are not both versions")
    return (one[0] - two[0]) * 100 + one[1] - two[1]


@VER_005.check(moments=VERIFY, each=lambda evidence: [f"chart {name}" for name in ("cni", "ztunnel") if name in evidence.charts])
def _skew(evidence: Evidence, subject: str) -> Answer:
    other = _installed(evidence, subject.removeprefix("chart "))
    istiod = _installed(evidence, "istiod") if "istiod" in evidence.charts else None
    if other is None or istiod is None:
        # That is what ZT-VER-016 is about.
        return None
    ahead = _apart(istiod, other)
    said = f"istiod is {istiod}, {subject.removeprefix('chart ')} is {other}"
    return Pass(said) if 0 <= ahead <= 1 else Fail(said)


VER_007 = CATALOGUE.rule(
    "ZT-VER-007",
    "high",
    stages=("network",),
    layer="network",
    title="Cilium is upgraded one minor at a time",
    why="Cilium tests upgrade and rollback between consecutive minors only. Across more, old and new agents share state and "
    "identities in a way nobody has tried, while nodes are without network.",
    remediation="Set cilium_chart_version to the newest patch of the next minor first, run site.yml, then go on.",
    source="https://github.com/cilium/cilium/blob/v1.20.2/Documentation/operations/upgrade-warning.rst",
)


@VER_007.check(each=facts.planned("cilium"), moments=PREFLIGHT)
def _one_step(evidence: Evidence, subject: str) -> Answer:
    have, wanted = _installed(evidence, "cilium"), str(facts.chart(evidence, subject)["version"])
    if have is None:
        return None
    apart = _apart(wanted, have)
    said = f"{have} is installed, {wanted} is wanted"
    return Pass(said) if -1 <= apart <= 1 else Fail(said)


VER_009 = CATALOGUE.rule(
    "ZT-VER-009",
    "medium",
    stages=("mesh",),
    title="istiod reads every route kind of the Gateway API that is installed",
    why="Of a CRD older than its floor istiod reads nothing, and says so in its log only: routes of that kind, through a "
    "waypoint too, are not there.",
    remediation="Install a newer bundle of the Gateway API: kubectl apply --server-side -f its standard-install.yaml.",
    source="https://github.com/istio/istio/blob/1.31.0/pkg/config/schema/gatewayapi/minimumversions.go",
    versions="Istio 1.31",
)
_GATEWAY_API = {
    "grpcroutes.gateway.networking.k8s.io": "1.1.0",
    "backendtlspolicies.gateway.networking.k8s.io": "1.4.0",
    "tlsroutes.gateway.networking.k8s.io": "1.5.0",
    "tcproutes.gateway.networking.k8s.io": "1.6.0",
}


@VER_009.check()
def _gateway_api(evidence: Evidence) -> Iterator[Pass | Fail]:
    if "istiod" not in evidence.charts:
        return
    asked = str(facts.chart(evidence, "chart istiod")["version"])
    if versions.minor(asked) != "1.31":
        raise Missing("charts.istiod.version", f"which Gateway API Istio {asked} reads is not known yet; that of 1.31 is")
    crds = evidence.api.view("crds")
    old = False
    for name, floor in _GATEWAY_API.items():
        if name not in crds:
            continue
        have = str(crds.view(name).get("bundle-version", ""))
        if not versions.at_least(have, floor):
            old = True
            yield Fail(f"its bundle is {have or 'not named'}, istiod reads {floor} and newer", subject=f"CRD {name}")
    if not old:
        yield Pass(f"{sum(name in crds for name in _GATEWAY_API)} kinds that have a floor")


VER_012 = CATALOGUE.rule(
    "ZT-VER-012",
    "high",
    stages=("mesh",),
    title="Policies on trial are sent only to a ztunnel that knows them",
    why="With AMBIENT_ENABLE_DRY_RUN_AUTHORIZATION_POLICY istiod sends AuthorizationPolicies on trial too. A ztunnel before "
    "1.29 does not know the mark, and enforces them.",
    remediation="Upgrade ztunnel to 1.29 or newer first, or take the variable out of env in the values of istiod.",
    source="https://github.com/istio/istio/blob/1.31.0/releasenotes/notes/authz-dry-run-ambient.yaml",
    versions="Istio >= 1.29",
)


@VER_012.check(moments=VERIFY, subject="Deployment istio-system/istiod", when=facts.ambient)
def _dry_run(evidence: Evidence) -> Answer:
    env = evidence.api.view("istio").view("istiod").view("containers").view("discovery").view("env")
    if not is_true(env.get("AMBIENT_ENABLE_DRY_RUN_AUTHORIZATION_POLICY")):
        return Pass("none are sent")
    ztunnel = _installed(evidence, "ztunnel") if "ztunnel" in evidence.charts else None
    if ztunnel is None:
        raise Missing("api.releases", "which version of ztunnel is installed is not in Helm's records")
    said = f"they are sent, and ztunnel is {ztunnel}"
    return Pass(said) if versions.at_least(ztunnel, "1.29.0") else Fail(said)


VER_013 = CATALOGUE.rule(
    "ZT-VER-013",
    "medium",
    stages=("mesh",),
    title="istio-cni renews the rules in pods when it starts",
    why="compatibilityVersion 1.28 and older turn reconcileIptablesOnStartup off: after an upgrade of istio-cni, pods that run "
    "keep the old version's rules until they are restarted.",
    remediation="Remove compatibilityVersion from the values of istio-cni, or set ambient.reconcileIptablesOnStartup: true.",
    source="https://github.com/istio/istio/blob/1.31.0/manifests/helm-profiles/compatibility-version-1.28.yaml",
    versions="Istio >= 1.29",
)
_RECONCILES = "AMBIENT_RECONCILE_POD_RULES_ON_STARTUP"


@VER_013.check(each=facts.planned("cni"), when=facts.ambient)
def _reconciles(evidence: Evidence, subject: str) -> Answer:
    maps = facts.chart(evidence, subject).view("rendered").view("config_maps")
    value = maps.view("istio-cni-config").get(_RECONCILES)
    return Pass(f"{_RECONCILES} is true") if is_true(value) else Fail(f"{_RECONCILES} is rendered as {value}")


@VER_013.check(moments=VERIFY, subject="DaemonSet istio-cni-node", when=facts.ambient)
def _reconciles_live(evidence: Evidence) -> Answer:
    value = evidence.api.view("istio").view("cni_config").get(_RECONCILES)
    return Pass(f"{_RECONCILES} is true") if is_true(value) else Fail(f"{_RECONCILES} is {value}")
