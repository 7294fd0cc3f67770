# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

import base64
import datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import (
    certificate,
    disruption_budget,
    gatekeeper_objects,
    label_selector,
    objects,
    rego,
    rendering,
    secret_values,
    workload,
)


@pytest.fixture(scope="module")
def pem():
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=365))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return made.public_bytes(serialization.Encoding.PEM).decode(), private.decode()


def test_a_certificate_is_described_and_a_key_beside_it_left_alone(pem):
    (one,) = certificate.describe(pem[1] + pem[0])
    assert one["subject"] == "CN=test"
    assert (one["not_before"], one["not_after"], one["ca"]) == ("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z", True)
    assert certificate.remaining(one, "2026-12-31T00:00:00Z").days == 1
    assert certificate.remaining(one, "2027-01-02T00:00:00Z").days == -1
    assert certificate.lifetime(one).days == 365


def test_a_chain_keeps_its_order(pem):
    assert len(certificate.describe(pem[0] * 2)) == 2


@pytest.mark.parametrize("text", ["", "hello", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"])
def test_no_certificate(text):
    with pytest.raises(certificate.CertificateError):
        certificate.describe(text)
    with pytest.raises(certificate.CertificateError):
        certificate.describe_base64(text)


def test_a_certificate_that_does_not_end_is_no_silence(pem):
    begin = "-----BEGIN CERTIFICATE-----\n"
    with pytest.raises(certificate.CertificateError, match="one begins and does not end"):
        certificate.describe(begin + pem[0])
    # Each beginning was looked at to the end of the text: that took hours.
    with pytest.raises(certificate.CertificateError, match="no certificate in it"):
        certificate.describe(begin * 200_000)


@pytest.mark.parametrize("name", [b"\x06\x04test", b"\x03\x04\x00tes"])
def test_a_certificate_whose_name_is_damaged_is_refused(pem, name):
    der = base64.b64decode("".join(pem[0].splitlines()[1:-1]))
    # The type of the name's one text: what loads is parsed no further than it is asked for.
    damaged = base64.encodebytes(der.replace(b"\x0c\x04test", name)).decode()
    with pytest.raises(certificate.CertificateError, match="not a certificate"):
        certificate.describe(f"-----BEGIN CERTIFICATE-----\n{damaged}-----END CERTIFICATE-----\n")


def test_an_objects_field_that_is_no_base64_is_refused():
    with pytest.raises(certificate.CertificateError, match="not base64"):
        certificate.describe_base64("LS0t\u2028")


def test_from_an_objects_field(pem):
    assert certificate.describe_base64(base64.b64encode(pem[0].encode()).decode())[0]["subject"] == "CN=test"


@pytest.mark.parametrize(
    "spec,replicas,free",
    [
        ({"minAvailable": 1}, 2, 1),
        ({"minAvailable": 2}, 2, 0),
        ({"minAvailable": "50%"}, 3, 1),
        ({"maxUnavailable": 1}, 3, 1),
        ({"maxUnavailable": "100%"}, 3, 3),
        ({"maxUnavailable": 0}, 3, 0),
        ({"minAvailable": 5}, 3, 0),
        ({}, 3, 3),
    ],
)
def test_what_a_budget_allows(spec, replicas, free):
    assert disruption_budget.allowed(disruption_budget.describe({"metadata": {"name": "x"}, "spec": spec}), replicas) == free


def test_a_budget_selects_by_its_labels():
    one = disruption_budget.describe({"spec": {"selector": {"matchLabels": {"app": "istiod"}}}})
    assert disruption_budget.selects(one, {"app": "istiod", "x": "y"})
    assert not disruption_budget.selects(one, {"app": "other"})


def test_a_budget_without_a_selector_selects_nothing_and_one_with_an_empty_selector_everything():
    assert not disruption_budget.selects(disruption_budget.describe({"spec": {}}), {"app": "x"})
    assert disruption_budget.selects(disruption_budget.describe({"spec": {"selector": {}}}), {"app": "x"})
    other = {"matchExpressions": [{"key": "app", "operator": "In", "values": ["y"]}]}
    assert not disruption_budget.selects(disruption_budget.describe({"spec": {"selector": other}}), {"app": "x"})


@pytest.mark.parametrize(
    "text,found",
    [
        ('package a\n\nviolation[{"msg": msg}] {\n  msg := "no"\n}\n', "v0"),
        ("package a\n\nallowed {\n  input.x\n}\n", "v0"),
        ('package a\n\nviolation contains {"msg": msg} if {\n  msg := "no"\n}\n', "v1"),
        ("package a\n\nallowed if input.x\n", "v1"),
        ("package a\nimport rego.v1\n\nallowed if {\n  input.x\n}\n", "import rego.v1"),
        ("package a\nimport future.keywords\n\nallowed if {\n  input.x\n}\n", ""),
        ('package a\nviolation[{"msg": m}] { m := input.x }\n', "v0"),
        ('package a\nnames := {\n  "x",\n}\n', ""),
        ("package a\nimport future.keywords.if\n\nallowed if {\n  input.x\n}\n", ""),
        # A rule that is data is one in both; words in strings and comments are none.
        ('package a\n\nsizes := {"a": 1}\n', ""),
        ('package a\n# fails if there is none\nsaid := "fails if {"\n', ""),
    ],
)
def test_which_rego_a_text_is(text, found):
    assert rego.syntax(text) == found


@pytest.mark.parametrize("text", ["package a\n" + "\n" * 1_000_000, "a[" + "]=x" * 300_000, "a[" + "]=x" * 300_000 + "{}"])
def test_rego_of_any_form_is_read_to_its_end(text):
    # Each line looked at all that follow it: that took hours.
    assert rego.syntax(text) == ""


def test_a_template_says_in_what_it_is_written_and_what_it_needs():
    needs = '"[[{"groups": [""], "versions": ["v1"], "kinds": ["Service"]}]]"\n'
    item = {
        "metadata": {"name": "t", "annotations": {"metadata.gatekeeper.sh/requires-sync-data": needs}},
        "spec": {
            "targets": [{"rego": "package a\nallowed if input.x\n", "code": [{"engine": "K8sNativeValidation", "source": {}}]}]
        },
    }
    read = gatekeeper_objects.constraint_template(item)
    assert read["requires_sync"] == [[{"groups": [""], "versions": ["v1"], "kinds": ["Service"]}]]
    assert [(one["at"], one["engine"], one["syntax"]) for one in read["sources"]] == [
        ("rego", "Rego", "v1"),
        ("code", "K8sNativeValidation", ""),
    ]


@pytest.mark.parametrize("needs", ["[" * 100_000, "[[{", '{"groups": []}', "[[1]]", "\ud800"])
def test_what_a_template_needs_may_be_unreadable(needs):
    item = {"metadata": {"name": "t", "annotations": {"metadata.gatekeeper.sh/requires-sync-data": needs}}}
    assert gatekeeper_objects.constraint_template(item)["requires_sync"] is None


def test_a_scoped_constraint_says_where_it_acts():
    spec = {"scopedEnforcementActions": [{"action": "deny", "enforcementPoints": [{"name": "*"}]}]}
    assert gatekeeper_objects.constraint({"metadata": {}, "spec": spec})["scoped"] == [{"action": "deny", "points": ["*"]}]
    assert gatekeeper_objects.constraint({"metadata": {}, "spec": {}})["scoped"] is None


def test_secrets_are_taken_out_of_values(pem):
    given = {
        "tls": {"key": "TUlJRXZ" * 40, "crt": "x"},
        "adminPassword": "hunter2",
        "token": "abc",
        "pem": pem[1],
        "encoded": base64.b64encode(pem[1].encode()).decode(),
        "tolerations": [{"key": "node-role.kubernetes.io/control-plane", "operator": "Exists"}],
        "existingSecret": "name-of-a-secret",
        "repository": "failed: https://me:hunter2@charts.example.com:8443/stable says no",
        "secretName": "x",
        "replicas": 2,
    }
    kept = secret_values.redact(given)
    assert kept["tls"] == {"key": "<redacted>", "crt": "x"}
    assert kept["adminPassword"] == kept["token"] == kept["pem"] == kept["encoded"] == "<redacted>"
    assert kept["tolerations"] == given["tolerations"]
    assert kept["secretName"] == "x"
    assert kept["repository"] == "failed: https://<redacted>@charts.example.com:8443/stable says no"
    assert kept["replicas"] == 2
    assert "hunter2" not in str(kept)


def test_who_makes_pods_says_whether_they_are_on_the_nodes_network():
    item = {"kind": "Deployment", "metadata": {"name": "a"}, "spec": {"template": {"spec": {"hostNetwork": True}}}}
    assert workload.pods_of(item)["host_network"] is True
    item["spec"]["template"]["spec"]["hostNetwork"] = False
    assert "host_network" not in workload.pods_of(item)


def test_env_from_a_secret_is_not_read():
    reduced = workload.container(
        {"env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s"}}}, {"name": "B", "value": "c"}]}
    )
    assert reduced["env"] == {"B": "c"}


