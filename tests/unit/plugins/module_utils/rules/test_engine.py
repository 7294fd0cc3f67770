# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

import datetime
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from healthy import healthy

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence.bundle import Evidence, Missing
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules import engine
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules.rule import STAGES, Catalogue, Fail, Pass

DAY = datetime.date(2026, 11, 22)


def rule(check, severity="high", stages=("network",), **registered):
    made = Catalogue("network").rule(
        "ZT-TST-001", severity, stages=stages, title="t", why="w", remediation="the rule's fix", source="https://example.org"
    )
    made.check(**registered)(check)
    return made


def run(check, bundle=None, **fields):
    bundle = bundle or healthy()
    return engine.run(Evidence(bundle), [rule(check, **fields)], bundle["moment"], STAGES)


def test_what_is_absent_ends_as_unknown_with_the_collectors_reason():
    bundle = healthy()
    del bundle["api"]["nodes"]
    bundle["missing"].append({"path": "api.nodes", "reason": "403: forbidden"})
    (one,) = run(lambda ev: Pass(str(ev.api.view("nodes")["node1"])), bundle).findings
    assert (one.verdict, one.message, one.missing) == ("UNKNOWN", "403: forbidden", "api.nodes")


def test_what_nobody_said_anything_about_is_unknown_too():
    (one,) = run(lambda ev: Pass(ev.api["nothing"])).findings
    assert (one.verdict, one.message) == ("UNKNOWN", "not in the evidence")


def test_a_missing_path_may_leave_out_names_in_between():
    bundle = healthy()
    for module in bundle["nodes"]["n1"]["modules"].values():
        del module["loadable"]
    bundle["nodes"]["n1"]["missing"] = [{"path": "modules.loadable", "reason": "no modules.dep"}]
    with pytest.raises(Missing, match=r"no modules\.dep"):
        Evidence(bundle).node("n1").view("modules").view("wireguard")["loadable"]


def test_an_optional_key_is_no_pass_when_it_could_not_be_read():
    bundle = healthy()
    del bundle["api"]["enrolled_pods"]
    assert Evidence(bundle).api.get("enrolled_pods", 7) == 7
    bundle["missing"].append({"path": "api.enrolled_pods", "reason": "timeout"})
    with pytest.raises(Missing, match="timeout"):
        Evidence(bundle).api.get("enrolled_pods", 7)


def test_a_sysctl_with_dots_in_its_name_is_found_missing():
    bundle = healthy()
    bundle["nodes"]["n1"]["sysctls"] = {}
    bundle["nodes"]["n1"]["missing"] = [{"path": "sysctls.net.ipv4.conf.all.rp_filter", "reason": "permission denied"}]
    with pytest.raises(Missing, match="permission denied"):
        Evidence(bundle).node("n1").view("sysctls").view("net.ipv4.conf.all.rp_filter")


def test_a_fault_of_a_rule_is_unknown_and_never_a_traceback():
    (one,) = run(lambda ev: 1 / 0).findings
    assert one.verdict == "UNKNOWN"
    assert "ZeroDivisionError" in one.message


def test_findings_before_a_gap_are_kept():
    def check(ev):
        yield Fail("one", subject="a")
        ev.api["nothing"]
        yield Fail("two", subject="b")

    assert [(one.subject, one.verdict) for one in run(check).findings] == [("a", "FAIL"), ("cluster", "UNKNOWN")]


def test_none_is_no_finding():
    assert run(lambda ev: None).findings == []


def test_the_fix_is_that_of_the_case_or_of_the_rule():
    assert run(lambda ev: Fail("x", "its own")).findings[0].remedy == "its own"
    assert run(lambda ev: Fail("x")).findings[0].remedy == "the rule's fix"


def test_what_was_read_stands_behind_the_finding():
    (one,) = run(lambda ev: Fail(ev.desired.view("features")["routing"])).findings
    assert {"path": "desired.features.routing", "value": "tunnel"} in one.seen


def test_what_was_read_of_each_node_names_that_node():
    bundle = healthy()
    both = {host: f"kernel of {host}" for host in bundle["nodes"]}
    for host, release in both.items():
        bundle["nodes"][host]["kernel"]["release"] = release

    def asked(ev, host):
        return Pass(ev.node(host).view("kernel")["release"] + ev.node("n1").view("kernel")["release"])

    findings = run(asked, bundle, each=lambda ev: list(both)).findings
    assert {one.subject: list(one.seen) for one in findings} == {
        host: [{"path": f"nodes.{name}.kernel.release", "value": both[name]} for name in dict.fromkeys((host, "n1"))]
        for host in both
    }


