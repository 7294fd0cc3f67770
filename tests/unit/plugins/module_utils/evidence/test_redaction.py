# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

import ast
import copy
import functools
import ipaddress
import json
import re
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[5]
sys.path.insert(0, str(Path(__file__).parents[1] / "rules"))
sys.path.insert(0, str(ROOT / "tests" / "benchmarks"))

import fleet
from firing.every import CASES
from healthy import healthy

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import (
    misplaced,
    peer_digest,
    redaction,
    saved_bundle,
    schema,
    sysctl,
)
from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence.bundle import Evidence
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules import engine
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules.catalogue import RULES
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules.rule import STAGES

KEY = b"0123456789abcdef"
RULE_FILES = sorted((ROOT / "plugins" / "module_utils" / "rules").glob("*.py"))


def redacted(bundle, key=KEY):
    made = redaction.redact(bundle, key)
    # What is written can be read.
    assert saved_bundle.read(json.loads(json.dumps(made)), "f") == made
    return made


def verdicts(bundle, rules=RULES):
    return Counter((one.id, one.verdict) for one in engine.run(Evidence(bundle), rules, bundle["moment"], STAGES).findings)


# --- Verdicts ---


@pytest.mark.parametrize("moment", ["preflight", "verify"])
def test_a_healthy_cluster_is_healthy_still(moment):
    bundle = healthy(moment)
    assert verdicts(redacted(bundle)) == verdicts(bundle)
    assert bundle == healthy(moment)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}-{case.says[:24]}")
def test_every_fault_is_found_in_what_was_redacted(case):
    bundle = healthy(case.moment)
    case.change(bundle)
    rules = [one for one in RULES if one.id == case.rule]
    assert verdicts(redacted(bundle), rules) == verdicts(bundle, rules)


def constants():
    """Every word that rules ask for or compare with."""
    for file in RULE_FILES:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node, node.value


def test_a_setting_that_a_rule_asks_for_keeps_its_name():
    redactor = redaction._Redactor(healthy(), KEY)
    word = re.compile(r"[A-Za-z_][\w.-]*[A-Za-z0-9_]")
    of_nodes = ("CONFIG_", "ZT-", "net.", "kernel.", "vm.")
    asked = {text for _node, text in constants() if word.fullmatch(text) and not text.startswith(of_nodes)}
    assert {text for text in asked if redactor._setting(text) != text} == set(), "evidence/public_words.py: KEYS"


# What rules compare that is none of a setting's values: states, kinds and keys in evidence or in rules, which stay as words.
NO_VALUES = {
    "agents", "answering", "autoscaled", "blocker", "chaining-mode", "code", "enable-policy", "every", "exempt-namespace", "fail",
    "FailedCreate", "FailedCreatePodSandBox", "firewalld", "Running", "ufw",
    "guarded", "layer", "mb", "pending", "plan", "published", "reached", "refused", "rego", "rhel", "routing-mode", "routingMode",
    "unreachable", "until", "v1", "verify", "always", "annotated", "enabled", "Failed", "Unhealthy", "unknown",
}  # fmt: skip


