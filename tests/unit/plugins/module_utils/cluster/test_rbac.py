# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shipped read-only account may do what the collector does, and nothing that it does not."""

import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[5]
sys.path.insert(0, str(Path(__file__).parents[1] / "rules"))

from healthy import healthy

from ansible_collections.zerotrust.baremetal.plugins.module_utils.cluster import api, collect
from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence.bundle import Evidence
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules import engine
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules.catalogue import RULES
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules.rule import STAGES

ALL = (
    *("evidence.yaml", "helm-releases.yaml", "hubble-certificate.yaml", "issuer-certificate.yaml", "webhook-certificate.yaml"),
    "ztunnel-build.yaml",
)
ACCOUNT = {"kind": "ServiceAccount", "name": "reader", "namespace": "zerotrust-evidence"}

TEMPLATE = {"metadata": {"name": "k8sx"}, "spec": {"crd": {"spec": {"names": {"kind": "K8sX"}}}}}
HOOKS = {
    "metadata": {"name": "w"},
    "webhooks": [{"name": "w", "clientConfig": {"service": {"namespace": "shop", "name": "hook"}}}],
}
CONVERTING = {"metadata": {"name": "certificates.cert-manager.io"}}
ENROLLED = {"metadata": {"name": "shop", "labels": {"istio.io/dataplane-mode": "ambient"}}}
ZTUNNEL = {
    "metadata": {"name": "ztunnel-x", "namespace": "istio-system", "labels": {"app": "ztunnel"}},
    "status": {"conditions": [{"type": "Ready", "status": "True"}]},
}


def request(path, lists):
    """Return what the API server's authorizer is asked for a GET: (verb, group, resource, namespace, name)."""
    if not path.startswith(("/api/", "/apis/")):
        return "get", None, path, "", ""
    parts = path.strip("/").split("/")
    group, rest = ("", parts[2:]) if parts[0] == "api" else (parts[1], parts[3:])
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > 2:
        namespace, rest = rest[1], rest[2:]
    name = rest[1].partition(":")[0] if len(rest) > 1 else ""
    resource = f"{rest[0]}/{rest[2]}" if len(rest) > 2 else rest[0]
    return "list" if lists else "get", group, resource, namespace, name


class Granted:
    """What the manifests grant the account: pairs of a rule and the namespace it is bound in ("" for all)."""

    def __init__(self, files):
        documents = [one for file in files for one in yaml.safe_load((ROOT / "rbac" / file).read_text(encoding="utf-8"))["items"]]
        roles = {(one["kind"], one["metadata"]["name"]): one["rules"] for one in documents if one["kind"].endswith("Role")}
        self.rules = []
        for one in documents:
            if one["kind"].endswith("Binding"):
                assert one["subjects"] == [ACCOUNT]
                namespace = one["metadata"].get("namespace", "")
                assert bool(namespace) == (one["kind"] == "RoleBinding")
                role = roles[one["roleRef"]["kind"], one["roleRef"]["name"]]
                self.rules += [(rule, namespace) for rule in role]
        self.kinds = {one["kind"] for one in documents}

    @staticmethod
    def covers(rule, bound, asked):
        verb, group, resource, namespace, name = asked
        if verb not in rule["verbs"] or (bound and bound != namespace):
            return False
        if group is None:
            return resource in rule.get("nonResourceURLs", ())
        return (
            group in rule.get("apiGroups", ())
            and (resource in rule["resources"] or "*" in rule["resources"])
            and ("resourceNames" not in rule or name in rule["resourceNames"])
        )

    def allows(self, asked):
        return any(self.covers(rule, bound, asked) for rule, bound in self.rules)


class Server:
    """An API server with the account's rights and as few objects as make the collector ask everything."""

    host = "https://192.0.2.10:6443"
    objects = {
        "constrainttemplates": [TEMPLATE],
        "validatingwebhookconfigurations": [HOOKS],
        "namespaces": [ENROLLED],
        "customresourcedefinitions": [CONVERTING],
    }

    def __init__(self, files):
        self.granted = Granted(files)
        self.asked = set()

    def _ask(self, path, lists=False):
        asked = request(path, lists)
        self.asked.add(asked)
        if not self.granted.allows(asked):
            raise api.Unreadable(f"403: may not {asked[0]} {asked[2]}")
        return asked

    def version(self):
        self._ask("/version")
        return {"gitVersion": "v1.36.3"}

    def get(self, path):
        self._ask(path)

    def text(self, path, timeout):
        self._ask(path)
        return 'istio_build{component="ztunnel",tag="1.31.0"} 1\n'

    def items(self, path, query=None, metadata_only=False):
        _verb, _group, resource, namespace, _name = self._ask(path, lists=True)
        pods = [ZTUNNEL] if resource == "pods" and namespace == "istio-system" else []
        return iter([dict(one) for one in self.objects.get(resource, pods)])


