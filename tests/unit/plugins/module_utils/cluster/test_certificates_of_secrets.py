# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read of Secrets with certificates: these, whom they lead to, and never a key."""

import base64
import datetime
import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from made_certificates import Made

from ansible_collections.zerotrust.baremetal.plugins.module_utils.cluster import api, collect, gatekeeper, reading, secrets

START = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) - datetime.timedelta(days=1)
ROOT = Made("root", ca=True, days=3650, start=START)
OTHER = Made("other", ca=True, days=3650, start=START)
BETWEEN = Made("between", ROOT, ca=True, days=365, start=START)
MESH = collect.MESH
HOOK = "gatekeeper-webhook-service.gatekeeper-system.svc"
SERVER = Made("server", ROOT, days=365, start=START, names=(f"DNS:{HOOK}", "IP:192.0.2.1", "URI:spiffe://cluster.local/a"))


class Server:
    host = "https://192.0.2.10:6443"

    def __init__(self, **objects):
        self.objects = objects

    def get(self, path):
        found = self.objects.get(path.rsplit("/", 1)[1].replace("-", "_"))
        return None if found is None else {"metadata": {"name": "x"}, **found}

    def items(self, path, query=None, metadata_only=False):
        found = self.objects.get(path.rsplit("/", 1)[1])
        return None if found is None else iter(found)

    def version(self):
        return {}

    def text(self, path, timeout):
        return None


def secret(**fields):
    return {"data": {name.replace("_", "."): base64.b64encode(text.encode()).decode() for name, text in fields.items()}}


def reader(**objects):
    return reading.Reader(Server(**objects), {})


def of_gatekeeper(what, **objects):
    reads = gatekeeper.Gatekeeper(reader(**objects), collect.POLICY).reads()
    return dict(reads)[f"gatekeeper/{what}"]()


def issuer_secret(ca, chain="", root=""):
    data = {"ca-cert.pem": ca, "ca-key.pem": BETWEEN.private, "cert-chain.pem": chain, "root-cert.pem": root}
    return {"data": {name: base64.b64encode(text.encode()).decode() for name, text in data.items()}}


ROOTS = {"data": {"root-cert.pem": ROOT.pem}}


def test_a_server_and_its_authority_are_described_and_no_key_is_kept():
    held = secret(tls_crt=SERVER.pem, ca_crt=ROOT.pem, tls_key=SERVER.private)
    found = secrets.certificates(
        reader(gatekeeper_webhook_server_cert=held), "gatekeeper-system", "gatekeeper-webhook-server-cert", "tls.crt", "ca.crt"
    )
    assert found["secret"] == "gatekeeper-system/gatekeeper-webhook-server-cert"
    assert found["distrusted"] is None
    [one] = found["certificates"]
    assert (one["key"], one["signature"], one["self_signed"]) == ("EC 256", "sha256", False)
    assert (one["names"], one["addresses"]) == ([HOOK, "spiffe://cluster.local/a"], ["192.0.2.1"])
    assert [one["subject"] for one in found["authorities"]] == ["CN=root"]
    assert "PRIVATE" not in json.dumps(found)


def test_a_server_of_another_authority_is_not_trusted():
    found = secrets.certificates(
        reader(hubble_server_certs=secret(tls_crt=SERVER.pem, ca_crt=OTHER.pem)),
        "kube-system",
        "hubble-server-certs",
        "tls.crt",
        "ca.crt",
    )
    assert "CN=server was issued by CN=root, which is neither trusted nor in the file" in found["distrusted"]


def test_what_istiod_signs_with_leads_to_the_root_of_the_mesh():
    given = secrets.issuer(
        reader(cacerts=issuer_secret(BETWEEN.pem, BETWEEN.pem + ROOT.pem, ROOT.pem), istio_ca_root_cert=ROOTS), MESH
    )
    assert (given["secret"], given["distrusted"]) == ("istio-system/cacerts", None)
    made = secrets.issuer(reader(istio_ca_secret=issuer_secret(ROOT.pem), istio_ca_root_cert=ROOTS), MESH)
    assert (made["secret"], made["distrusted"], made["authorities"]) == ("istio-system/istio-ca-secret", None, [])
    # Another root was given to istiod, and the mesh trusts the one of before.
    half = secrets.issuer(reader(cacerts=issuer_secret(OTHER.pem, "", OTHER.pem), istio_ca_root_cert=ROOTS), MESH)
    assert "CN=other was issued by CN=other" in half["distrusted"]
    assert secrets.issuer(reader(istio_ca_root_cert=ROOTS), MESH) is None


def test_what_cert_manager_writes_is_read_too():
    held = secret(tls_crt=BETWEEN.pem + ROOT.pem, tls_key=BETWEEN.private, ca_crt=ROOT.pem)
    found = secrets.issuer(reader(cacerts=held, istio_ca_root_cert=ROOTS), MESH)
    assert (found["distrusted"], [one["subject"] for one in found["authorities"]]) == (None, ["CN=root"])


@pytest.mark.parametrize("held", [{}, {"data": {}}, {"data": {"tls.crt": "%"}}, secret(tls_crt="nothing", ca_crt="nothing")])
def test_a_secret_without_certificates_is_missing_and_says_which(held):
    with pytest.raises(api.Unreadable, match="Secret kube-system/hubble-server-certs: "):
        secrets.certificates(reader(hubble_server_certs=held), "kube-system", "hubble-server-certs", "tls.crt", "ca.crt")


def test_of_admission_policies_those_made_of_constraints_are_kept():
    def policy(name, group, **spec):
        rules = [{"apiGroups": ["*"], "resources": ["*"], "operations": ["CREATE"]}]
        return {
            "metadata": {"name": name},
            "spec": {"paramKind": {"apiVersion": group, "kind": "K8sX"}, "matchConstraints": {"resourceRules": rules}, **spec},
        }

    found = of_gatekeeper(
        "admission_policies",
        validatingadmissionpolicies=[
            policy("gatekeeper-k8sx", "constraints.gatekeeper.sh/v1beta1"),
            policy("mine", "acme.example/v1"),
            {"metadata": {"name": "plain"}, "spec": {}},
        ],
    )
    assert found == [
        {
            "name": "gatekeeper-k8sx",
            "failure_policy": "Fail",
            "param_group": "constraints.gatekeeper.sh",
            "param_kind": "K8sX",
            "rules": [{"groups": ["*"], "resources": ["*"]}],
            "excluded": [],
            "namespace_selector": {},
            "object_selector": {},
            "match_conditions": [],
        }
    ]
    assert of_gatekeeper("admission_policies") is None


def test_configs_that_nothing_reads():
    configs = [
        {"metadata": {"name": name, "namespace": namespace}}
        for namespace, name in (("gatekeeper-system", "config"), ("gatekeeper-system", "mine"), ("shop", "config"))
    ]
    assert of_gatekeeper("other_configs", configs=configs) == ["gatekeeper-system/mine", "shop/config"]
    assert of_gatekeeper("other_configs") is None


def test_versions_of_kinds():
    annotations = {"gateway.networking.k8s.io/channel": "standard"}
    kind = {
        "metadata": {"name": "gateways.gateway.networking.k8s.io", "annotations": annotations},
        "spec": {"versions": [{"name": "v1", "served": True}, {"name": "v1alpha2", "served": False}]},
        "status": {"storedVersions": ["v1alpha2", "v1"]},
    }
    found = collect.Collector(Server(customresourcedefinitions=[kind]), {})._crds()
    assert found == {
        "gateways.gateway.networking.k8s.io": {"channel": "standard", "served": ["v1"], "stored": ["v1alpha2", "v1"]}
    }
