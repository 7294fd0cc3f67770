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
# What else it takes until a script reads a key.
SCRIPTS = {"gke.disableDefaultSnat": {"nodeinit": {"enabled": True}, "gke": {"enabled": True}}}
TRUE, FALSE, REFUSED, OTHER = "true", "false", "refused", "another text"

# What becomes of the text false, by chart. These came out of a sweep over every key of Istio's charts, and those of Cilium's that
# its schema does not know, each with everything above it switched on.
OF_FALSE = {
    "base": {
        TRUE: ("global.enableReaderRBAC", "base.enableCRDTemplates", "experimental.stableValidationPolicy"),
    },
    "istiod": {
        TRUE: (
            *("configMap", "experimental.stableValidationPolicy", "sidecarInjectorWebhook.enableNamespacesByDefault"),
            *("istiodRemote.enabled", "istiodRemote.enabledLocalInjectorIstiod", "telemetry.enabled", "telemetry.v2.enabled"),
            *("global.enableReaderRBAC", "global.logAsJson", "global.networkPolicy.enabled", "global.operatorManageWebhooks"),
            *("global.configValidation", "pilot.autoscaleEnabled"),
        ),
        FALSE: (
            *("telemetry.v2.prometheus.enabled", "telemetry.v2.stackdriver.enabled"),
            "env.PILOT_ENABLE_GATEWAY_API_DEPLOYMENT_CONTROLLER",
        ),
        # It is written out, and asked for elsewhere: the one says false, the other true.
        OTHER: ("global.istiod.enableAnalysis", "global.externalIstiod", "meshConfig.enablePrometheusMerge"),
        REFUSED: ("env.ENABLE_CLUSTER_TRUST_BUNDLE_API",),
    },
    "cni": {
        TRUE: (
            *("ambient.shareHostNetworkNamespace", "resourceQuotas.enabled", "global.logAsJson", "global.networkPolicy.enabled"),
        ),
        FALSE: (
            *("ambient.dnsCapture", "ambient.ipv6", "ambient.reconcileIptablesOnStartup", "global.nativeNftables"),
            *("ambient.enableAmbientDetectionRetry", "cni.chained"),
        ),
        OTHER: ("istioOwnedCNIConfig", "repair.enabled"),
    },
    "ztunnel": {
        TRUE: ("global.networkPolicy.enabled", "resourceQuotas.enabled", "peerCaCrl.enabled", "logAsJson"),
        REFUSED: ("env.ENABLE_CLUSTER_TRUST_BUNDLE_API",),
    },
}
# A number in quotes.
NUMBERS = {
    "istiod": ("autoscaleMax", "traceSampling", "cpu.targetAverageUtilization"),
    "cni": ("terminationGracePeriodSeconds", "resourceQuotas.pods"),
    "ztunnel": ("terminationGracePeriodSeconds", "resourceQuotas.pods"),
}


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


def enabled(name, path, base):
    """Switch on what is above a key."""
    here, keys = chart_knowledge.read(str(archive(name))).defaults, path.split(".")
    for count, key in enumerate(keys[:-1], 1):
        here = here.get(key)
        if not isinstance(here, dict):
            break
        if "enabled" in here and keys[count:] != ["enabled"]:
            base = at(".".join([*keys[:count], "enabled"]), True, base)
    return base


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
        *(
            (name, path, "false", becomes)
            for name, several in OF_FALSE.items()
            for becomes, paths in several.items()
            for path in paths
        ),
    ],
)
def test_a_text_for_true_or_false_is_told_where_helm_makes_something_else_of_it(tmp_path, name, path, text, becomes):
    base = enabled(name, path, BASES.get(name, PROFILE))
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
        *((name, path, "7", 7) for name, paths in NUMBERS.items() for path in paths),
        ("istiod", "global.tag", 1.30, "1.3"),
        ("cni", "tag", 1.30, "1.3"),
        ("gatekeeper", "replicas", None, ""),
        ("gatekeeper", "image.repository", {"a": "b"}, "map[a:b]"),
    ],
)
def test_what_becomes_of_other_forms(tmp_path, name, path, value, like):
    base = enabled(name, path, {})
    given = {path: None} if value is None else at(path, value, base)
    same = rendered(tmp_path, name, given) == rendered(tmp_path, name, at(path, like, base))
    assert same
    told = chart_forms.problems(chart_knowledge.read(str(archive(name))), given, given)
    # A number in quotes is the number; null and a mapping are not what anybody means.
    assert bool(told) == (not isinstance(value, str))


