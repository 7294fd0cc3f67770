# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
"""Our rules and `istioctl analyze` on the same objects of a real API server, where both judge the same thing."""

from __future__ import annotations

import json
import subprocess
from collections import defaultdict

import judged
import pytest
import yaml
from ztlab import go

MESH = judged.CORPUS / "mesh.yaml"
OBJECTS = judged.corpus("mesh")

# Rule, the codes that say the same, and where the two judge different things: subject -> who says what, and why.
SAME = [
    (
        "ZT-IST-040",
        {"IST0123"},
        {
            # istioctl counts labels. Ours asks the webhooks that are there, and none is for this revision: nothing injects.
            "namespace another-revision": "theirs",
            # istioctl counts the label whatever its value. With `none` the namespace is out of ambient, and may have sidecars.
            "namespace left-out": "theirs",
        },
    ),
    (
        "ZT-IST-039",
        {"IST0167"},
        {
            # istioctl takes the label for it that pods have sidecars. Ours looks at them, and there is none.
            "Sidecar both/default": "ours",
        },
    ),
    (
        "ZT-IST-017",
        {"IST0107", "IST0108"},
        {
            # istioctl does not look into the templates of pods.
            "Deployment enrolled/annotated": "ours",
            "Deployment enrolled/with-a-status": "ours",
        },
    ),
]


@pytest.fixture(scope="module")
def analyzed(cluster):
    """What istioctl says: code -> subjects, as our rules name them."""
    # Namespaces first: what is in them is refused before they are there.
    for kinds in (("Namespace",), ("Sidecar", "Deployment")):
        chosen = [one for one in OBJECTS if one["kind"] in kinds]
        cluster.kubectl(
            "create", "--validate=ignore", "--request-timeout=60s", "-f", "-", check=True, stdin=yaml.safe_dump_all(chosen)
        )
    command = [go.binaries("istio").path / "istioctl", "analyze", "-A", "--output-threshold", "Info", "-o", "json"]
    done = subprocess.run(
        cluster.namespace.inside(*map(str, command), "--kubeconfig", str(cluster.kubeconfig)),
        capture_output=True,
        text=True,
        check=False,
    )
    names = ",".join(one["metadata"]["name"] for one in OBJECTS if one["kind"] == "Namespace")
    # Gone before the next test looks at the cluster.
    cluster.kubectl("delete", "namespace", "--request-timeout=120s", *names.split(","), check=True)
    found = defaultdict(set)
    for one in json.loads(done.stdout):
        kind, _space, name = one["origin"].partition(" ")
        found[one["code"]].add(f"{kind.lower() if kind == 'Namespace' else kind} {name}")
    return found


def subjects():
    for one in OBJECTS:
        meta = one["metadata"]
        yield f"namespace {meta['name']}" if one["kind"] == "Namespace" else f"{one['kind']} {meta['namespace']}/{meta['name']}"


@pytest.mark.parametrize(("rule", "codes", "different"), SAME, ids=[one[0] for one in SAME])
def test_istioctl_says_the_same_of_every_subject(analyzed, rule, codes, different):
    of_corpus = set(subjects())
    ours = judged.failing(judged.of_file(rule, MESH)) & of_corpus
    theirs = set().union(*(analyzed[code] for code in codes)) & of_corpus
    said = dict.fromkeys(ours - theirs, "ours") | dict.fromkeys(theirs - ours, "theirs")
    assert said == different
    # Both a fault and its absence are in the corpus, and both judges see it.
    assert ours & theirs
    assert of_corpus - ours - theirs
