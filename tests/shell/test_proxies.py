from __future__ import annotations

import pytest

from oauthctl.shell.proxies import proxy_for

PROXY = "http://proxy.example:3128"


@pytest.mark.parametrize(
    ("url", "environ", "expected"),
    [
        ("https://op.example/", {}, ""),
        ("https://op.example/", {"HTTPS_PROXY": PROXY}, PROXY),
        ("https://op.example/", {"https_proxy": PROXY, "HTTPS_PROXY": "http://other"}, PROXY),
        ("https://op.example/", {"HTTP_PROXY": PROXY}, ""),
        ("https://op.example/", {"ALL_PROXY": PROXY}, PROXY),
        ("https://op.example/", {"https_proxy": "proxy.example:3128"}, PROXY),
        ("http://op.example/", {"HTTP_PROXY": PROXY}, PROXY),
        ("http://op.example/", {"HTTP_PROXY": PROXY, "REQUEST_METHOD": "GET"}, ""),
        ("http://op.example/", {"http_proxy": PROXY, "REQUEST_METHOD": "GET"}, PROXY),
        ("http://127.0.0.1:8080/", {"ALL_PROXY": PROXY}, ""),
        ("http://localhost/", {"ALL_PROXY": PROXY}, ""),
        ("http://[::1]/", {"ALL_PROXY": PROXY}, ""),
        ("https://op.example/", {"ALL_PROXY": PROXY, "NO_PROXY": "*"}, ""),
        ("https://op.example/", {"ALL_PROXY": PROXY, "NO_PROXY": "a.example, op.example"}, ""),
        ("https://login.op.example/", {"ALL_PROXY": PROXY, "no_proxy": "op.example"}, ""),
        ("https://login.op.example/", {"ALL_PROXY": PROXY, "no_proxy": ".op.example"}, ""),
        ("https://login.op.example/", {"ALL_PROXY": PROXY, "no_proxy": "*.op.example"}, ""),
        ("https://stop.example/", {"ALL_PROXY": PROXY, "no_proxy": "op.example"}, PROXY),
        ("https://op.example:8443/", {"ALL_PROXY": PROXY, "no_proxy": "op.example:8443"}, ""),
        ("https://op.example/", {"ALL_PROXY": PROXY, "no_proxy": "op.example:8443"}, PROXY),
        ("https://10.1.2.3/", {"ALL_PROXY": PROXY, "no_proxy": "10.0.0.0/8"}, ""),
        ("https://11.1.2.3/", {"ALL_PROXY": PROXY, "no_proxy": "10.0.0.0/8"}, PROXY),
        ("https://[fd00::1]/", {"ALL_PROXY": PROXY, "no_proxy": "fd00::/8"}, ""),
        ("https://[fd00::1]:444/", {"ALL_PROXY": PROXY, "no_proxy": "[fd00::1]:444"}, ""),
        ("https://OP.example./", {"ALL_PROXY": PROXY, "no_proxy": "op.EXAMPLE"}, ""),
    ],
)
def test_the_proxy_is_what_the_environment_says(url, environ, expected):
    assert proxy_for(url, environ) == expected
