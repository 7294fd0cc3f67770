# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Other addresses in the place of given ones: what lay in a network, and only that, lies in the one that stands for it.

As Crypto-PAn does it: whether a bit is turned depends on a key and on the bits before it, so that two addresses have as many
first bits in common as before. Bits on the way to a range with a meaning of its own are never turned: it stands for itself.
"""

from __future__ import annotations

import hashlib
import ipaddress
from typing import Union

Address = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]

# Nothing in them is of one site.
_KEPT = (
    "0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "255.255.255.255/32",
    "::/127", "fe80::/10", "ff00::/8",
    # From where kubelet's probes reach pods of the mesh.
    "fd16:9254:7127:1337::/64",
)  # fmt: skip
# Their addresses are replaced, by others of the same range.
_RANGES = ("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fd00::/8", "2000::/3", "64:ff9b::/96")
_MAPPED = 0xFFFF << 32


def _bits(network: str) -> tuple[int, str]:
    one = ipaddress.ip_network(network)
    return one.version, f"{int(one.network_address):0{one.max_prefixlen}b}"[: one.prefixlen]


_STRAIGHT = {(version, bits[:length]) for version, bits in map(_bits, (*_KEPT, *_RANGES)) for length in range(len(bits))}
_KEPT_BITS = {version: tuple(bits for of, bits in map(_bits, _KEPT) if of == version) for version in (4, 6)}


class AddressMap:
    """The addresses of one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._turned: dict[tuple[int, str], bool] = {}

    def address(self, address: Address) -> Address:
        if address.version == 6 and int(address) >> 32 == 0xFFFF:
            return ipaddress.IPv6Address(_MAPPED | int(self.address(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))))
        bits = f"{int(address):0{address.max_prefixlen}b}"
        if bits.startswith(_KEPT_BITS[address.version]):
            return address
        made = "".join("01"[(bit == "1") != self._turns(address.version, bits[:at])] for at, bit in enumerate(bits))
        return type(address)(int(made, 2))

    def text(self, text: str) -> str:
        """Map an address or network, `10.0.0.1/24` with the address of a link in it too. Raises ValueError for anything else."""
        address, slash, length = text.partition("/")
        scope = ""
        if "%" in address:
            address, percent, scope = address.partition("%")
            scope = percent + scope
        found = ipaddress.ip_address(address)
        if not slash:
            return f"{self.address(found)}{scope}"
        given = ipaddress.ip_interface(text)
        if given.ip == given.network.network_address:
            # The bits behind a network's length are none of it.
            made = ipaddress.ip_network((self.address(found), given.network.prefixlen), strict=False)
            return f"{made.network_address}/{length}"
        return f"{self.address(found)}{scope}/{length}"

    def _turns(self, version: int, before: str) -> bool:
        known = self._turned.get((version, before))
        if known is None:
            known = (version, before) not in _STRAIGHT
            if known:
                digest = hashlib.blake2b(f"{version}:{before}".encode(), key=self._key, digest_size=1)
                known = bool(digest.digest()[0] & 1)
            self._turned[version, before] = known
        return known
