# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the rules say of distributions that the lab does not run, from their own files (fixtures/node/distributions)."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from firing.case import values
from firing.node_firewall import firewalld
from healthy import healthy

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import kernel, os_release, sysctl
from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence.bundle import Evidence
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node import baseline_files
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules import engine
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules.catalogue import RULES
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules.rule import STAGES

FIXTURES = Path(__file__).parents[3] / "fixtures" / "node" / "distributions"
DEFAULT = "net.ipv4.conf.default.rp_filter = 2\nnet.ipv4.conf.*.rp_filter = 2\n-net.ipv4.conf.all.rp_filter\n"
LINK = "net.ipv4.conf.lxc0.rp_filter"


def text(name):
    return (FIXTURES / name).read_text()


def node_of(bundle, system, release=None, config=None):
    node = bundle["nodes"]["n1"]
    node["os"] = os_release.parse(text(f"os-release-{system}"))
    if release:
        node["kernel"].update(release=release, version=kernel.version(release))
    if config:
        node["kernel"]["config"] = kernel.config(text(config))
    return node


def finding(bundle, rule):
    chosen = [one for one in RULES if one.id == rule]
    return next(one for one in engine.run(Evidence(bundle), chosen, bundle["moment"], STAGES).findings if one.subject == "n1")


@pytest.mark.parametrize(
    ("system", "release", "verdict"),
    [
        ("centos8", "4.18.0-348.7.1.el8_5.x86_64", "FAIL"),
        ("rhel8", "4.18.0-553.el8_10.x86_64", "PASS"),
        ("almalinux9", "5.14.0-362.8.1.el9_3.x86_64", "PASS"),
        ("rhel10", "6.12.0-55.9.1.el10_0.x86_64", "PASS"),
        ("sles15", "5.14.21-150500.53-default", "PASS"),
        ("ubuntu24", "6.8.0-38-generic", "PASS"),
        # The number alone would do on no other system.
        ("ubuntu24", "4.18.0-553.el8_10.x86_64", "FAIL"),
    ],
)
def test_the_floor_of_the_kernel_counts_what_was_ported_back(system, release, verdict):
    bundle = healthy("preflight")
    node_of(bundle, system, release)
    assert finding(bundle, "ZT-NODE-001").verdict == verdict


@pytest.mark.parametrize(
    ("system", "config", "wireguard"),
    [
        ("centos8", "config-el8", "n"),
        ("almalinux9", "config-el9", "m"),
        ("rhel10", "config-el10", "m"),
        ("sles15", "config-sles15", "m"),
        ("ubuntu24", "config-ubuntu24", "m"),
    ],
)
@pytest.mark.parametrize(
    ("rule", "needed"), [("ZT-NODE-004", "CONFIG_NET_CLS_BPF"), ("ZT-NODE-005", "CONFIG_NETFILTER_XT_TARGET_TPROXY")]
)
def test_kernels_of_distributions_are_built_with_what_cilium_needs_but_for_wireguard_on_rhel_8(
    system, config, wireguard, rule, needed
):
    bundle = healthy("preflight")
    values(bundle, "cilium", l7Proxy=True)
    options = node_of(bundle, system, config=config)["kernel"]["config"]
    assert options["CONFIG_WIREGUARD"] == wireguard
    assert finding(bundle, rule).verdict == "PASS"
    options[needed] = "n"
    said = finding(bundle, rule)
    assert (said.verdict, said.message) == ("FAIL", f"off in this kernel: {needed}")


@pytest.mark.parametrize(
    ("system", "version", "verdict"),
    [
        ("centos8", "0.9.3", "FAIL"),
        ("rhel8", "0.9.11", "FAIL"),
        ("almalinux9", "1.2.5", "UNKNOWN"),
        ("rhel10", "2.3.0", "PASS"),
        ("sles15", "1.2.5", "FAIL"),
    ],
)
def test_what_red_hat_may_have_ported_back_into_firewalld_counts_for_its_family_alone(system, version, verdict):
    bundle = healthy("preflight")
    node_of(bundle, system)
    firewalld(bundle, "n1", version=version)
    assert finding(bundle, "ZT-NODE-052").verdict == verdict


def test_our_file_has_the_last_word_over_red_hats_about_links_of_pods():
    wanted = [baseline_files.Sysctl(sysctl.canonical("net.ipv4.conf.lxc*.rp_filter"), "0", "pods")]
    files = [("/usr/lib/sysctl.d/50-default.conf", DEFAULT), ("/usr/lib/sysctl.d/50-redhat.conf", text("50-redhat.conf"))]
    parsed = [(path, sysctl.parse(content)) for path, content in files]
    assert sysctl.winner(sysctl.effective(LINK, parsed))["value"] == "1"
    # Neither speaks of all links at once.
    assert sysctl.effective("net.ipv4.conf.all.rp_filter", parsed) == []
    parsed.append((sysctl.OURS, sysctl.parse(baseline_files.sysctls(wanted))))
    assert sysctl.winner(sysctl.effective(LINK, parsed)) == {
        "path": sysctl.OURS,
        "value": "0",
        "pattern": "net.ipv4.conf.lxc*.rp_filter",
    }


def test_a_node_of_the_rhel_family_that_nobody_prepared_filters_the_links_of_pods():
    bundle = healthy("verify")
    parsed = [("/usr/lib/sysctl.d/50-redhat.conf", sysctl.parse(text("50-redhat.conf")))]
    setting = {"value": "1", "files": sysctl.effective(LINK, parsed)}
    node_of(bundle, "almalinux9")["sysctls"]["net.ipv4.conf.lxc*.rp_filter"] = setting
    said = finding(bundle, "ZT-NODE-042")
    assert said.verdict == "FAIL"
    assert "/usr/lib/sysctl.d/50-redhat.conf sets net.ipv4.conf.*.rp_filter = 1 at the next boot" in said.message
