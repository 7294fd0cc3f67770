# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
"""Our rules about Pod Security, and what the real API server lets in (dry run) at every level and version."""

from __future__ import annotations

import json
import re
import time

import judged
import pytest
from ztlab.cluster import Cluster

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import strict_json

ENFORCE = "pod-security.kubernetes.io/enforce"
# Its own schemas, which kubectl asks for to look at objects before it sends them, take the API server longer than all of these.
PATIENT = ("--request-timeout=60s", "--validate=ignore")
# Without the label the cluster's own default holds, which is privileged where nobody changed it.
LEVELS = ("", "privileged", "baseline", "restricted")
VERSIONS = ("", "latest", "v1.25", "v1.30")
# Rule, where its pods are, and the workloads that make them.
PLATFORM = [
    ("ZT-PSS-001", "istio-system", ("istio-cni-node", "ztunnel")),
    ("ZT-PSS-002", "kube-system", ("cilium",)),
]
PRIVILEGED = {"containers": [{"name": "c", "image": "registry.example.com/c:1", "securityContext": {"privileged": True}}]}
ON_THE_HOST = {"hostNetwork": True, "containers": [{"name": "c", "image": "registry.example.com/c:1"}]}
MODEST = {
    "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
    "containers": [
        {
            "name": "c",
            "image": "registry.example.com/c:1",
            "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        }
    ],
}


def label(level, version=""):
    return {**({ENFORCE: level} if level else {}), **({f"{ENFORCE}-version": version} if version else {})}


def namespace(level, version):
    return f"asked-{level or 'nothing'}-{version.replace('.', '-') or 'nothing'}"


def workloads(api):
    """The pods that the platform's workloads make, by name; their service accounts are of other namespaces."""
    for place, kind in (("istio-system", "daemonsets"), ("kube-system", "daemonsets"), ("gatekeeper-system", "deployments")):
        for one in api("-n", place, "get", kind)["items"]:
            spec = one["spec"]["template"]["spec"]
            yield one["metadata"]["name"], {key: spec[key] for key in spec if key not in ("serviceAccountName", "serviceAccount")}


@pytest.fixture(scope="module")
def refused(cluster: Cluster, api):
    """Whom Pod Security does not let in: (level, version, name of the pod). Asked of the API server in one go, as a dry run."""
    places = {(level, version): namespace(level, version) for level in LEVELS for version in VERSIONS}
    made = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": label(*key)}}
        for key, name in places.items()
    ]
    cluster.kubectl("create", *PATIENT, "-f", "-", check=True, stdin=many(made))
    while len(set(places.values()) - {one["metadata"]["namespace"] for one in api("get", "serviceaccounts", "-A")["items"]}):
        time.sleep(0.5)
    specs = {**dict(workloads(api)), "privileged": PRIVILEGED, "on-the-host": ON_THE_HOST, "modest": MODEST}
    pods = [
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": f"{name}.{place}", "namespace": place}, "spec": spec}
        for place in places.values()
        for name, spec in specs.items()
    ]
    done = cluster.kubectl("create", "--dry-run=server", *PATIENT, "-f", "-", stdin=many(pods))
    # Gone before the next test looks at the cluster.
    cluster.kubectl("delete", "namespace", "--request-timeout=120s", *places.values(), check=True)
    said = dict(re.findall(r'pods "([^"]+)" is forbidden: (violates PodSecurity)', done.stderr))
    let_in = set(re.findall(r"^pod/(\S+) created", done.stdout, re.M))
    assert let_in | set(said) == {one["metadata"]["name"] for one in pods}, done.stderr
    return {(*key, name) for key, place in places.items() for name in specs if f"{name}.{place}" in said}


def many(objects):
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})


def verdict(rule, place, labels):
    namespaces = judged.healthy("verify")["api"]["namespaces"]
    namespaces[place]["labels"] = {"kubernetes.io/metadata.name": place, **labels}
    return judged.of_cluster(rule, namespaces=namespaces).get(f"namespace {place}", "PASS")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(("rule", "place", "pods"), PLATFORM, ids=[one[0] for one in PLATFORM])
def test_the_platform_is_let_in_where_the_rule_says_so(refused, rule, place, pods, level, version):
    wrong = [one for one in pods if (level, version, one) in refused]
    assert verdict(rule, place, label(level, version)) == ("FAIL" if wrong else "PASS"), wrong


@pytest.mark.parametrize("version", VERSIONS)
def test_gatekeeper_is_let_in_at_the_level_that_is_asked_of_its_namespace(refused, version):
    """The rule asks for the strongest level: that a weaker one lets Gatekeeper in as well is no answer to it."""
    assert not {("restricted", version, one) for one in ("gatekeeper-controller-manager", "gatekeeper-audit")} & refused
    assert verdict("ZT-PSS-006", "gatekeeper-system", label("restricted", version)) == "PASS"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("level", LEVELS)