def test_a_subject_may_be_called_as_a_part_of_the_evidence_is():
    def asked(ev, _host):
        return Pass(ev.desired.view("features")["routing"])

    findings = run(asked, each=lambda ev: ["desired", "n1"]).findings
    assert [list(one.seen) for one in findings] == [[{"path": "desired.features.routing", "value": "tunnel"}]] * 2


def test_what_was_looked_for_in_vain_stands_behind_the_finding():
    (one,) = run(lambda ev: Pass(str(ev.charts.view("cilium").view("values").get("nothing")))).findings
    assert list(one.seen) == [{"path": "charts.cilium.values.nothing", "value": "null"}]


def test_a_path_below_a_list_or_a_key_that_is_a_number_is_found_again():
    bundle = healthy()
    bundle["charts"]["cilium"]["values"] = {"ports": {80: ["a", "b"]}}
    (one,) = run(lambda ev: Pass(ev.charts.view("cilium").view("values").view("ports")[80][1]), bundle).findings
    assert list(one.seen) == [{"path": "charts.cilium.values.ports.80.1", "value": "b"}]


def test_only_rules_of_the_stage_and_moment_are_asked():
    check = rule(lambda ev: Pass("x"), moments=("preflight",), stages=("mesh",))
    bundle = healthy()
    assert engine.run(Evidence(bundle), [check], "verify", STAGES).rules_run == 0
    assert engine.run(Evidence(bundle), [check], "preflight", ["node"]).rules_run == 0
    assert engine.run(Evidence(bundle), [check], "preflight", ["mesh"]).rules_run == 1


def accepted(entries, check=lambda ev: Fail("x", subject="node1")):
    result = run(check)
    engine.accept(result, entries, ["ZT-TST-001"], DAY)
    engine.gate(result)
    return result


def entry(**fields):
    return {"id": "ZT-TST-001", "subject": "node1", "reason": "known", "until": "2026-12-31", **fields}


SUBJECTS = st.text(st.sampled_from("ab*?[]!-./: \n\\é"), min_size=1, max_size=12)


@settings(derandomize=True, deadline=None, database=None, max_examples=300)
@given(subject=SUBJECTS, other=SUBJECTS, cuts=st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=3))
def test_an_asterisk_stands_for_any_text_and_nothing_else_for_anything(subject, other, cuts):
    pattern = subject
    for one, two in cuts:
        pattern = pattern[: min(one, two)] + "*" + pattern[max(one, two) :]
    assert not accepted([entry(subject=pattern)], check=lambda ev: Fail("x", subject=subject)).stopped
    without = subject.replace("*", "")
    if without:
        covered = not accepted([entry(subject=without)], check=lambda ev: Fail("x", subject=other)).stopped
        assert covered == (without == other)


def test_an_accepted_finding_is_shown_and_does_not_stop():
    result = accepted([entry()])
    assert result.findings[0].accepted["reason"] == "known"
    assert not result.stopped
    assert result.counts()["accepted"] == 1
    assert result.counts()["FAIL"] == 0


def test_subjects_may_be_patterns():
    assert not accepted([entry(subject="node*")]).stopped
    assert accepted([entry(subject="web*")]).stopped


def test_the_last_day_counts_and_the_day_after_does_not():
    assert not accepted([entry(until="2026-11-22")]).stopped
    result = accepted([entry(until="2026-11-21")])
    assert result.stopped
    assert result.findings[0].expired["until"] == "2026-11-21"


@pytest.mark.parametrize(
    "wrong,says",
    [
        ({"id": "ZT-NOT-999"}, "no rule"),
        ({"id": None}, "neither id nor layer"),
        ({"layer": "cloud"}, "Layers are node, network, policy, mesh, pod"),
        ({"reason": " "}, "reason"),
        ({"until": "soon"}, "2027-01-31"),
        ({"until": None}, "until"),
    ],
)
def test_a_wrong_entry_is_an_error(wrong, says):
    with pytest.raises(engine.InputError, match=says):
        accepted([entry(**wrong)])


def test_an_entry_may_be_about_a_layer():
    assert not accepted([entry(id=None, layer="network")]).stopped
    assert accepted([entry(id=None, layer="mesh")]).stopped
    assert accepted([entry(layer="mesh")]).stopped
    assert not accepted([entry(layer="network")]).stopped
    assert accepted([entry(id=None, layer="network", subject="node2")]).stopped


def test_an_entry_of_a_layer_says_nothing_of_what_passes():
    result = accepted([entry(id=None, layer="network")], check=lambda ev: Pass("x", subject="node1"))
    assert result.findings[0].accepted is None
    assert result.unused


