# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import kustomization

WHOLE = """
resources: [../base, "https://example.com/x.yaml"]
components: [../part]
patches:
- path: a.yaml
- patch: |-
    - op: remove
      path: /spec
  target: {kind: Deployment}
patchesStrategicMerge:
- b.yaml
- |-
  apiVersion: v1
  kind: Namespace
configMapGenerator:
- {name: c, files: [plain.txt, key=named.txt], envs: [e.env]}
openapi: {path: schema.json}
"""


def test_every_file_it_is_made_of_is_named():
    found = kustomization.read(WHOLE, "kustomization.yaml")
    assert found.named == (
        ("resources", "../base"),
        ("resources", "https://example.com/x.yaml"),
        ("components", "../part"),
        ("patchesStrategicMerge", "b.yaml"),
        ("patches", "a.yaml"),
        ("configMapGenerator", "plain.txt"),
        ("configMapGenerator", "named.txt"),
        ("configMapGenerator", "e.env"),
        ("openapi", "schema.json"),
    )
    assert found.where("resources") == "kustomization.yaml:2"
    assert not found.component


def test_a_component_is_no_whole():
    assert kustomization.read("apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n", "f").component


@pytest.mark.parametrize("text", ["", "[1]", "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n"])
def test_what_is_no_kustomization_of_kustomize(text):
    assert kustomization.read(text, "f") is None


@pytest.mark.parametrize(
    "text,said",
    [
        ("resources: x", "f: resources is x, expected is a list"),
        ("resources: [{a: 1}]", 'f: resources has {"a": 1}, expected are texts'),
        ("patches: [x]", "f: patches has x, expected are mappings"),
        ("a: 1\nhelmCharts: [{name: cilium}]", "f:2: helmCharts brings a chart, which is not done here"),
    ],
)
def test_another_form_is_named(text, said):
    with pytest.raises(kustomization.KustomizationError) as error:
        kustomization.read(text, "f")
    assert str(error.value).startswith(said)


@pytest.mark.parametrize(
    "text,spelled",
    [
        ("Resources: [https://example.com/x.yaml]", "resources"),
        # Go's JSON takes this for an s.
        ("re\u017fources: [https://example.com/x.yaml]", "resources"),
        ("HELMCHARTS: [{name: x}]", "helmCharts"),
        ("patches: [{Path: https://example.com/x.yaml}]", "path"),
        ("configMapGenerator: [{name: x, Files: [https://example.com/x]}]", "files"),
        ("openapi: {PATH: https://example.com/x.json}", "path"),
    ],
)
def test_a_key_that_kustomize_takes_and_nobody_sees_is_refused(text, spelled):
    with pytest.raises(kustomization.KustomizationError, match=f"is not how Kustomize spells it: write {spelled}$"):
        kustomization.read(text, "kustomization.yaml")
