# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about the kinds that the platform's charts add to the API server."""

from __future__ import annotations

from collections.abc import Iterator

from ..evidence.bundle import Evidence
from .facts import VERIFY, listed
from .rule import Catalogue, Fail, Pass

CATALOGUE = Catalogue("network")

VER_021 = CATALOGUE.rule(
    "ZT-VER-021",
    "high",
    stages=("network", "policy", "mesh"),
    title="Every kind is served in the version that is asked for, and in those it is stored in",
    why="Helm installs the kinds in a chart's folder crds once and never again, so they stay as old as the first install: what "
    "asks for "
    "a newer version does not find them. Objects stored in a version that is no longer served cannot be read, and hold up every "
    "later change of the kind.",
    remediation="Apply the kinds of the installed version (for Istio: upgrade chart base first), then have each object written "
    "anew.",
    source="https://helm.sh/docs/chart_best_practices/custom_resource_definitions/",
)

# What Cilium, istiod and Gatekeeper ask the API server for, in the versions that these rules know.
_ASKED = {
    "ciliumclusterwidenetworkpolicies.cilium.io": "v2",
    "ciliumendpoints.cilium.io": "v2",
    "ciliumidentities.cilium.io": "v2",
    "ciliumnetworkpolicies.cilium.io": "v2",
    "ciliumnodes.cilium.io": "v2",
    "authorizationpolicies.security.istio.io": "v1",
    "destinationrules.networking.istio.io": "v1",
    "peerauthentications.security.istio.io": "v1",
    "requestauthentications.security.istio.io": "v1",
    "serviceentries.networking.istio.io": "v1",
    "constrainttemplates.templates.gatekeeper.sh": "v1",
    "configs.config.gatekeeper.sh": "v1alpha1",
    "gateways.gateway.networking.k8s.io": "v1",
}
_OURS = ("cilium.io", "istio.io", "gatekeeper.sh", "gateway.networking.k8s.io")


@VER_021.check(moments=VERIFY)
def _served(evidence: Evidence) -> Iterator[Pass | Fail]:
    found = evidence.api.view("crds")
    count = wrong = 0
    for name in found:
        group = str(name).partition(".")[2]
        if not any(group == one or group.endswith(f".{one}") for one in _OURS):
            continue
        count += 1
        kind = found.view(name)
        served, asked = [str(one) for one in kind.view("served").raw], _ASKED.get(name)
        lost = [one for one in kind.view("stored").raw if one not in served]
        if asked and asked not in served:
            wrong += 1
            yield Fail(f"it is served as {listed(served) or 'nothing'}, and asked for as {asked}", subject=f"kind {name}")
        elif lost:
            wrong += 1
            yield Fail(f"objects are stored as {listed(lost)}, and it is served as {listed(served)}", subject=f"kind {name}")
    if not wrong:
        yield Pass(f"{count} kinds of the platform")
