# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
"""What is said of a value's form is what Helm makes of it, with the real charts."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import yaml
from ztlab import charts, go, paths

sys.path.insert(0, str(paths.CHECKOUT / ".ansible" / "collections"))

from ansible_collections.zerotrust.baremetal.plugins.module_utils.cluster import chart_knowledge
from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import chart, chart_forms, versions

PROFILE = {"profile": "ambient"}
# Certificates of its own would be others each time.
BASES = {"cilium": {"hubble": {"enabled": False}}, "gatekeeper": {}}
TRUE, FALSE, REFUSED, OTHER = "true", "false", "refused", "another text"


def archive(name):
    return charts.packages().path / f"{name}-{versions.pinned(name)}.tgz"


def rendered(tmp_path, name, values):
    file = tmp_path / "values.json"
    file.write_text(json.dumps(values))
    command = [str(go.binaries("helm").path / "helm"), "template", "x", str(archive(name)), "--values", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return None
    # Istio keeps a copy of what it was given, as it was given.
    return [one for one in yaml.safe_load_all(done.stdout) if one and not _is_copy(one)]


def _is_copy(item):
    return item["kind"] == "ConfigMap" and item["metadata"]["name"].startswith(("values", "istio-sidecar-injector"))


def at(path, value, base):
    found = value
    for key in reversed(path.split(".")):
        found = {key: found}
    return chart.merge(base, found)


@pytest.mark.parametrize("name", list(versions.PROJECT_OF_CHART))
def test_a_charts_own_values_are_neither_unknown_nor_of_another_form(name):
    read = chart_knowledge.read(str(archive(name)))
    for own in (read.defaults, chart.effective(read, PROFILE if read.istio else {})):
        assert chart.problems(read, read.defaults, name) == []
        assert chart_forms.problems(read, own, own) == []


@pytest.mark.parametrize(
    "name,path,text,becomes",
    [
        ("gatekeeper", "controllerManager.networkPolicy.enabled", "false", TRUE),
        ("gatekeeper", "disableMutation", "false", TRUE),
        ("gatekeeper", "auditFromCache", "false", FALSE),
        ("gatekeeper", "auditFromCache", "flase", OTHER),
        ("istiod", "taint.enabled", "false", TRUE),
        ("istiod", "autoscaleEnabled", "false", TRUE),
        ("istiod", "autoscaleEnabled", "true", TRUE),
        ("cni", "useAppArmorAnnotation", "false", TRUE),
        ("cni", "chained", "false", FALSE),
        ("cilium", "cni.exclusive", "false", REFUSED),
        ("cilium", "socketLB.hostNamespaceOnly", "true", TRUE),
        ("cilium", "kubeProxyReplacement", "false", FALSE),
    ],
)
def test_a_text_for_true_or_false_is_told_where_helm_makes_something_else_of_it(tmp_path, name, path, text, becomes):
    base = BASES.get(name, PROFILE)
    made = rendered(tmp_path, name, at(path, text, base))
    as_true, as_false = (rendered(tmp_path, name, at(path, switch, base)) for switch in (True, False))
    really = REFUSED if made is None else TRUE if made == as_true else FALSE if made == as_false else OTHER
    assert really == becomes
    given = at(path, text, base)
    told = chart_forms.problems(chart_knowledge.read(str(archive(name))), given, given)
    assert bool(told) == (becomes != text), told


@pytest.mark.parametrize(
    "name,path,value,like",
    [
        ("gatekeeper", "replicas", "3", 3),
        ("istiod", "autoscaleMin", "2", 2),
        ("gatekeeper", "replicas", None, ""),
        ("gatekeeper", "image.repository", {"a": "b"}, "map[a:b]"),
    ],
)
def test_what_becomes_of_other_forms(tmp_path, name, path, value, like):
    given = {path: None} if value is None else at(path, value, {})
    same = rendered(tmp_path, name, given) == rendered(tmp_path, name, at(path, like, {}))
    assert same
    told = chart_forms.problems(chart_knowledge.read(str(archive(name))), given, given)
    # A number in quotes is the number; null and a mapping are not what anybody means.
    assert bool(told) == (not isinstance(value, str))
