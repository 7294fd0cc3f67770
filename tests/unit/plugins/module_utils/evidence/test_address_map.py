# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

import ipaddress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence.address_map import AddressMap

MAP = AddressMap(b"k" * 32)
ADDRESSES = st.ip_addresses(v=4) | st.ip_addresses(v=6)

same_each_time = settings(derandomize=True, deadline=None, database=None, max_examples=300)


def common(one, other):
    """How many first bits two addresses share."""
    return one.max_prefixlen - (int(one) ^ int(other)).bit_length()


@same_each_time
@given(one=ADDRESSES, bits=st.integers(0, 127), rest=st.integers(0, 2**128 - 1))
def test_two_addresses_share_as_many_first_bits_as_before(one, bits, rest):
    length = one.max_prefixlen
    bits %= length
    other = type(one)(int(one) ^ (1 << (length - 1 - bits)) ^ (rest % (1 << (length - 1 - bits)) if bits < length - 1 else 0))
    if one.version == 6 and any(int(each) >> 32 == 0xFFFF for each in (one, other)):
        return
    assert common(MAP.address(one), MAP.address(other)) == common(one, other) == bits


@same_each_time
@given(address=ADDRESSES, length=st.integers(0, 128))
def test_an_address_lies_in_the_network_that_stands_for_its_own(address, length):
    length %= address.max_prefixlen + 1
    network = ipaddress.ip_network((address, length), strict=False)
    mapped = ipaddress.ip_network(MAP.text(str(network)))
    assert mapped.prefixlen == length
    assert ipaddress.ip_address(MAP.text(str(address))) in mapped
    assert ipaddress.ip_interface(MAP.text(f"{address}/{length}")).network == mapped


@pytest.mark.parametrize(
    "text",
    ["0.0.0.0", "0.0.0.0/0", "::", "::/0", "::1", "127.0.0.1/8", "169.254.7.127/32", "fe80::1", "224.0.0.1", "255.255.255.255",
     "10.0.0.0/8", "192.168.0.0/16", "172.16.0.0/12", "100.64.0.0/10", "fd00::/8",
     "fd16:9254:7127:1337:ffff:ffff:ffff:ffff/128"],
)  # fmt: skip
def test_ranges_with_a_meaning_stand_for_themselves(text):
    assert MAP.text(text) == text


@pytest.mark.parametrize(
    "text,network",
    [("10.1.2.3", "10.0.0.0/8"), ("192.168.7.9", "192.168.0.0/16"), ("100.100.1.1", "100.64.0.0/10"),
     ("fd12:3456::1", "fd00::/8"), ("::ffff:10.1.2.3", "::ffff:0:0/96"), ("2001:db8::7", "2000::/3")],
)  # fmt: skip
def test_an_address_is_replaced_by_one_of_its_range(text, network):
    mapped = MAP.text(text)
    assert mapped != text
    assert ipaddress.ip_address(mapped) in ipaddress.ip_network(network)


def test_another_key_makes_others():
    assert AddressMap(b"other").text("10.1.2.3") != MAP.text("10.1.2.3")
    assert AddressMap(b"k" * 32).text("10.1.2.3") == MAP.text("10.1.2.3")


@pytest.mark.parametrize("text", ["", "x", "1.2.3", "10.0.0.1/33", "::1/129", "10.0.0.1/x"])
def test_what_is_no_address_is_refused(text):
    with pytest.raises(ValueError):
        MAP.text(text)
