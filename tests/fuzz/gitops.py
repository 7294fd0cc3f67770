# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files with a text of another language inside: Applications with values, templates with Rego and CEL; and kustomizations, with
what they are made of."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import damage
import yaml

TESTS = Path(__file__).resolve().parents[1]
_ARGO = TESTS / "unit" / "fixtures" / "gitops" / "argo"
_KUSTOMIZE = TESTS / "unit" / "fixtures" / "gitops" / "kustomize"
_POLICIES = TESTS.parent / "policies"

# What the fixtures have no example of.
_APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: istio-cni, namespace: argocd}
spec:
  destination: {name: in-cluster, namespace: istio-system}
  source:
    repoURL: https://istio-release.storage.googleapis.com/charts
    chart: cni
    targetRevision: 1.31.0
    helm:
      releaseName: istio-cni
      valueFiles: [$site/cni.yaml]
      fileParameters: []
      valuesObject:
        profile: ambient
        cni: {ambient: {dnsCapture: true}, excludeNamespaces: [kube-system]}
      parameters:
        - {name: "cni.excludeNamespaces[1]", value: istio-system}
        - {name: "tags.a\\\\.b", value: "{a,1,true}", forceString: true}
"""
_CEL = """\
apiVersion: templates.gatekeeper.sh/v1
kind: ConstraintTemplate
metadata:
  name: k8sreplicas
  annotations:
    metadata.gatekeeper.sh/requires-sync-data: |
      "[[{\\"groups\\": [\\"\\"], \\"versions\\": [\\"v1\\"], \\"kinds\\": [\\"Namespace\\"]}]]"
spec:
  crd: {spec: {names: {kind: K8sReplicas}, validation: {openAPIV3Schema: {type: object}}}}
  targets:
    - target: admission.k8s.gatekeeper.sh
      code:
        - engine: K8sNativeValidation
          source:
            validations:
              - expression: object.spec.replicas <= variables.params.most && has(object.metadata.labels)
                messageExpression: '"more than " + string(variables.params.most)'
        - engine: Rego
          source:
            version: v1
            rego: |
              package k8sreplicas

              violation contains {"msg": msg} if {
                some one in input.review.object.spec.ports
                one.port > 5
                msg := sprintf("%v", [one])
              }
      rego: |
        package old
        violation[{"msg": msg}] { a := input.review.object; msg := "x" }
"""
_KUSTOMIZATION = """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [app.yaml, ../../base]
components: [../../parts/one]
namePrefix: eu-
commonLabels: {site: eu}
images: [{name: registry.example.com/app, newTag: "2"}]
patches:
  - path: replicas.yaml
  - target: {kind: Deployment, name: app}
    patch: |-
      - {op: add, path: /spec/paused, value: false}
patchesStrategicMerge: [two.yaml, "apiVersion: v1\\nkind: Namespace\\nmetadata: {name: a, annotations: {b: c}}\\n"]
configMapGenerator:
  - {name: a, files: [key=path/a.txt, path/b.txt], envs: [c.env], literals: [d=e]}
secretGenerator:
  - {name: b, env: c.env}
generators: [generator.yaml]
replacements:
  - path: r.yaml
  - source: {kind: Deployment, name: app, fieldPath: spec.replicas}
    targets: [{select: {kind: Namespace}, fieldPaths: [metadata.annotations.b], options: {create: true}}]
openapi: {path: schema.json}
"""
# Nothing of it may be brought.
_ELSEWHERE = """\
resources: ["https://example.com/x?ref=v1", "git@example.com:x/y//z", github.com/x/y, "http://127.0.0.1:9/x.yaml"]
helmCharts: [{name: x, repo: "https://example.com"}]
"""
# What is beside these in a folder that can be built, besides the fixture.
_OVERLAY = "overlays/production"
_BESIDE = {
    f"{_OVERLAY}/app.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n",
    f"{_OVERLAY}/two.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: app}\nspec: {minReadySeconds: 5}\n",
    f"{_OVERLAY}/path/a.txt": "a\n",
    f"{_OVERLAY}/path/b.txt": "b: [1]\n",
    f"{_OVERLAY}/c.env": "A=1\nB\n# c\n",
    f"{_OVERLAY}/generator.yaml": "apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: {name: g}\nliterals: [x=y]\n",
    f"{_OVERLAY}/r.yaml": "source: {kind: ConfigMap, name: a, fieldPath: data.d}\n"
    "targets: [{select: {kind: Deployment}, fieldPaths: [spec.template.metadata.labels.app]}]\n",
    f"{_OVERLAY}/schema.json": '{"definitions": {"v1.X": {"properties": {"a": {"type": "string"}}, '
    '"x-kubernetes-group-version-kind": [{"group": "example.com", "kind": "X", "version": "v1"}]}}}\n',
    "parts/one/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnameSuffix: -x\n",
}


@functools.cache
def _applications() -> tuple[str, ...]:
    return (_APPLICATION, *(path.read_text() for path in sorted(_ARGO.glob("apps/*.yaml"))))


@functools.cache
def _templates() -> tuple[str, ...]:
    return (_CEL, *(path.read_text() for path in sorted(_POLICIES.glob("*/template.yaml"))))


@functools.cache
def _kustomizations() -> tuple[str, ...]:
    return (_KUSTOMIZATION, _ELSEWHERE, *(path.read_text() for path in sorted(_KUSTOMIZE.glob("**/kustomization.yaml"))))


def _damaged(samples: Callable[[], tuple[str, ...]], random: Random) -> bytes:
    """Damage the file, its value, or only the texts of another language that are inside."""
    text = random.choice(samples())
    kind = random.random()
    if kind < 0.5:
        return damage.text(text.encode(), random)
    found = yaml.safe_load(text)
    if kind < 0.75:
        found = damage.value(found, random)
    else:
        _damage_inside(found, random)
    return (
        yaml.safe_dump(found, default_style=random.choice((None, "|"))) if random.random() < 0.7 else json.dumps(found)
    ).encode()


def _damage_inside(found: Any, random: Random) -> None:
    """Damage texts of several lines in place, where there are any; else one that is none."""
    places = [(above, key) for above, key in damage.members(found) if isinstance(above[key], str)]
    inner = [(above, key) for above, key in places if "\n" in above[key]] or places
    above, key = random.choice(inner)
    # What is no UTF-8 would not get as far as a text inside of another.
    above[key] = damage.text(above[key].encode(), random).decode("utf-8", "replace")


applications = functools.partial(_damaged, _applications)
templates = functools.partial(_damaged, _templates)
kustomizations = functools.partial(_damaged, _kustomizations)


@functools.cache
def _parts() -> dict[str, str]:
    beside = {path.relative_to(_KUSTOMIZE).as_posix(): path.read_text() for path in sorted(_KUSTOMIZE.rglob("*.yaml"))}
    return {**beside, **_BESIDE, f"{_OVERLAY}/kustomization.yaml": _KUSTOMIZATION}


def folders(random: Random) -> bytes:
    """Give a folder with kustomizations, of which one file is damaged: a JSON object of its files."""
    files = dict(_parts())
    if random.random() < 0.6:
        damaged = kustomizations(random)
        name = f"{random.choice((_OVERLAY, _OVERLAY, 'base', 'parts/one'))}/kustomization.yaml"
    else:
        name = random.choice([one for one in files if not one.endswith("kustomization.yaml")])
        damaged = damage.text(files[name].encode(), random)
    return json.dumps({**files, name: damaged.decode("latin-1")}).encode()
