# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

import shutil

import pytest
from machine import FIXTURES, RELEASE

from ansible_collections.zerotrust.baremetal.plugins.module_utils.node import boot
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.host import Unreadable

NEXT = "6.12.120+deb13-cloud-amd64"


@pytest.fixture
def upgraded(node):
    """The node, with a newer kernel beside the running one."""
    node.put(f"/boot/vmlinuz-{RELEASE}")
    node.put(f"/boot/vmlinuz-{NEXT}")
    shutil.copytree(f"{node.root}/lib/modules/{RELEASE}", f"{node.root}/lib/modules/{NEXT}")
    return node


def test_the_running_kernel_needs_no_second_look(node):
    node.put(f"/boot/vmlinuz-{RELEASE}")
    assert boot.following(node, RELEASE) == {"release": RELEASE, "chosen_by": "newest installed", "version": [6, 12, 107]}


def test_the_newest_and_its_modules(upgraded):
    found = boot.following(upgraded, RELEASE)
    assert (found["release"], found["chosen_by"]) == (NEXT, "newest installed")
    assert found["modules"]["wireguard"] is True
    upgraded.remove(f"/lib/modules/{NEXT}/kernel/drivers/net/wireguard/wireguard.ko.xz")
    assert boot.following(upgraded, RELEASE)["modules"]["wireguard"] is False


def test_the_boot_loader_has_the_last_word(upgraded):
    menu = (FIXTURES / "boot" / "grub-debian13.cfg").read_text()
    upgraded.put("/boot/grub/grub.cfg", menu.replace("6.12.100+deb13-amd64", NEXT).replace("6.12.96+deb13-amd64", RELEASE))
    assert boot.following(upgraded, RELEASE)["release"] == NEXT
    upgraded.put("/boot/grub/grubenv", "next_entry=1>2\n")
    found = boot.following(upgraded, RELEASE)
    assert (found["release"], found["chosen_by"]) == (RELEASE, "boot loader")


def test_boot_loader_specification(upgraded):
    fixtures = FIXTURES / "boot"
    upgraded.put("/boot/grub2/grub.cfg", (fixtures / "grub-rhel9.cfg").read_text())
    for path in (fixtures / "entries-rhel9").iterdir():
        text = path.read_text().replace("5.14.0-427.13.1.el9_4.x86_64", NEXT).replace("5.14.0-362.24.1.el9_3.x86_64", RELEASE)
        upgraded.put(f"/boot/loader/entries/{path.name}", text)
    upgraded.put("/boot/grub2/grubenv", "saved_entry=6b3f2a1c9d8e4f5a0b1c2d3e4f5a6b7c-5.14.0-362.24.1.el9_3.x86_64\n")
    found = boot.following(upgraded, RELEASE)
    assert (found["release"], found["chosen_by"]) == (RELEASE, "boot loader")


def test_a_menu_of_a_kernel_that_is_gone_is_not_believed(upgraded):
    upgraded.put("/boot/grub/grub.cfg", (FIXTURES / "boot" / "grub-debian13.cfg").read_text())
    assert boot.following(upgraded, RELEASE)["chosen_by"] == "newest installed"


def test_no_image_is_a_gap(node):
    with pytest.raises(Unreadable, match="image of a kernel"):
        boot.following(node, RELEASE)
