# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from pathlib import Path

import pytest

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import networkd_match
from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence.cilium_links import LINKS

FIXTURES = Path(__file__).parents[3] / "fixtures" / "node" / "networkd"
VETH = ["cilium_host", "lxc0a1b2c3d4e5f"]


def taken(*texts):
    return list(networkd_match.taken((f"/{number}", networkd_match.parse(text)) for number, text in enumerate(texts)))


def test_debians_own_files_take_none():
    """The .network files of Debian 13's package systemd."""
    files = sorted(FIXTURES.glob("*.network"))
    assert len(files) == 8
    assert networkd_match.taken((path.name, networkd_match.parse(path.read_text())) for path in files) == {}


@pytest.mark.parametrize(
    ("match", "links"),
    [
        ("Name=eth0", []),
        ("Name=en* eth*", []),
        ("Name=!lo docker*", list(LINKS)),
        ("Name=*", list(LINKS)),
        ("", list(LINKS)),
        ("Type=ether", VETH),
        ("Type=ether\nKind=!*", []),
        ("Kind=veth", VETH),
        ("Driver=virtio_net", []),
        ("MACAddress=52:54:00:66:00:01", []),
        ("Name=cilium_w*\nName=lxc*", ["cilium_wg0", "lxc0a1b2c3d4e5f"]),
    ],
)
def test_what_a_file_takes(match, links):
    assert taken(f"[Match]\n{match}\n[Network]\nDHCP=yes\n") == links


def test_the_first_that_matches_counts():
    unmanaged = "[Match]\nName=cilium_* lxc*\n[Link]\nUnmanaged=yes\n"
    assert taken(unmanaged, "[Match]\nName=*\n") == []
    assert taken("[Match]\nName=*\n", unmanaged) == list(LINKS)


def test_a_pattern_of_any_length_matches_nothing_and_is_no_work():
    assert taken("[Match]\nName=" + "[" * 200_000 + "\n") == []
