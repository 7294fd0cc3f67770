# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import argo_application, strict_yaml, versions

ABOVE = """apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: network
spec:
  destination:
    namespace: kube-system
  source:
    repoURL: https://helm.cilium.io
    chart: cilium
    targetRevision: 1.20.2
"""


def read(text):
    document = strict_yaml.documents(text, "f.yaml")[0]
    return argo_application.read(document.value, argo_application.Text("f.yaml", text.splitlines(), document.lines))


def values(helm):
    (one,), left = read(ABOVE + "    helm:\n" + helm)
    assert left == []
    return one.file


def test_what_is_installed_is_said_with_release_and_namespace():
    (one,), left = read(ABOVE)
    assert left == []
    assert (one.file.chart, one.file.version, one.file.release, one.file.namespace) == (
        "cilium",
        "1.20.2",
        "network",
        "kube-system",
    )
    assert (one.file.values, one.file.unknown, one.wanted) == ({}, "", [])
    assert one.file.name == "f.yaml (Application network)"


def test_a_values_object_keeps_its_lines():
    file = values("      releaseName: cilium\n      valuesObject:\n        cni:\n          chained: true\n")
    assert file.values == {"cni": {"chained": True}}
    assert file.origins == {"cni": "f.yaml:15", "cni.chained": "f.yaml:16"}
    assert file.release == "cilium"


@pytest.mark.parametrize("style", ["|", "|-", "|  # ours"])
def test_values_in_a_literal_block_keep_their_lines(style):
    file = values(f"      values: {style}\n        # a comment\n        cni:\n          chained: true\n")
    assert file.values == {"cni": {"chained": True}}
    assert file.origins == {"cni": "f.yaml:15", "cni.chained": "f.yaml:16"}


def test_values_in_another_style_stand_at_their_key():
    file = values('      values: "cni: {chained: true}"\n')
    assert file.origins == {"cni": "f.yaml:13", "cni.chained": "f.yaml:13"}


def test_values_object_replaces_values_and_parameters_win():
    file = values(
        "      values: 'a: 1'\n      valuesObject: {b: 2, c: {d: 3}}\n"
        "      parameters:\n      - name: c.d\n        value: '4'\n      - {name: e, value: '5', forceString: true}\n"
    )
    assert file.values == {"b": 2, "c": {"d": 4}, "e": "5"}
    assert (file.origins["c.d"], file.origins["e"]) == ("f.yaml:16", "f.yaml:18")


def test_files_of_other_repositories_are_wanted_strongest_first_and_go_below():
    text = ABOVE.replace("  source:\n", "  sources:\n  - {repoURL: https://git.example.com/x, ref: own}\n  -\n")
    (one,), left = read(text + "    helm: {valueFiles: [$own/a.yaml, $own/b.yaml], valuesObject: {x: 1}}\n")
    assert left == []
    assert one.wanted == ["$own/b.yaml", "$own/a.yaml"]
    one.take({"x": 2, "y": {"z": None}}, {"x": "b.yaml:1", "y": "b.yaml:2"})
    one.take({"y": {"z": 3, "u": 4}}, {"y": "a.yaml:1"})
    # Null stays: it removes what the chart itself has.
    assert one.file.values == {"x": 1, "y": {"z": None, "u": 4}}
    assert one.file.origins["y"] == "b.yaml:2"


def test_without_a_version_the_pinned_one_is_meant():
    (one,), _left = read(ABOVE.replace("    targetRevision: 1.20.2\n", ""))
    assert (one.file.version, one.file.pinned) == (versions.pinned("cilium"), True)


@pytest.mark.parametrize(
    "change,said",
    [
        (("1.20.2", "1.20.*"), "f.yaml:11: 1.20.* is no one version"),
        (("1.20.2", "'>=1.20'"), "f.yaml:11: >=1.20 is no one version"),
        (
            ("1.20.2", "1.20.2\n    helm: {valueFiles: [values-prod.yaml]}"),
            "f.yaml:12: values-prod.yaml is a file within the chart",
        ),
        (("1.20.2", "1.20.2\n    helm: {fileParameters: [{name: a, path: b}]}"), "f.yaml:12: these files are within the chart"),
    ],
)
def test_what_only_the_repository_knows_is_not_guessed(change, said):
    (one,), _left = read(ABOVE.replace(*change))
    assert said in one.file.unknown


def test_an_application_set_is_not_guessed():
    text = "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: all}\n"
    text += "spec:\n  template:\n    spec:\n      source: "
    (one,), _left = read(text + "{chart: istiod, repoURL: x, targetRevision: '{{version}}', helm: {values: '{{values}}'}}\n")
    assert (one.file.chart, one.file.values) == ("istiod", {})
    assert "ApplicationSet all makes its Applications" in one.file.unknown
    found, left = read(text + "{path: '{{path}}', repoURL: x}\n")
    assert (found, left) == ([], ["f.yaml:7 (ApplicationSet all: path {{path}}; judge what is built of it)"])


@pytest.mark.parametrize(
    "change,said",
    [
        (("chart: cilium", "chart: loki"), "f.yaml:8 (Application network: chart loki, none of this platform)"),
        # Others have charts of these names too.
        (("chart: cilium", "chart: cni"), "f.yaml:8 (Application network: chart cni, none of this platform)"),
        (("chart: cilium", "path: apps/shop"), "f.yaml:8 (Application network: path apps/shop; judge what is built of it)"),
    ],
)
def test_what_is_none_of_this_platform_is_said(change, said):
    assert read(ABOVE.replace(*change)) == ([], [said])


@pytest.mark.parametrize(
    "change",
    [
        ("https://helm.cilium.io", "oci://mirror.example.com/istio"),
        ("kube-system", "istio-system"),
        ("name: network", "name: istio-cni"),
    ],
)
def test_a_common_name_is_istios_where_something_says_so(change):
    (one,), _left = read(ABOVE.replace("chart: cilium", "chart: cni").replace(*change))
    assert one.file.chart == "cni"


@pytest.mark.parametrize(
    "helm,said",
    [
        ("[1]", "f.yaml:12: helm is [1], expected is a mapping"),
        ("{valuesObject: text}", "f.yaml:12: valuesObject is text, expected is a mapping"),
        ("{values: {a: 1}}", 'f.yaml:12: values is {"a": 1}, expected is a text; a mapping belongs under valuesObject'),
        ("{values: '[1]'}", "f.yaml:12: values of a chart are one mapping"),
        ("{values: 'a: ['}", "f.yaml:12, values:2: "),
        ("{valueFiles: x}", "f.yaml:12: valueFiles is x, expected is a list"),
        ("{parameters: [x]}", "f.yaml:12: parameters.0 is x, expected is a mapping"),
        ("{parameters: [{name: a, value: 1}]}", "f.yaml:12: a parameter is a name and a value, both of them texts"),
        ("{parameters: [{name: a..b, value: x}]}", "f.yaml:12: a..b: it is no name of a value"),
    ],
)
def test_another_form_is_named_with_its_line(helm, said):
    with pytest.raises(ValueError) as error:
        read(f"{ABOVE}    helm: {helm}\n")
    assert str(error.value).startswith(said)


def test_a_fault_within_a_literal_block_has_the_line_of_the_file():
    with pytest.raises(strict_yaml.YamlError, match=r"^f.yaml:15: the key a stands here and in line 14"):
        read(f"{ABOVE}    helm:\n      values: |\n        a: 1\n        a: 2\n")
