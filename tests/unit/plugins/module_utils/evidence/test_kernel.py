# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from pathlib import Path

import pytest

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import kernel

FIXTURES = Path(__file__).parents[3] / "fixtures" / "node"


@pytest.mark.parametrize(
    ("release", "version"),
    [
        ("6.12.107+deb13-cloud-amd64", [6, 12, 107]),
        ("4.18.0-553.el8_10.x86_64", [4, 18, 0]),
        ("6.8-custom", [6, 8, 0]),
        ("what", None),
        ("", None),
    ],
)
def test_version(release, version):
    assert kernel.version(release) == version


def test_config_of_a_debian_13_kernel():
    config = kernel.config((FIXTURES / "config-debian13").read_text())
    assert set(config) == set(kernel.CONFIG_OPTIONS)
    assert config["CONFIG_BPF_SYSCALL"] == "y"
    assert config["CONFIG_WIREGUARD"] == "m"


def test_config_not_set_and_unmentioned_are_n():
    config = kernel.config("# CONFIG_BPF is not set\nCONFIG_VXLAN=m\n", ["CONFIG_BPF", "CONFIG_VXLAN", "CONFIG_GENEVE"])
    assert config == {"CONFIG_BPF": "n", "CONFIG_VXLAN": "m", "CONFIG_GENEVE": "n"}


@pytest.mark.parametrize("text", ["", "hello", "\x00\x00", "CONFIG_X"])
def test_config_of_something_else(text):
    assert kernel.config(text) is None


def test_module_lists_of_a_debian_13_kernel():
    files = kernel.dependencies((FIXTURES / "modules.dep").read_text())
    assert files["wireguard"] == "kernel/drivers/net/wireguard/wireguard.ko.xz"
    assert files["xt_REDIRECT"].endswith("xt_REDIRECT.ko.xz")
    builtin = kernel.builtin((FIXTURES / "modules.builtin").read_text())
    assert "nfnetlink" not in files and len(builtin) > 100


def test_loaded():
    text = "wireguard 114688 0 - Live 0x0000000000000000\nip6-udp-tunnel 16384 2 wireguard,vxlan, Live 0x0\n"
    assert kernel.loaded(text) == {"wireguard", "ip6_udp_tunnel"}


def test_modprobe():
    blacklisted, install = kernel.modprobe(
        "# blacklist vxlan\nblacklist wire-guard\nblacklist\n"
        "install br_netfilter \\\n /bin/false\ninstall geneve /sbin/modprobe --ignore-install geneve\n"
    )
    assert blacklisted == {"wire_guard"}
    assert kernel.refuses(install["br_netfilter"]) and not kernel.refuses(install["geneve"])
    assert not kernel.refuses("")