def test_an_application_namespace_passes_where_privileged_pods_are_refused(refused, level, version):
    kept_out = {(level, version, one) in refused for one in ("privileged", "on-the-host")}
    assert kept_out == {verdict("ZT-PSS-008", "shop", label(level, version)) == "PASS"}
    assert (level, version, "modest") not in refused


MISSPELT = {
    "restricted": label("restricted"),
    "capital": label("Restricted"),
    "no-level": label("strict"),
    "number": label("restricted", "1.30"),
    "second": label("baseline", "v2"),
    "latest": label("privileged", "latest"),
}


def test_a_label_that_the_api_server_does_not_take_is_no_level(cluster):
    objects = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
        for name, labels in MISSPELT.items()
    ]
    done = cluster.kubectl("create", "--dry-run=server", *PATIENT, "-f", "-", stdin=many(objects))
    taken = {name for name in MISSPELT if f"namespace/{name} created" in done.stdout}
    assert taken == {"restricted", "latest"}
    assert done.stderr.count("Invalid value") == len(MISSPELT) - len(taken)
    for name in MISSPELT.keys() - taken:
        for rule, place in (("ZT-PSS-001", "istio-system"), ("ZT-PSS-002", "kube-system"), ("ZT-PSS-008", "shop")):
            assert verdict(rule, place, MISSPELT[name]) == "FAIL", name


# --- Fields that the API server drops (ZT-PSS-003) ---

FIELDS = {
    "allowPrivilegeEscalation": False,
    "appArmorProfile": {"type": "RuntimeDefault"},
    "capabilities": {"drop": ["ALL"]},
    "fsGroup": 1,
    "fsGroupChangePolicy": "OnRootMismatch",
    "privileged": False,
    "procMount": "Default",
    "readOnlyRootFilesystem": True,
    "runAsGroup": 1,
    "runAsNonRoot": True,
    "runAsUser": 1,
    "seLinuxChangePolicy": "Recursive",
    "seLinuxOptions": {"level": "s0"},
    "seccompProfile": {"type": "RuntimeDefault"},
    "supplementalGroups": [1],
    "supplementalGroupsPolicy": "Merge",
    "sysctls": [{"name": "kernel.shm_rmid_forced", "value": "0"}],
    "windowsOptions": {"runAsUserName": "x"},
}


def deployment(name, field):
    spec = {"securityContext": {field: FIELDS[field]}, "containers": [{"name": "c", "image": "registry.example.com/c:1"}]}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {
            "selector": {"matchLabels": {"app": "fields"}},
            "template": {"metadata": {"labels": {"app": "fields"}}, "spec": spec},
        },
    }


def test_a_field_is_misplaced_where_the_api_server_does_not_know_it(cluster, tmp_path):
    written = many([deployment(field.lower(), field) for field in FIELDS])
    (tmp_path / "fields.json").write_text(written)
    done = cluster.kubectl("create", "--dry-run=server", *PATIENT, "-f", "-", "-o", "json", stdin=written)
    written = [one.value for one in strict_json.documents(done.stdout, "dry run")]
    made = {one["metadata"]["name"]: one["spec"]["template"]["spec"]["securityContext"] for one in written}
    # What the API server keeps of it.
    unknown = {field for field in FIELDS if field not in made[field.lower()]}
    ours = judged.failing(judged.of_file("ZT-PSS-003", tmp_path / "fields.json"))
    assert ours == {f"Deployment default/{field.lower()}" for field in unknown}
    assert unknown


def test_the_fields_are_those_that_the_api_server_has(cluster):
    """A new one of Kubernetes would not be in the list above."""
    known: set[str] = set()
    for path in ("pod.spec.securityContext", "pod.spec.containers.securityContext"):
        known |= set(re.findall(r"^  (\w+)\t<", cluster.kubectl("explain", path, check=True).stdout, re.M))
    assert known == set(FIELDS)


# --- What a controller is refused (ZT-PSS-009) ---


def test_what_pod_security_refuses_a_controller_is_found_in_its_event(cluster, api):
    name = "refused-by-pod-security"
    cluster.kubectl("create", "namespace", name, check=True)
    cluster.kubectl("label", "namespace", name, f"{ENFORCE}=restricted", check=True)
    made = deployment("refused", "runAsNonRoot")
    made["metadata"]["namespace"] = name
    cluster.kubectl("create", *PATIENT, "-f", "-", check=True, stdin=json.dumps(made))
    events = []
    while not events:
        time.sleep(0.2)
        events = [one for one in api("-n", name, "get", "events")["items"] if one["reason"] == "FailedCreate"]
    cluster.kubectl("delete", "namespace", name, "--request-timeout=120s", check=True)
    now = judged.healthy("verify")["collected_at"]
    seen = [
        {
            "kind": one["involvedObject"]["kind"],
            "namespace": name,
            "name": one["involvedObject"]["name"],
            "reason": one["reason"],
            "message": one["message"],
            "last": now,
        }
        for one in events
    ]
    subjects = judged.failing(judged.of_cluster("ZT-PSS-009", events=seen))
    assert subjects == {f"{one['kind']} {name}/{one['name']}" for one in seen}