def collected(*files):
    server = Server(files)
    found, missing = collect.Collector(server, {}).run()
    return server, found, {entry["path"] for entry in missing}


def test_every_shipped_file_is_meant():
    assert {file.name for file in (ROOT / "rbac").iterdir()} == set(ALL)


def test_with_all_of_it_nothing_is_missing():
    server, found, missing = collected(*ALL)
    assert missing == set()
    # The second round was asked too.
    assert found["gatekeeper"]["constraints"] == {"K8sX": {}}
    assert set(found["endpoints"]) == {"shop.hook", "istio-system.istiod"}
    assert "shop" in found["pods"]
    assert found["istio"]["ztunnel_build"] == "1.31.0"
    assert len(server.asked) > 40


def test_nothing_is_granted_that_is_not_asked_for():
    server, _found, _missing = collected(*ALL)
    for rule, bound in server.granted.rules:
        used = [asked for asked in server.asked if server.granted.covers(rule, bound, asked)]
        assert used, (rule, bound)
        for key, position in (("verbs", 0), ("apiGroups", 1), ("nonResourceURLs", 2), ("resourceNames", 4)):
            assert set(rule.get(key, ())) <= {asked[position] for asked in used}, (rule, key)
        assert set(rule.get("resources", ())) - {"*"} <= {asked[2] for asked in used}, rule


def test_it_only_reads_and_sees_no_secret_unless_asked():
    for rule, _bound in Granted(ALL).rules:
        assert set(rule["verbs"]) <= {"get", "list"}
        assert rule.get("apiGroups") != ["*"]
    for rule, bound in Granted(["evidence.yaml"]).rules:
        assert not {"secrets", "pods/proxy"} & set(rule.get("resources", ()))
        assert "*" not in rule.get("resources", ()) or rule["apiGroups"] == ["constraints.gatekeeper.sh"]
        assert bound == ""
    assert Granted(ALL).kinds == {"Namespace", "ServiceAccount", "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"}


def test_the_namespaces_of_the_optional_parts_are_those_of_the_platform():
    rules = Granted(["evidence.yaml", "helm-releases.yaml"]).rules
    secrets = {bound for rule, bound in rules if "secrets" in rule.get("resources", ())}
    assert secrets == {collect.NETWORK, collect.MESH, collect.POLICY}


RELEASES = {f"api.releases.{namespace}" for namespace in (collect.NETWORK, collect.MESH, collect.POLICY)}
HUBBLE, BUILD = {"api.cilium.hubble_server", "api.cilium.hubble_relay"}, "api.istio.ztunnel_build"
ISSUERS = {"api.istio.issuer", "api.gatekeeper.webhook_server"}


@pytest.mark.parametrize(
    "parts,absent",
    [
        ([], {*RELEASES, *HUBBLE, *ISSUERS, BUILD}),
        (["hubble-certificate.yaml", "ztunnel-build.yaml"], {*RELEASES, *ISSUERS}),
        (["helm-releases.yaml"], {*HUBBLE, *ISSUERS, BUILD}),
        (["hubble-certificate.yaml", "issuer-certificate.yaml", "webhook-certificate.yaml", "ztunnel-build.yaml"], RELEASES),
    ],
)
def test_what_a_smaller_account_cannot_see_is_missing_and_unknown(parts, absent):
    _server, _found, missing = collected("evidence.yaml", *parts)
    assert missing == absent
    bundle = healthy()
    for path in missing:
        _api, part, key = path.split(".")
        bundle["api"][part].pop(key, None)
        bundle["missing"].append({"path": path, "reason": "403: forbidden"})
    findings = engine.run(Evidence(bundle), RULES, "verify", STAGES).findings
    silent = [one for one in findings if one.verdict != "PASS"]
    assert {one.verdict for one in silent} == {"UNKNOWN"}
    assert {one.message for one in silent} == {"403: forbidden"}