def test_rendered_secrets_are_names_only():
    reduced = rendering.describe(
        [{"kind": "Secret", "metadata": {"name": "hubble"}, "data": {"tls.key": "c2VjcmV0"}}, None, "text"]
    )
    assert reduced["secrets"] == ["hubble"]
    assert "c2VjcmV0" not in str(reduced)


def test_ready_addresses_of_several_slices():
    slices = [
        {
            "endpoints": [
                {"addresses": ["a"], "conditions": {"ready": True}},
                {"addresses": ["b"], "conditions": {"ready": False}},
            ]
        },
        {"endpoints": [{"addresses": ["a", "c"], "conditions": {}}, {"addresses": ["d"]}]},
        {},
    ]
    assert objects.ready_addresses(slices) == 3


@pytest.mark.parametrize(
    "selector,labels,selected",
    [
        ({}, {}, True),
        ({"matchLabels": {"a": "b"}}, {"a": "b"}, True),
        ({"matchLabels": {"a": "b"}}, {}, False),
        ({"matchExpressions": [{"key": "a", "operator": "DoesNotExist"}]}, {"a": "b"}, False),
        ({"matchExpressions": [{"key": "a", "operator": "Exists"}]}, {"a": "b"}, True),
        ({"matchExpressions": [{"key": "a", "operator": "NotIn", "values": ["b"]}]}, {}, True),
        ({"matchExpressions": [{"key": "a", "operator": "NotIn", "values": ["b"]}]}, {"a": "b"}, False),
        ({"matchExpressions": [{"key": "a", "operator": "In", "values": ["b"]}]}, {"a": "b"}, True),
        ({"matchExpressions": [{"key": "a", "operator": "In", "values": ["b"]}]}, {}, False),
    ],
)
def test_selectors(selector, labels, selected):
    assert label_selector.selects(selector, labels) is selected
