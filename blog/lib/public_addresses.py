"""Which addresses are public: the same machine for everybody, and no way into a network of somebody's own."""

import ipaddress
from ipaddress import IPv4Address, IPv6Address

Address = IPv4Address | IPv6Address

# What IANA's registries of special-purpose addresses do not call global, and what carries another address inside.
_NEVER = [
    ipaddress.ip_network(net)
    for net in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        "2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3ffe::/16", "3fff::/20",
    )
]  # fmt: skip
_UNICAST = ipaddress.IPv6Network("2000::/3")  # all of IPv6 that is handed out; NAT64, mapped and local ones lie outside
_ISATAP = (0x00005EFE, 0x02005EFE)  # as bits 64 to 95: the rest is an IPv4 address


def is_public(address: Address) -> bool:
    """Whether an address is one that everybody reaches in the same place."""
    if any(address.version == net.version and address in net for net in _NEVER):
        return False
    if isinstance(address, IPv4Address):
        return address.is_global
    is_inside_another = (int(address) >> 32) & 0xFFFFFFFF in _ISATAP
    return address in _UNICAST and address.is_global and address.scope_id is None and not is_inside_another
