# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
"""Our rules and Gatekeeper's own engine (gator) on the same templates and constraints, where both judge the same thing."""

from __future__ import annotations

import json
import subprocess

import judged
import pytest
import yaml
from ztlab import go, paths

PLATFORM = "kube-system"
POLICY = paths.CHECKOUT / "policies" / "privileged-containers" / "template.yaml"
CONSTRAINTS = {one["metadata"]["name"]: one for one in judged.corpus("constraints")}
TEMPLATES = {one["metadata"]["name"]: one for one in judged.corpus("templates")}

POD = {"containers": [{"name": "c", "image": "registry.example.com/c:1", "securityContext": {"privileged": True}}]}
META = {"namespace": PLATFORM, "name": "pod"}
# What makes the platform's pods: whichever is refused, the pod is not made.
PLATFORM_OBJECTS = [
    {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": PLATFORM, "labels": {"kubernetes.io/metadata.name": PLATFORM}},
    },
    {"apiVersion": "v1", "kind": "Pod", "metadata": META, "spec": POD},
    *(
        {"apiVersion": "apps/v1", "kind": kind, "metadata": META, "spec": {"template": {"spec": POD}}}
        for kind in ("DaemonSet", "Deployment", "ReplicaSet")
    ),
]


def gator(tmp_path, *objects):
    """Return what Gatekeeper finds on the platform's objects, or what it says when it does not take the policy."""
    path = tmp_path / "objects.yaml"
    path.write_text(yaml.safe_dump_all([*objects, *PLATFORM_OBJECTS]))
    done = subprocess.run(
        [go.binaries("gatekeeper").path / "gator", "test", "-f", path, "-o", "json"], capture_output=True, text=True, check=False
    )
    try:
        return json.loads(done.stdout) or [], ""
    except ValueError:
        return None, done.stdout + done.stderr


def ours(rule, tmp_path, *objects):
    path = tmp_path / "ours.yaml"
    path.write_text(yaml.safe_dump_all([*objects, PLATFORM_OBJECTS[0]]))
    return judged.of_file(rule, path)


# --- Which constraints strike the platform (ZT-GK-019) ---

# gator refuses it, and so does Gatekeeper: it strikes nobody, and ZT-GK-016 says that it is wrong.
REFUSED = {"scoped-without-entries"}
# Whom labels and names select is not in the evidence, so that ours does not know it.
UNKNOWN = {"of-some-labels", "of-a-name"}


def strikes(found):
    """Return whether something is denied. Of a scoped constraint gator says only that it is scoped."""
    return any(one["enforcementAction"] in ("deny", "scoped") for one in found)


@pytest.mark.parametrize("name", [one for one in CONSTRAINTS if one not in REFUSED])
def test_a_constraint_strikes_the_platform_where_gatekeeper_says_so(tmp_path, name):
    constraint = CONSTRAINTS[name]
    found, said = gator(tmp_path, yaml.safe_load(POLICY.read_text()), constraint)
    assert found is not None, said
    scoped = constraint["spec"].get("scopedEnforcementActions") or []
    denies = strikes(found) and (
        constraint["spec"].get("enforcementAction") != "scoped" or any(one["action"] == "deny" for one in scoped)
    )
    said = ours("ZT-GK-019", tmp_path, constraint)
    if name in UNKNOWN:
        assert set(said.values()) == {"UNKNOWN"}
    else:
        assert said.get(f"ZTPrivilegedContainers {name}", "PASS") == ("FAIL" if denies else "PASS")


def test_the_corpus_of_constraints_has_both(tmp_path):
    path = judged.CORPUS / "constraints.yaml"
    for rule in ("ZT-GK-014", "ZT-GK-016"):
        assert 0 < len(judged.failing(judged.of_file(rule, path))) < len(CONSTRAINTS)


# --- What Gatekeeper makes of actions (ZT-GK-014, ZT-GK-016) ---


@pytest.mark.parametrize("name", [one for one, it in CONSTRAINTS.items() if it["spec"].get("scopedEnforcementActions")])
def test_scoped_actions_are_ignored_where_gatekeeper_ignores_them(tmp_path, name):
    found, said = gator(tmp_path, yaml.safe_load(POLICY.read_text()), CONSTRAINTS[name])
    assert found, said
    ignored = {one["enforcementAction"] for one in found} != {"scoped"}
    assert bool(judged.failing(ours("ZT-GK-014", tmp_path, CONSTRAINTS[name]))) == ignored


@pytest.mark.parametrize("name", CONSTRAINTS)
def test_an_action_is_known_where_gatekeeper_knows_it(tmp_path, name):
    found, said = gator(tmp_path, yaml.safe_load(POLICY.read_text()), CONSTRAINTS[name])
    wrong = judged.failing(ours("ZT-GK-016", tmp_path, CONSTRAINTS[name]))
    if name == "of-no-known-action":
        # gator passes on any word as it is; that such a word is refused is the webhook's work. It is none of those that act.
        assert {one["enforcementAction"] for one in found} == {"dney"}
        assert wrong
    else:
        assert bool(wrong) == (found is None), said


# --- In which language a template is read (ZT-GK-011, ZT-GK-013) ---


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_is_read_as_gatekeeper_reads_it(tmp_path, name):
    template = TEMPLATES[name]
    constraint = {
        "apiVersion": "constraints.gatekeeper.sh/v1beta1",
        "kind": template["spec"]["crd"]["spec"]["names"]["kind"],
        "metadata": {"name": "x"},
        "spec": {},
    }
    found, said = gator(tmp_path, template, constraint)
    misread = judged.failing(ours("ZT-GK-011", tmp_path, template))
    assert bool(misread) == (found is None), said
    if found is None:
        assert "rego" in said
        return
    heard = {one["msg"] for one in found}
    assert heard
    written = {
        at for target in template["spec"]["targets"] for at in ("field", "code") if ("rego" if at == "field" else at) in target
    }
    unread = judged.failing(ours("ZT-GK-013", tmp_path, template))
    assert bool(unread) == (len(written) > 1)
    if unread:
        assert heard == {"field"}, "the field wins"