def test_what_a_rule_compares_a_value_with_stays_what_it_is():
    redactor = redaction._Redactor(healthy(), KEY)
    compared = set()
    for file in RULE_FILES:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Compare):
                sides = [one for side in (node.left, *node.comparators) for one in ast.walk(side)]
                compared |= {one.value for one in sides if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    compared = {one for one in compared if re.fullmatch(r"[A-Za-z][A-Za-z0-9-]+", one)} - redaction._FIELDS - NO_VALUES
    assert {text for text in compared if redactor._value(text) != text} == set(), "evidence/public_words.py: SETTINGS"


# --- Secrets ---

PLANTED = (
    "acme", "payroll", "berlin", "rack7", "hunter2", "alice", "jenkins", "sesame",
    "203.0.113.7", "198.51.100.23", "10.77.1.9", "2001:db8:77", "fd77:1", "de:ad:be:ef:00:07", "5d1b8a52e0c94a3f9a3a0b4e1f6f7c01",
    "größe", "日本", "4711081512", "10.77.001.9", "dead.beef.0007",
    "d293cmVndWFyZA", "BEGIN CERTIFICATE",
)  # fmt: skip


def planted():
    return json.loads(_planted())


@functools.cache
def _planted():
    """A healthy cluster with names, addresses and texts of a site wherever somebody may have written one."""
    bundle = json.loads(
        json.dumps(healthy())
        .replace('"node1"', '"berlin-rack7-1.acme.example"')
        .replace('"shop"', '"payroll"')
        .replace("192.0.2.1", "10.77.1.9")
        .replace("key-of-node1=", "d293cmVndWFyZA=")
    )
    bundle["cluster"] = "acme-production"
    api, node, desired = bundle["api"], bundle["nodes"]["n1"], bundle["desired"]
    desired["api"]["host"] = "api.berlin.acme.example"
    api["host"] = "https://api.berlin.acme.example:6443"
    api["nodes"]["berlin-rack7-1.acme.example"].update(
        reason="KubeletNotReady: cannot reach alice@acme.example at 203.0.113.7:6443", taints=["acme.example/payroll"]
    )
    api["namespaces"]["payroll"]["labels"].update({"team": "acme-payments", "acme.example/owner": "alice"})
    api["missing-later"] = {"acme": ["hunter2", {"payroll": "alice"}]}
    api["acceptances"] = [
        {"kind": "Pod", "namespace": "payroll", "name": "web", "text": "ZT-PSS-002 until 2027-01-31: alice, ACME-4711\nhunter2"}
    ]
    api["policies"]["network_policies"] = [
        {
            "namespace": "payroll",
            "name": "acme-egress",
            "spec": {
                "podSelector": {"matchLabels": {"app": "payroll-web"}},
                "egress": [{"to": [{"ipBlock": {"cidr": "203.0.113.7/32"}}]}],
            },
        }
    ]
    api["policies"]["authorization_policies"] = [
        {
            "namespace": "payroll",
            "name": "alice",
            "spec": {
                "rules": [
                    {
                        "from": [
                            {"source": {"principals": ["cluster.local/ns/payroll/sa/jenkins"], "ipBlocks": ["fd77:1::/64"]}}
                        ],
                        "to": [{"operation": {"hosts": ["pay.acme.example"], "paths": ["/payroll/alice"]}}],
                        "when": [{"key": "request.headers[x-acme]", "values": ["hunter2"]}],
                    }
                ]
            },
        }
    ]
    api["policies"]["cilium_network_policies"] = [
        {
            "namespace": "payroll",
            "name": "x",
            "spec": {"endpointSelector": {}, "egress": [{"toFQDNs": [{"matchName": "acme.example"}]}]},
        }
    ]
    constraint = api["gatekeeper"]["constraints"]["K8sPrivileged"]
    constraint["acme-rule"] = copy.deepcopy(constraint["no-privileged"])
    constraint["acme-rule"]["match"]["excludedNamespaces"] += ["payroll", "berlin-*"]
    constraint["acme-rule"]["errors"] = ["gatekeeper-1: rego: payroll.alice is undefined"]
    pod = api["pods"]["payroll"][0]
    pod.update(name="payroll-web-6d4c-x2", labels={"app": "payroll", "jenkins": "1"}, owner="ReplicaSet/payroll-web-6d4c")
    agent = api["cilium"]["agent"]["containers"]["cilium-agent"]
    agent["image"] = "registry.acme.example:5000/mirror-berlin/cilium/cilium:v1.20.2@sha256:" + "ab" * 32
    agent["args"].append("--annotation=owner:alice@acme.example")
    agent["env"]["ACME_PROXY"] = "http://jenkins:sesame@proxy.berlin.acme.example:3128/?via=198.51.100.23"
    api["cilium"]["config"]["cluster-name"] = "acme-berlin"
    api["istio"]["root_certificates"][0].update(subject="CN=ca.acme.example,O=Acme Payroll", issuer="O=Acme Payroll")
    chart = bundle["charts"]["cilium"]
    own = {
        "cluster": {"name": "acme-berlin"},
        "podAnnotations": {"acme.example/contact": "alice", "payroll": "hunter2"},
        "extraArgs": ["--http-proxy=http://proxy.acme.example:3128", "sesame"],
        "acmeOption": {
            "text": "a line of alice about hunter2",
            "größe": "日本",
            "more": ["4711081512", "10.77.001.9", "dead.beef.0007"],
        },
        "image": {"repository": "registry.acme.example/cilium/cilium"},
    }
    for kind in ("values", "user_values", "effective"):
        chart[kind].update(copy.deepcopy(own))
    chart["ref"] = "/home/alice/charts/cilium-1.20.2.tgz"
    chart["repo_url"] = "https://charts.acme.example/stable"
    chart["origins"] = {"acmeOption.text": "/home/alice/inventories/berlin/all.yml:7"}
    chart["problems"] = [{"path": "acmeOption", "suggestion": "", "why": ""}]
    api["releases"]["kube-system"] = {"cilium": {"status": "deployed", "values": own, "version": "1.20.2", "chart": "cilium"}}
    node["hostname"] = "berlin-rack7-1.acme.example"
    node["links"] += [
        {"name": "payrollbr0", "index": 40, "addresses": ["2001:db8:77::1/64", "198.51.100.23/24"]},
        {"name": "enxdeadbeef0007", "index": 41},
    ]
    node["ways"]["ports"][0].update(outcome="silent", detail="no route from de:ad:be:ef:00:07 to 203.0.113.7 by pay.acme.example")
    node["kubelet"]["args"] = ["--hostname-override=berlin-rack7-1.acme.example", "--node-labels=acme.example/rack=rack7"]
    node["cni"]["files"][0]["plugins"][0]["acme"] = {"token": "hunter2", "list": ["alice"]}
    node["cni"]["files"].append({"name": "99-acme.conflist", "valid": False, "error": "jenkins@acme.example: line 1"})
    node["cni"]["binaries"].append({"name": "acme-cni", "executable": True})
    node["sysctls"]["kernel.panic"]["files"] = [{"path": "/etc/sysctl.d/10-acme.conf", "value": "10"}]
    node["swaps"] = ["/dev/mapper/acme-swap"]
    node["certificates"] = [{"path": "/var/lib/kubelet/pki/kubelet.crt", "pem": fleet.Authority().issue("berlin.acme.example")}]
    bundle["missing"] = [
        {
            "path": "api.pods.payroll.owner",
            "reason": "https://api.berlin.acme.example:6443: 10.77.1.9 said no to alice@acme.example",
        },
        {"path": "nodes.n2.swaps", "reason": "dial tcp [2001:db8:77::1]:443: berlin-rack7-1.acme.example is away"},
    ]
    bundle["notes"] = ["read from /home/payroll"]
    return json.dumps(bundle)


@pytest.mark.parametrize("secret", PLANTED)
def test_nothing_of_the_site_stays(secret):
    bundle = planted()
    assert secret.lower() in json.dumps(bundle, ensure_ascii=False).lower()
    assert secret.lower() not in json.dumps(redacted(bundle), ensure_ascii=False).lower()


def overwritten(form, value, text):
    """The same, with this text in each place where something of a site may stand."""
    if isinstance(value, str):
        kept = {"enum", "pattern"} & set(form) or form.get("x-holds") in ("word", "said", "path", "public keys")
        return value if kept else text
    if isinstance(value, list):
        return [overwritten(form.get("items", {}), one, text) for one in value]
    if isinstance(value, dict):
        known, beside = form.get("properties", {}), form.get("additionalProperties") or {}
        # Only what a user may add has such keys; the others are the places to look at.
        added = {text: text} if not form or form == {"type": "object"} else {}
        # What a chart brings itself is everybody's.
        changed = {key: overwritten(known.get(key, beside), one, text) for key, one in value.items() if key != "effective"}
        return {**value, **changed, **added}
    return value


@pytest.mark.parametrize("text", ["planted", "ZQ-planted.corp", "a/planted:b@c", "10.11.12.13 planted", "zqPlantedQ=1"])
def test_no_place_keeps_what_it_does_not_know(text):
    bundle = overwritten(schema.BUNDLE, planted(), text)
    assert json.dumps(bundle).count(text) > 1000
    made = json.dumps(redaction.redact(bundle, KEY)).lower()
    assert "planted" not in made
    assert "10.11.12.13" not in made


@settings(derandomize=True, deadline=None, database=None, max_examples=25)
@given(
    name=st.from_regex(r"zq[a-z]{5,9}(-[a-z]{2,6})?[0-9]{2}", fullmatch=True),
    address=st.ip_addresses(network="8.0.0.0/7") | st.ip_addresses(network="2001:4860::/32"),
)
def test_whatever_a_node_is_called_nothing_tells(name, address):
    text = json.dumps(healthy()).replace("node1", name).replace('192.0.2.1"', f'{address}"')
    assert text.count(name) > 5
    assert str(address) in text
    made = redacted(json.loads(text))
    kept = json.dumps(made, ensure_ascii=False).lower()
    assert name not in kept
    assert str(address) not in kept
    assert redacted(json.loads(text)) == made


def test_a_site_is_judged_as_before():
    bundle = planted()
    made = redacted(bundle)
    assert verdicts(made) == verdicts(bundle)
    assert bundle == planted()


def test_what_is_everybodys_stays():
    bundle = planted()
    made = redacted(bundle)
    assert made["charts"]["cilium"]["values"]["encryption"] == {"enabled": True, "type": "wireguard"}
    assert list(made["api"]["webhooks"][0]) == list(bundle["api"]["webhooks"][0])
    assert {"kube-system", "istio-system", "gatekeeper-system", "default"} <= set(made["api"]["namespaces"])
    image = made["api"]["cilium"]["agent"]["containers"]["cilium-agent"]["image"]
    assert re.fullmatch(r"x\w+\.x\w+\.x\w+:5000/x\w+-x\w+/cilium/cilium:v1\.20\.2@sha256:[0-9a-f]{64}", image)
    assert made["api"]["istio"]["istiod"] == bundle["api"]["istio"]["istiod"] | {
        "containers": made["api"]["istio"]["istiod"]["containers"]
    }
    text = made["api"]["acceptances"][0]["text"].splitlines()
    assert re.fullmatch(r"ZT-PSS-002 until 2027-01-31: x\w+", text[0])
    assert re.fullmatch(r"x\w+", text[1])
    assert made["notes"][-1] == redaction.NOTE


def test_a_name_is_replaced_by_the_same_everywhere():
    made = redacted(planted())
    host, first = next(iter(made["nodes"].items()))
    name = made["desired"]["nodes"][host]["node_name"]
    assert first["hostname"] == name
    assert f"--hostname-override={name}" in first["kubelet"]["args"]
    assert name in made["missing"][1]["reason"]
    assert made["missing"][1]["path"] == f"nodes.{list(made['nodes'])[1]}.swaps"
    own = next(place for place in made["api"]["pods"] if made["api"]["pods"][place][0]["owner"].startswith("ReplicaSet/x"))
    assert own in made["desired"]["namespaces"]["mesh"]
    assert made["missing"][0]["path"] == f"api.pods.{own}.owner"
    assert made["api"]["pods"][own][0]["name"].startswith(made["api"]["pods"][own][0]["owner"].removeprefix("ReplicaSet/"))


def test_the_same_key_replaces_alike_in_every_bundle():
    one, other = redacted(planted()), redacted(planted())
    assert one == other
    later = planted()
    later["nodes"].pop("n2")
    assert list(redacted(later)["nodes"]) == list(one["nodes"])[:1]
    assert redacted(planted(), b"another key of 24 bytes.")["nodes"].keys() != one["nodes"].keys()


def test_what_lay_in_a_network_lies_in_it_still():
    made = redacted(planted())
    (pods,) = made["desired"]["pod_cidrs"]
    for node in made["api"]["nodes"].values():
        assert ipaddress.ip_network(node["pod_cidrs"][0]).subnet_of(ipaddress.ip_network(pods))
    peer = next(iter(made["nodes"].values()))["wireguard"]["interfaces"][0]["peers"][0]
    assert peer["endpoint"].rpartition(":")[0] in [one["ips"][0] for one in made["desired"]["nodes"].values()]
    assert peer["public_key"] in [one["public_key"] for one in made["api"]["cilium"]["nodes"].values()]


def test_a_certificate_is_described():
    (one,) = next(iter(redacted(planted())["nodes"].values()))["certificates"]
    assert set(one) == {"path", "described"}
    assert one["path"] == "/var/lib/kubelet/pki/kubelet.crt"
    assert re.fullmatch(r"CN=x\w+\.x\w+\.x\w+,O=system:nodes", one["described"][0]["subject"])
    broken = planted()
    broken["nodes"]["n1"]["certificates"][0]["pem"] = "-----BEGIN CERTIFICATE-----\nalice\n-----END CERTIFICATE-----\n"
    assert next(iter(redacted(broken)["nodes"].values()))["certificates"][0]["pem"] == ""
    assert verdicts(redacted(broken)) == verdicts(broken)


def test_the_digest_of_many_peers_tells_the_same():
    keys = [f"key-{number}" for number in range(600)]
    names = {key: f"other {key}" for key in keys}

    def rename(key):
        return names.get(key, f"stranger {key}")

    published, renamed = peer_digest.Published(keys), peer_digest.Published(names.values())
    for absent, strangers in (([], []), (keys[5:6], []), ([], ["x"]), (keys[5:8], ["x", "y"])):
        have = [key for key in keys[1:] if key not in absent] + strangers
        before = published.difference(keys[0], len(have), peer_digest.digest(have))
        after = renamed.difference(
            names[keys[0]], len(have), published.renamed(keys[0], peer_digest.digest(have), renamed, rename)
        )
        assert sorted(after.absent) == sorted(names[key] for key in before.absent)
        assert (after.strangers, after.unclear) == (before.strangers, before.unclear)


def test_many_nodes_are_the_peers_of_each_other_still():
    bundle = fleet.make(140)
    rules = [one for one in RULES if one.id in ("ZT-CIL-035", "ZT-CIL-036")]
    made = redacted(bundle)
    assert verdicts(made, rules) == verdicts(bundle, rules) == {("ZT-CIL-035", "PASS"): 140, ("ZT-CIL-036", "PASS"): 140}
    digests = [one["wireguard"]["interfaces"][0]["all_peers"]["keys"] for one in bundle["nodes"].values()]
    assert not any(one in json.dumps(made) for one in digests)


# --- The schema ---


def forms(form, path=""):
    yield path, form
    for key, inner in form.get("properties", {}).items():
        yield from forms(inner, f"{path}.{key}")
    for key in ("items", "additionalProperties"):
        if form.get(key):
            yield from forms(form[key], f"{path}[]")


def test_every_text_of_the_schema_says_what_it_holds():
    known = set(redaction._Redactor(healthy(), KEY)._holders)
    silent, strange = [], set()
    for path, form in forms(schema.BUNDLE):
        types = form.get("type", [])
        if "string" in ([types] if isinstance(types, str) else types) and not {"enum", "pattern"} & set(form):
            if "x-holds" not in form:
                silent.append(path)
            strange |= {form.get("x-holds", "word")} - known
        if form.get("additionalProperties") and "properties" not in form:
            if "x-keys" not in form:
                silent.append(f"{path} (its keys)")
            strange |= {form.get("x-keys", "word")} - known
    assert (silent, strange) == ([], set())


@pytest.mark.parametrize("version,kept", [("1.20.2", True), ("v3.23.0", True), ("acme-internal-7", False)])
def test_the_version_of_an_app_stays_where_it_is_one(version, kept):
    given = healthy()
    given["api"]["releases"]["apps"] = {"shop": {"status": "deployed", "app_version": version}}
    given["charts"]["cilium"]["chart"]["app_version"] = version
    made = redaction.redact(given, b"0" * 32)
    assert (version in json.dumps(made["charts"])) == kept
    assert (version in json.dumps(made["api"]["releases"])) == kept


def test_a_name_made_of_an_address_gives_none_away():
    redactor = redaction._Redactor(healthy(), KEY)
    assert not re.search(r"\d-\d", redactor._name("ip-10-77-1-9.acme"))
    assert redactor._name("node-17").endswith("-17")


@pytest.mark.parametrize(
    "name", ["10-acme.conf", "99-zzzz-zerotrust.conf", "99-zzzz-zerotrusty-acme.conf", "acme.conf", "99-acme.conf"]
)
def test_a_file_stays_before_or_after_ours(name):
    made = redaction._Redactor(healthy(), KEY)._file(f"/etc/sysctl.d/{name}")
    assert made.startswith("/etc/sysctl.d/")
    assert sysctl.after_ours(made) == sysctl.after_ours(name)
    assert "acme" not in made


@pytest.mark.parametrize("mark", "-_")
def test_a_name_of_any_length_is_replaced(mark):
    # When every run of its parts was joined and looked up, this took hours.
    bundle = healthy()
    bundle["cluster"] = mark.join(["zqplanted"] * 20_000)
    others = mark.join(["word"] * 3000)
    bundle["missing"].append({"path": "api.x", "reason": f"{bundle['cluster']} is away, {others} is not"})
    made = redaction.redact(bundle, KEY)
    assert "zqplanted" not in json.dumps(made)
    assert made["missing"][-1]["reason"].endswith(f" is away, {others} is not")


def test_a_short_key_keeps_nothing():
    with pytest.raises(redaction.UnfitKey, match="a key of 3 bytes is too short"):
        redaction.redact(healthy(), b"abc")


def _whys(bundle):
    return [one["why"] for one in bundle["charts"]["cilium"]["problems"]]


def test_what_we_say_ourselves_of_a_value_keeps_the_keys_that_it_names():
    bundle = healthy()
    reasons = [why for *_where, why in misplaced._KNOWN]
    bundle["charts"]["cilium"]["problems"] = [{"path": "cni.chained", "suggestion": "", "why": why} for why in reasons]
    assert any("cni.exclusive" in why for why in reasons)
    assert _whys(redacted(bundle)) == reasons


@pytest.mark.parametrize("host", ["cni.exclusive.corp", "node1.cni.exclusive", "registry.exclusive", "cni.acme", "hubble.corp"])
def test_a_host_is_replaced_though_it_is_like_a_key(host):
    bundle = healthy()
    bundle["charts"]["cilium"]["problems"] = [{"path": "x", "suggestion": "", "why": f"a text is wanted, and this is '{host}'"}]
    assert host not in _whys(redacted(bundle))[0]


def test_a_name_of_the_site_is_replaced_though_it_is_spelt_as_a_key():
    bundle = healthy()
    bundle["api"]["nodes"]["cni.exclusive"] = bundle["api"]["nodes"].pop("node1")
    bundle["missing"].append({"path": "api.events", "reason": "cni.exclusive is away"})
    assert "cni.exclusive" not in redacted(bundle)["missing"][-1]["reason"]
