# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Flags of the kubelet count more than its file, and no kubelet obeys nobody."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from healthy import healthy

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import kubelet
from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence.bundle import Evidence
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules import engine
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules.catalogue import RULES
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules.rule import STAGES

RULE = next(rule for rule in RULES if rule.id == "ZT-NODE-060")
SAFE = ["--anonymous-auth=false", "--authorization-mode=Webhook"]


def verdict(bundle):
    found = {one.subject: one.verdict for one in engine.run(Evidence(bundle), [RULE], bundle["moment"], STAGES).findings}
    return found.get("n1")


def with_kubelet(**changes):
    bundle = healthy()
    bundle["nodes"]["n1"]["kubelet"].update(changes)
    return bundle


def test_flags_alone_have_to_say_it():
    assert verdict(with_kubelet(args=SAFE, config={})) == "PASS"
    assert verdict(with_kubelet(args=SAFE[:1], config={})) == "FAIL"
    assert verdict(with_kubelet(args=["--config=/etc/k.yaml"], config={})) == "PASS"


def test_a_flag_overrides_the_file():
    config = {"authentication": {"anonymous": {"enabled": True}}}
    assert verdict(with_kubelet(args=["--config=/etc/k.yaml"], config=config)) == "FAIL"
    assert verdict(with_kubelet(args=["--config=/etc/k.yaml", *SAFE], config=config)) == "PASS"
    assert verdict(with_kubelet(args=["--config=/etc/k.yaml", "--anonymous-auth"], config={})) == "FAIL"


def test_what_was_not_read_is_not_known_and_no_kubelet_is_no_subject():
    bundle = with_kubelet(args=["--config=/etc/k.yaml"])
    del bundle["nodes"]["n1"]["kubelet"]["config"]
    assert verdict(bundle) == "UNKNOWN"
    assert verdict(with_kubelet(running=False)) is None


def test_the_flags_are_collected():
    arguments = ["kubelet", "--anonymous-auth=false", "--authorization-mode", "Webhook", "--read-only-port=0", "--v=2"]
    assert kubelet.flags(arguments) == ["--anonymous-auth=false", "--authorization-mode=Webhook", "--read-only-port=0"]
