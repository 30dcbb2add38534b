"""A host is a DNS name, of which only the first label can be a wildcard."""

from __future__ import annotations

import pytest

from slipway.traffic.hosts import check_hosts, covers


@pytest.mark.parametrize("host", ["example.com", "a", "*.example.com", "x-1.example.com", "1.2.3.com", "a" * 63 + ".b"])
def test_a_dns_name_is_taken(host: str) -> None:
    check_hosts([host])


@pytest.mark.parametrize(
    "host",
    [
        "*",
        "a.*.com",
        "*a.example.com",
        "-a.com",
        "a-.com",
        "a..com",
        "a_b.com",
        "a" * 64 + ".b",
        "a." * 127 + "b",
    ],
)
def test_what_is_none_is_refused(host: str) -> None:
    with pytest.raises(ValueError, match="is no DNS name: use lower-case letters"):
        check_hosts([host])


@pytest.mark.parametrize("host", ["10.0.0.1", "2001:db8::1", "[2001:db8::1]"])
def test_an_address_is_refused(host: str) -> None:
    with pytest.raises(ValueError, match="is no DNS name"):
        check_hosts([host])


@pytest.mark.parametrize(
    "host", ["https://shop.example.com/", "shop.example.com:8080", "Shop.Example.com", "shop.example.com/cart"]
)
def test_the_host_that_was_meant_is_told(host: str) -> None:
    with pytest.raises(ValueError, match=r"is no DNS name: write 'shop\.example\.com'"):
        check_hosts([host])


def test_a_host_that_is_there_twice_is_refused() -> None:
    with pytest.raises(ValueError, match=r"host 'a\.com' is there twice"):
        check_hosts(["a.com", "b.com", "a.com"])


@pytest.mark.parametrize(
    ("patterns", "host", "covered"),
    [
        (["a.com"], "a.com", True),
        (["a.com"], "b.com", False),
        (["a.com"], "x.a.com", False),
        (["*.a.com"], "x.a.com", True),
        (["*.a.com"], "a.com", False),
        (["*.a.com"], "y.x.a.com", False),
        (["*.a.com"], "*.a.com", True),
        (["x.a.com"], "*.a.com", False),
        (["b.com", "a.com"], "a.com", True),
    ],
)
def test_a_wildcard_covers_a_single_label(patterns: list[str], host: str, covered: bool) -> None:
    assert covers(patterns, host) is covered
