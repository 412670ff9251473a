"""Addresses of clients, for counting: who shares one is counted as one."""

import ipaddress


def network_of(address: str) -> str:
    """One customer's network: an IPv4 address, also where it comes dressed as IPv6, or the /64 that anybody with IPv6
    has for himself. What is no address comes back as it is.
    """
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    return str(parsed.ipv4_mapped or ipaddress.IPv6Network((parsed, 64), strict=False))