def annotated(text, subject, kind="Namespace", namespace="", name="shop", change=lambda bundle: None):
    bundle = healthy()
    change(bundle)
    bundle["api"]["acceptances"] = [{"kind": kind, "namespace": namespace, "name": name, "text": text}]
    evidence = Evidence(bundle)
    result = engine.run(evidence, [rule(lambda ev: Fail("x", subject=subject))], "verify", STAGES)
    engine.accept_annotated(result, evidence, ["ZT-TST-001"], DAY)
    engine.gate(result)
    return result


LINE = "ZT-TST-001 until 2026-12-31: ticket 4711: known"


@pytest.mark.parametrize(
    "subject,kind,namespace,name",
    [
        ("namespace shop", "Namespace", "", "shop"),
        ("pod shop/web", "Pod", "shop", "web"),
        ("n1", "Node", "", "node1"),
        ("node1", "Node", "", "node1"),
        ("webhook validation.gatekeeper.sh", "ValidatingWebhookConfiguration", "", "gatekeeper-validating-webhook-configuration"),
        ("template k8sprivileged", "ConstraintTemplate", "", "k8sprivileged"),
        ("template K8sPrivileged", "ConstraintTemplate", "", "k8sprivileged"),
        ("K8sPrivileged no-privileged", "K8sPrivileged", "", "no-privileged"),
        ("NetworkPolicy shop/deny", "NetworkPolicy", "shop", "deny"),
        ("Deployment istio-system/istiod", "Deployment", "istio-system", "istiod"),
    ],
)
def test_an_object_accepts_what_is_found_about_it_and_nothing_else(subject, kind, namespace, name):
    result = annotated(f"{LINE}\n\nZT-TST-002 until 2026-12-31: other", subject, kind, namespace, name)
    assert not result.stopped
    assert result.findings[0].accepted["reason"] == "ticket 4711: known"
    assert kind in result.findings[0].accepted["source"]
    assert annotated(LINE, f"{subject}2", kind, namespace, name).stopped
    assert annotated(LINE, subject, kind, namespace, f"{name}2").stopped


def test_an_object_s_acceptance_ends_too():
    result = annotated(LINE.replace("2026-12-31", "2026-11-21"), "namespace shop")
    assert result.stopped
    assert result.findings[0].expired["until"] == "2026-11-21"
    assert result.expired


@pytest.mark.parametrize(
    "text",
    ["", "ZT-TST-001", "ZT-TST-001 until 2026-12-31", "ZT-TST-001 until 2026-12-31: ", "* until 2026-12-31: x", "\0 until"],
)
def test_what_cannot_be_read_of_an_annotation_accepts_nothing(text):
    assert annotated(text, "namespace shop").stopped


def test_an_annotation_that_nothing_was_found_for_is_told_where_its_rule_was_asked():
    (one,) = annotated(LINE, "namespace other").unused
    assert (one["source"], one["subject"]) == ("the annotation of Namespace shop", "Namespace shop")


def test_an_entry_that_nothing_was_found_for_is_told():
    assert accepted([entry()], check=lambda ev: Pass("x")).unused


@pytest.mark.parametrize(
    "severity,fail,unknown", [("blocker", True, True), ("high", True, False), ("medium", False, False), ("low", False, False)]
)
def test_the_gate_as_it_is_unless_told_otherwise(severity, fail, unknown):
    for check, stops in (
        (lambda ev: Fail("x"), fail),
        (lambda ev: Pass(ev.api["nothing"]), unknown),
        (lambda ev: Pass("x"), False),
    ):
        result = run(check, severity=severity)
        engine.gate(result)
        assert result.stopped is stops


def test_the_gate_is_data():
    result = run(lambda ev: Fail("x"), severity="low")
    engine.gate(result, {"fail": ["low"], "unknown": []})
    assert result.stopped
    engine.gate(result, {"fail": []})
    assert not result.stopped


def test_a_failing_value_is_named_with_the_line_it_stands_in():
    bundle = healthy()
    bundle["charts"]["cilium"]["origins"] = {"cni.exclusive": "cilium.values.yaml:4", "cni": "cilium.values.yaml:3"}

    def check(evidence):
        value = evidence.charts.view("cilium").view("effective").find("cni.exclusive")
        evidence.charts.view("cilium").view("effective").find("kubeProxyReplacement")
        return Fail(f"it is {value}")

    (one,) = run(check, bundle).findings
    assert one.message.endswith(" (cilium.values.yaml:4)")
    bundle["charts"]["cilium"]["origins"] = {}
    assert "(" not in run(check, bundle).findings[0].message


def test_rules_of_other_stages_and_moments_are_counted_as_not_asked():
    rules = [
        rule(lambda ev: None),
        rule(lambda ev: None, moments=("verify",)),
        rule(lambda ev: None, stages=("mesh",)),
    ]
    assert engine.not_asked(rules, "preflight", ["network"]) == 2
    assert engine.not_asked(rules, "verify", STAGES) == 0