@pytest.mark.parametrize(
    "name,path,value,written",
    [
        ("cilium", "nodePort.range", [30000, 32767], "[30000 32767]"),
        ("cilium", "loadBalancer.mode", ["dsr"], "[dsr]"),
        ("cilium", "maglev.tableSize", {"a": 1}, "map[a:1]"),
        ("cilium", "cni.externalRouting", {"a": 1}, "map[a:1]"),
        # Without quotes around it a list of one text comes out.
        ("cilium", "egressMasqueradeInterfaces", ["eth0", "eth1"], '["eth0 eth1"]'),
        # Mappings and lists that take anything, as long as it is a single value.
        ("istiod", "env.PILOT_X", {"value": "true"}, "map[value:true]"),
        ("istiod", "env.PILOT_X", {"valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}}, "map[valueFrom:map["),
        ("istiod", "env.PILOT_ENABLE_GATEWAY_API_DEPLOYMENT_CONTROLLER", ["true"], "[true]"),
        ("istiod", "env.PILOT_X", 10000000, "1e+07"),
        ("istiod", "global.imagePullSecrets", [{"name": "x"}], "map[name:x]"),
        ("cni", "env.X", ["a", "b"], "[a b]"),
        ("cni", "excludeNamespaces", [{"name": "x"}], "map[name:x]"),
        ("ztunnel", "env.X", {"value": "a"}, "map[value:a]"),
        ("ztunnel", "imagePullSecrets", [{"name": "x"}], "map[name:x]"),
        ("ztunnel", "env.X", 1234567, "1.234567e+06"),
        ("gatekeeper", "controllerManager.exemptNamespaces", [{"name": "x"}], "map[name:x]"),
    ],
)
def test_a_list_or_a_mapping_in_the_place_of_one_value_is_written_as_it_stands(tmp_path, name, path, value, written):
    given = at(path, value, BASES.get(name, PROFILE))
    assert written in json.dumps(rendered(tmp_path, name, given))
    told = [one["path"] for one in chart_forms.problems(chart_knowledge.read(str(archive(name))), given, given)]
    assert told == [f"{path}[0]" if isinstance(value, list) and isinstance(value[0], dict) else path]


@pytest.mark.parametrize(
    "name,path,of",
    [
        ("istiod", "podAnnotations", "annotations"),
        ("istiod", "nodeSelector", "nodeSelector"),
        ("istiod", "serviceAnnotations", "annotations"),
        ("cni", "podAnnotations", "annotations"),
        ("cni", "podLabels", "labels"),
        ("ztunnel", "podAnnotations", "annotations"),
        ("ztunnel", "nodeSelector", "nodeSelector"),
        ("gatekeeper", "podAnnotations", "annotations"),
        ("gatekeeper", "controllerManager.nodeSelector", "nodeSelector"),
        ("cilium", "podAnnotations", "annotations"),
        ("cilium", "nodeSelector", "nodeSelector"),
        ("cilium", "extraConfig", "data"),
    ],
)
def test_where_the_api_server_takes_texts_only_templates_hand_on_what_is_none(tmp_path, name, path, of):
    """`zt-of-test` comes out as it was given, below a key of which Kubernetes' own schema says that it holds texts."""
    given = at(f"{path}.zt-of-test", True, BASES.get(name, PROFILE))
    assert next(_below("zt-of-test", rendered(tmp_path, name, given))) == (of, True)
    read = chart_knowledge.read(str(archive(name)))
    assert [one["write"] for one in chart_forms.problems(read, given, given)] == ['write zt-of-test: "true"']
    right = at(f"{path}.zt-of-test", "true", BASES.get(name, PROFILE))
    assert chart_forms.problems(read, right, right) == []


def _below(key, where, above=""):
    if isinstance(where, dict):
        if key in where:
            yield above, where[key]
        for name, inner in where.items():
            yield from _below(key, inner, name)
    elif isinstance(where, list):
        for inner in where:
            yield from _below(key, inner, above)


@pytest.mark.parametrize(
    "name,path,known",
    [
        # Their default is empty, or another template gets them, and yet only some keys of them are read.
        ("cilium", "image.tga", False),
        ("cilium", "maglev.tablesize", False),
        ("istiod", "gateways.securitycontext", False),
        # They have no default; scripts and templates below files/ read them.
        ("cilium", "nodeinit.reconfigureKubelet", True),
        ("cilium", "gke.disableDefaultSnat", True),
        ("istiod", "envVarFrom", True),
    ],
)
def test_a_key_is_known_when_it_makes_a_difference(tmp_path, name, path, known):
    base = enabled(name, path, {**BASES.get(name, PROFILE), **SCRIPTS.get(path, {})})
    value = [{"name": "X"}] if path == "envVarFrom" else "zt"
    made = rendered(tmp_path, name, at(path, value, base))
    assert (made != rendered(tmp_path, name, base)) == known
    told = chart.problems(chart_knowledge.read(str(archive(name))), at(path, value, base), name)
    assert [one["path"] for one in told] == ([] if known else [path])
