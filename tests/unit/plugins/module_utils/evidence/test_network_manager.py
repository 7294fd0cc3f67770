# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from pathlib import Path

import pytest

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import network_manager as nm
from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence.cilium_links import LINKS

FIXTURES = Path(__file__).parents[3] / "fixtures" / "node" / "network-manager"


def files(*texts):
    return [nm.parse(text) for text in texts]


def keyfile(line):
    return f"[main]\nplugins=keyfile\n[keyfile]\n{line}\n"


def test_debian_manages_them():
    """The file of Debian 12's package."""
    (lines,) = files((FIXTURES / "NetworkManager-debian12.conf").read_text())
    assert lines[0] == nm.Line("main", "plugins", "=", "ifupdown,keyfile")
    assert nm.managed([lines]) == list(LINKS)


def test_a_list_is_set_added_to_and_taken_from():
    texts = [keyfile("unmanaged-devices=mac:00:11:22:33:44:55;eth9"), keyfile("unmanaged-devices+=interface-name:lxc*,eth9")]
    assert nm.unmanaged(files(*texts)) == ["mac:00:11:22:33:44:55", "eth9", "interface-name:lxc*"]
    assert nm.unmanaged(files(*texts, keyfile("unmanaged-devices-=eth9"))) == ["mac:00:11:22:33:44:55", "interface-name:lxc*"]
    assert nm.unmanaged(files(*texts, keyfile("unmanaged-devices="))) == []
    assert nm.unmanaged(files("[main]\nunmanaged-devices=eth9\n")) == []


@pytest.mark.parametrize(
    ("line", "managed"),
    [
        ("unmanaged-devices=interface-name:cilium*;interface-name:lxc*", []),
        ("unmanaged-devices=*", []),
        ("unmanaged-devices=*,except:type:ethernet", []),
        ("unmanaged-devices=except:interface-name:eth0", []),
        ("unmanaged-devices=*;except:interface-name:lxc*", ["lxc0a1b2c3d4e5f"]),
        ("unmanaged-devices=type:veth", ["cilium_vxlan", "cilium_wg0"]),
        ("unmanaged-devices=interface-name:=cilium*", list(LINKS)),
        ("# unmanaged-devices=*", list(LINKS)),
    ],
)
def test_what_a_list_covers(line, managed):
    assert nm.managed(files(keyfile(line))) == managed


def test_device_sections():
    section = "[device-cilium]\nmatch-device=interface-name:cilium_*;interface-name:lxc*\nmanaged={}\n"
    assert nm.managed(files(section.format(0))) == []
    assert nm.managed(files(section.format(1))) == list(LINKS)
    assert nm.managed(files("[device]\nwifi.scan-rand-mac-address=no\n")) == list(LINKS)


def test_order():
    assert nm.order(
        {
            "/usr/lib/NetworkManager/conf.d": ["10-a.conf", "20-b.conf", "README"],
            "/run/NetworkManager/conf.d": ["20-b.conf", "30-c.conf"],
            "/etc/NetworkManager/conf.d": ["30-c.conf", "05-d.conf"],
        }
    ) == [
        "/usr/lib/NetworkManager/conf.d/10-a.conf",
        "/run/NetworkManager/conf.d/20-b.conf",
        "/etc/NetworkManager/NetworkManager.conf",
        "/etc/NetworkManager/conf.d/05-d.conf",
        "/etc/NetworkManager/conf.d/30-c.conf",
    ]
