# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

import datetime

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ed448, ed25519, rsa
from made_certificates import START, Made

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import certificate_chain, duration
from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence.certificate import CertificateError

NOW = "2026-12-01T00:00:00Z"
DAY = 86400
NAMES = ["DNS:api.example.com", "IP:192.0.2.10", "IP:2001:db8::1", "URI:spiffe://cluster.local/ns/a/sa/b", "email:a@example.com"]

root = Made("root", ca=True, days=3650)
between = Made("between", root, ca=True)
leaf = Made("leaf", between, names=NAMES)
stranger = Made("root", ca=True, days=3650)


def read(*made, ca=None, now=NOW):
    return certificate_chain.read("".join(one.pem for one in made), now, None if ca is None else "".join(one.pem for one in ca))


def test_one_in_detail():
    found = read(leaf)
    (one,) = found["certificates"]
    assert (one["subject"], one["issuer"], one["ca"], one["self_signed"]) == ("CN=leaf", "CN=between", False, False)
    assert one["san"] == NAMES
    assert (one["key_type"], one["key_size"], one["serial"]) == ("EC", 256, "ff")
    assert (one["not_after"], one["remaining_s"]) == ("2027-01-01T00:00:00Z", 31 * DAY)
    assert (found["in_order"], found["verified"], found["why_not"]) == (None, None, None)
    assert read(root)["certificates"][0]["self_signed"] is True


@pytest.mark.parametrize(
    ("key", "kind", "size"),
    [
        (rsa.generate_private_key(65537, 2048), "RSA", 2048),
        (ed25519.Ed25519PrivateKey.generate(), "Ed25519", 256),
        (ed448.Ed448PrivateKey.generate(), "Ed448", 456),
        (dsa.generate_private_key(1024), "DSA", 1024),
    ],
)
def test_keys(key, kind, size):
    one = read(Made("x", root, key=key))["certificates"][0]
    assert (one["key_type"], one["key_size"]) == (kind, size)


def test_a_chain_and_its_order():
    assert read(leaf, between, root)["in_order"] is True
    assert read(leaf, root, between)["in_order"] is False


@pytest.mark.parametrize("file", [(leaf, between), (leaf, root, between), (between,), (root,)])
def test_what_leads_to_the_authority(file):
    found = read(*file, ca=[stranger, root])
    assert (found["verified"], found["why_not"]) == (True, None)


@pytest.mark.parametrize(
    ("file", "ca", "why"),
    [
        ((leaf,), [root], "CN=leaf was issued by CN=between, which is neither trusted nor in the file"),
        ((leaf, between), [stranger], "CN=between was issued by CN=root, which is neither trusted nor in the file"),
        ((leaf, between, root), [stranger], "CN=root was issued by CN=root, which is neither trusted nor in the file"),
    ],
)
def test_what_does_not(file, ca, why):
    found = read(*file, ca=ca)
    assert (found["verified"], found["why_not"]) == (False, why)


def test_who_is_no_authority_proves_nothing():
    clerk = Made("clerk", root)
    assert read(Made("x", clerk), clerk, ca=[root])["why_not"] == "CN=x was issued by CN=clerk, which is no authority"


def test_an_end_in_the_middle_is_an_end():
    short = Made("short", root, ca=True, days=10)
    assert read(Made("x", short), short, ca=[root])["why_not"] == "CN=short ended on 2026-01-11T00:00:00Z"
    old = Made("old", ca=True, days=10)
    assert read(Made("x", old), ca=[old])["why_not"] == "CN=old ended on 2026-01-11T00:00:00Z"
    renewed = Made("old", ca=True, key=old.key)
    assert read(Made("x", old), ca=[old, renewed])["verified"] is True


def test_certificates_that_sign_each_other_end_the_walk():
    one = Made("one", ca=True)
    other = Made("other", one, ca=True)
    back = Made("one", other, ca=True, key=one.key)
    assert read(back, other, back, ca=[root])["verified"] is False


def wrong(found, valid_for=None, now=NOW):
    return certificate_chain.wrong("/x.crt", found, now, valid_for)


def test_how_long_it_has_to_be_valid():
    found = read(leaf)
    assert wrong(found) == []
    assert wrong(found, 31 * DAY) == []
    assert wrong(found, 32 * DAY) == ["/x.crt: CN=leaf ends in 31.0 days, on 2027-01-01T00:00:00Z"]
    soon = "2026-12-31T20:30:00Z"
    assert wrong(read(leaf, now=soon), DAY, soon) == ["/x.crt: CN=leaf ends in 3.5 hours, on 2027-01-01T00:00:00Z"]
    later = "2027-01-01T00:00:00Z"
    assert wrong(read(leaf, now=later), 0, later) == ["/x.crt: CN=leaf ended on 2027-01-01T00:00:00Z"]


def test_one_of_tomorrow_is_not_valid_now():
    tomorrow = Made("new", root, start=START + datetime.timedelta(days=364))
    assert wrong(read(tomorrow), 0) == ["/x.crt: CN=new is not valid before 2026-12-31T00:00:00Z"]
    assert read(tomorrow, ca=[root])["verified"] is False


def test_an_authority_that_was_asked_for():
    assert wrong(read(leaf, ca=[root]))[0].startswith("/x.crt: CN=leaf was issued by CN=between")


@pytest.mark.parametrize("text", ["", leaf.private, leaf.pem.replace("M", "\n", 1)])
def test_no_certificate_is_said_without_what_was_there(text):
    with pytest.raises(CertificateError) as error:
        certificate_chain.read(text, NOW)
    assert len(str(error.value)) < 200
    with pytest.raises(CertificateError, match="the authorities: no certificate"):
        certificate_chain.read(leaf.pem, NOW, "")


@pytest.mark.parametrize(
    ("text", "span"),
    [("30d", 30 * DAY), ("30", 30 * DAY), ("0", 0), ("1d12h", 1.5 * DAY), ("90m", 5400), ("0.5d", DAY / 2), ("1h500ms", 3600.5)],
)
def test_spans_with_days(text, span):
    assert duration.with_days(text) == span


@pytest.mark.parametrize("text", ["", "d", "-1", "3 weeks", "12 h", "1.5", "30D", "٣", "9" * 400])
def test_no_spans(text):
    assert duration.with_days(text) is None


def test_go_knows_no_days():
    assert duration.seconds("24h0m0s") == DAY
    assert duration.seconds("1d") is None
