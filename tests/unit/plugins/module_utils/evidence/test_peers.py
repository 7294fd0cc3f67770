# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import peer_digest, peers

NOW = 1795374000.0
KEYS = [f"key-of-node{number}=" for number in range(400)]


def peer(key, ago=60, sent=1):
    return {
        "public_key": key,
        "endpoint": None,
        "allowed_ips": [],
        "latest_handshake": None if ago is None else NOW - ago,
        "rx_bytes": 0,
        "tx_bytes": sent,
    }


def interface(found):
    return {"name": "cilium_wg0", "public_key": KEYS[0], "listen_port": 51871, "peers": found}


def difference(have):
    return peer_digest.Published(KEYS).difference(KEYS[0], len(have), peer_digest.digest(have))


def test_few_peers_are_all_listed():
    few = interface([peer(key) for key in KEYS[: peers.LISTED]])
    assert peers.shorten(few, NOW) == few


def test_of_many_peers_those_in_trouble_are_listed_the_worst_first():
    found = [peer(key) for key in KEYS[6:]]
    found += [peer(KEYS[1], 400), peer(KEYS[2], 4000), peer(KEYS[3], None, 0), peer(KEYS[4], None, 9), peer(KEYS[5], 150)]
    short = peers.shorten(interface(found), NOW)
    assert [one["public_key"] for one in short["peers"]] == [KEYS[at] for at in (4, 3, 2, 1)]
    every = short["all_peers"]
    assert (every["count"], every["quiet"], every["oldest_handshake"]) == (399, 4, NOW - 150)
    assert every["keys"] == peer_digest.digest(reversed(KEYS[1:]))


def test_of_many_in_trouble_not_all_are_listed():
    short = peers.shorten(interface([peer(key, None) for key in KEYS]), NOW)
    assert len(short["peers"]) == peers.LISTED
    assert (short["all_peers"]["quiet"], short["all_peers"]["oldest_handshake"]) == (400, None)


def test_all_the_published_keys_are_there():
    assert difference(KEYS[1:]) == peer_digest.Difference([], 0, False)


def test_an_absent_key_and_a_strange_one_are_told_apart():
    assert difference(KEYS[2:]) == peer_digest.Difference([KEYS[1]], 0, False)
    assert difference([*KEYS[1:], "a-stranger="]) == peer_digest.Difference([], 1, False)
    assert difference([*KEYS[2:], "a-key-from-before="]) == peer_digest.Difference([KEYS[1]], 1, False)


def test_more_than_can_be_told_apart_is_said_to_be():
    assert difference([]).unclear
    assert difference([f"other{number}=" for number in range(399)]).unclear
    assert peer_digest.Published(KEYS).difference(KEYS[0], 12, peer_digest.digest(KEYS[1:])).unclear


@pytest.mark.parametrize("text", ["", "x", "AAAA", "é" * 2732, "A" * 2731])
def test_what_is_no_digest_is_refused(text):
    with pytest.raises(peer_digest.DigestError):
        peer_digest.Published(KEYS).difference(KEYS[0], 1, text)
