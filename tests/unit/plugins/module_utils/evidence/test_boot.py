# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from pathlib import Path

import pytest

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import boot, kernel, versions

FIXTURES = Path(__file__).parents[3] / "fixtures" / "node" / "boot"


def text(name):
    return (FIXTURES / name).read_text()


def entries():
    return {path.name: boot.specification(path.read_text()) for path in (FIXTURES / "entries-rhel9").iterdir()}


def test_debian_starts_the_first_of_its_menu():
    assert boot.by_menu(text("grub-debian13.cfg"), {}) == "6.12.100+deb13-amd64"


@pytest.mark.parametrize(
    ("chosen", "release"),
    [
        ("1>2", "6.12.96+deb13-amd64"),
        ("Advanced options for Debian GNU/Linux>Debian GNU/Linux, with Linux 6.12.96+deb13-amd64", "6.12.96+deb13-amd64"),
        ("gnulinux-simple-452e94f8-0a67-4848-8598-f2fa0aaca72d", "6.12.100+deb13-amd64"),
        ("1>9", None),
        ("Windows", None),
        ("1", None),
    ],
)
def test_a_choice_for_the_next_boot_only(chosen, release):
    assert boot.by_menu(text("grub-debian13.cfg"), {"next_entry": chosen}) == release


def test_a_kept_choice():
    saved = boot.environment(text("grubenv-sles15"))
    assert boot.by_menu(text("grub-sles15.cfg"), saved) == "6.4.0-150600.23.53-default"
    assert boot.by_menu(text("grub-sles15.cfg"), {}) == "6.4.0-150600.23.60-default"


def test_entries_of_the_boot_loader_specification():
    saved = boot.environment(text("grubenv-rhel9"))
    assert boot.by_specification(entries(), saved) == "5.14.0-427.13.1.el9_4.x86_64"
    older = {"saved_entry": "6b3f2a1c9d8e4f5a0b1c2d3e4f5a6b7c-5.14.0-362.24.1.el9_3.x86_64"}
    assert boot.by_specification(entries(), older) == "5.14.0-362.24.1.el9_3.x86_64"
    assert boot.by_specification(entries(), {}) == "5.14.0-427.13.1.el9_4.x86_64"
    assert boot.by_specification(entries(), {"saved_entry": "gone"}) is None


def test_newest_by_numbers():
    assert boot.newest(["6.1.0-9-amd64", "6.1.0-41-amd64", "5.15.0-100-generic"]) == "6.1.0-41-amd64"
    assert boot.newest(["5.14.0-427.el9.x86_64", "5.14.0-427.13.1.el9_4.x86_64"]) == "5.14.0-427.13.1.el9_4.x86_64"
    assert boot.newest([]) is None


@pytest.mark.parametrize("text", ["", "}\n}\n", "menuentry {\n", "set default=\nmenuentry 'x' {\nlinux\n}\n", "{" * 9000])
def test_a_menu_that_says_nothing(text):
    assert boot.by_menu(text, {}) is None


def test_lockdown_and_secure_boot():
    assert kernel.lockdown("none [integrity] confidentiality\n") == "integrity"
    assert kernel.lockdown("") is None
    assert kernel.secure_boot(b"\x06\x00\x00\x00\x01") is True
    assert kernel.secure_boot(b"\x06\x00\x00\x00\x00") is False
    assert kernel.secure_boot(b"") is False


@pytest.mark.parametrize(
    ("kernel_version", "cilium", "broken"),
    [
        ((6, 18, 5), "1.20.2", True),
        ((6, 18, 6), "1.20.2", False),
        ((7, 2, 0), "1.20.0", True),
        ((7, 2, 3), "1.20.2", False),
        ((7, 2, 0), "1.19.7", True),
        ((6, 12, 107), "1.20.2", False),
    ],
)
def test_kernels_that_break_cilium(kernel_version, cilium, broken):
    assert bool(versions.broken_kernel(kernel_version, cilium)) is broken
