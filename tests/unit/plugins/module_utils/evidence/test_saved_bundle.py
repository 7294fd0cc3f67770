# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

import gzip
import json
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[5]
sys.path.insert(0, str(Path(__file__).parents[1] / "rules"))
sys.path.insert(0, str(ROOT / "tests"))

import evidence_schema
from firing.every import CASES
from healthy import healthy

from ansible_collections.zerotrust.baremetal.plugins.module_utils.cluster import folder
from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import saved_bundle, schema


def refusal(bundle):
    with pytest.raises(saved_bundle.SavedBundleError) as error:
        saved_bundle.read(bundle, "f.json.gz")
    text = str(error.value)
    assert text.startswith("f.json.gz: ")
    assert "\n" not in text
    return text.removeprefix("f.json.gz: ")


def damaged(path, value):
    bundle = healthy()
    *above, last = path
    here = bundle
    for step in above:
        here = here[step]
    here[last] = value
    return refusal(bundle)


def closed(form):
    """The same schema, for a bundle that has only keys it knows."""
    if isinstance(form, list):
        return [closed(one) for one in form]
    if not isinstance(form, dict):
        return form
    stricter = {key: closed(value) for key, value in form.items()}
    if "properties" in form and "object" in form.get("type", ()) and "additionalProperties" not in form:
        stricter["additionalProperties"] = False
    return stricter


@pytest.mark.parametrize("moment", ["preflight", "verify"])
def test_a_healthy_bundle_is_read(moment):
    assert saved_bundle.read(healthy(moment), "f") == healthy(moment)


TEXTS = st.text(st.characters(codec="utf-8"), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@settings(derandomize=True, deadline=None, database=None, max_examples=40)
@given(case=st.sampled_from(CASES), values=st.dictionaries(TEXTS, VALUES, max_size=3), whole=st.booleans())
def test_what_is_saved_is_read_as_it_was(tmp_path_factory, case, values, whole):
    bundle = healthy(case.moment)
    case.change(bundle)
    bundle["charts"]["cilium"]["values"] = values
    content = saved_bundle.packed(bundle)
    assert saved_bundle.packed(bundle) == content
    place = tmp_path_factory.mktemp("saved") / ("evidence.json.gz" if whole else "evidence.json")
    place.write_bytes(content if whole else gzip.decompress(content))
    assert folder.read(str(place.parent)).bundle == folder.read(str(place)).bundle == json.loads(json.dumps(bundle))


def test_every_key_that_is_collected_is_in_the_schema_and_in_its_form():
    import jsonschema_rs

    validator = jsonschema_rs.Draft202012Validator(closed(schema.BUNDLE))
    wrong = set()
    for bundle in (healthy("preflight"), healthy("verify")):
        wrong |= {(str(error.instance_path), error.message[-200:]) for error in validator.iter_errors(bundle)}
    for case in CASES:
        bundle = healthy(case.moment)
        case.change(bundle)
        wrong |= {(case.rule, str(error.instance_path), error.message[-200:]) for error in validator.iter_errors(bundle)}
    assert wrong == set()


def test_the_schema_itself_is_one():
    import jsonschema

    jsonschema.Draft202012Validator.check_schema(schema.BUNDLE)


def test_the_schema_in_the_docs_is_the_one_that_bundles_are_checked_by():
    assert evidence_schema.PAGE.read_text(encoding="utf-8") == evidence_schema.render(schema.BUNDLE), (
        "run tests/evidence_schema.py"
    )


@pytest.mark.parametrize(
    "path,value,said",
    [
        (("nodes", "n1", "links", 1, "mtu"), "1500", 'nodes.n1.links[1].mtu is "1500", expected is a whole number.'),
        (("nodes", "n1", "wireguard"), [], "nodes.n1.wireguard is [], expected is a mapping."),
        (("nodes", "n1", "ports", 0, "protocol"), "sctp", 'nodes.n1.ports[0].protocol is "sctp", expected is tcp or udp.'),
        (("nodes", "n1", "kernel", "version"), [*range(20), "x"], 'nodes.n1.kernel.version[20] is "x"'),
        (("nodes", "n1", "cni", "runtime_reads"), 7, "nodes.n1.cni.runtime_reads is 7, expected is a text or null."),
        (("api", "webhooks", 0), {"name": "w"}, "api.webhooks[0].kind is not there, expected is validating or mutating."),
        (("api", "policies", "network_policies"), ["x"], 'api.policies.network_policies[0] is "x", expected is a mapping.'),
        (("charts", "cilium"), list(range(20)), "charts.cilium is 20 entries, expected is a mapping."),
        (("collected_at",), "yesterday", 'collected_at is "yesterday", expected is a time as 2026-11-22T19:00:00Z.'),
        (("collected_at",), "2026-02-31T19:00:00Z", "expected is a day that exists."),
        (("desired", "api", "port"), 70000, "desired.api.port is 70000, expected is a whole number from 1 to 65535."),
        (("moment",), None, "moment is null, expected is plan or preflight or verify."),
    ],
)
def test_what_is_wrong_is_said_with_its_path_and_what_belongs_there(path, value, said):
    message = damaged(path, value)
    assert said in message
    assert message.endswith("Collect it again, or correct it by docs/evidence.schema.json")


def test_a_secret_in_values_of_a_bundle_that_was_made_elsewhere_is_left_out():
    bundle = healthy()
    for values in (
        *(bundle["charts"]["cilium"][key] for key in ("values", "user_values", "effective")),
        bundle["api"]["releases"]["kube-system"]["cilium"]["values"],
    ):
        values["etcd"] = {"password": "hunter2", "endpoints": ["https://admin:hunter2@etcd:2379"]}
    read = saved_bundle.read(bundle, "x")
    assert "hunter2" not in json.dumps(read)
    assert read["charts"]["cilium"]["values"]["etcd"] == {
        "password": "<redacted>",
        "endpoints": ["https://<redacted>@etcd:2379"],
    }


def test_a_key_that_a_later_collection_added_is_no_damage():
    bundle = healthy()
    bundle["nodes"]["n1"]["later"] = {"a": 1}
    assert saved_bundle.read(bundle, "f")["nodes"]["n1"]["later"] == {"a": 1}


@pytest.mark.parametrize(
    "version,said",
    [
        ("v2", "a newer one wrote it. Bring this collection up to date (ansible-galaxy collection install --upgrade"),
        ("v0", "no version of this collection writes"),
        ("", "no version of this collection writes"),
        ("v1\nx" * 400, "no version of this collection writes"),
    ],
)
def test_another_schema_is_named_with_what_to_do(version, said):
    message = refusal({**healthy(), "schema": f"zerotrust.baremetal/evidence/{version}"})
    assert said in message
    assert "reads zerotrust.baremetal/evidence/v1" in message
    assert len(message) < 700


def test_without_the_library_its_name_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "jsonschema_rs", None)
    saved_bundle._checked.cache_clear()
    assert "pip install jsonschema-rs" in refusal(healthy())
