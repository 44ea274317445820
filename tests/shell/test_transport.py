from __future__ import annotations

import gzip
import socket
import subprocess
import sys
import time
import zlib

import pytest

from oauthctl import __version__
from oauthctl.errors import BadAnswer, ConfigError, NoAnswer, OauthctlError, Unreachable
from oauthctl.http import Headers, Params, Request, Response, form_request, get_request
from oauthctl.shell.transport import Transport
from tests.shell.servers import OK, always, certificates, latency, read_request, serving


@pytest.fixture
def transport():
    made = Transport()
    yield made
    made.close()


def answer(*headers: str, body: bytes = b"", status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port: int = sock.getsockname()[1]
        return port


def test_the_request_goes_out_as_it_was_written(transport):
    got: list[bytes] = []

    def talk(sock):
        got.append(read_request(sock))
        sock.sendall(OK)

    with serving(talk) as server:
        url = f"{server.url}/a%2Fb//c/../d?x=%7e&y=a+b&empty=&x=ü#fragment"
        transport.send(
            Request("POST", url, Headers((("X-Second", "2"), ("x-First", "1"), ("X-Second", "3"))), b"\x00body"), timeout_seconds=5
        )
    assert got == [
        b"POST /a%2Fb//c/../d?x=%7e&y=a+b&empty=&x=%C3%BC HTTP/1.1\r\n"
        + f"Host: 127.0.0.1:{server.port}\r\nX-Second: 2\r\nx-First: 1\r\nX-Second: 3\r\n".encode()
        + f"User-Agent: oauthctl/{__version__}\r\nAccept-Encoding: gzip, deflate\r\nContent-Length: 5\r\n\r\n".encode()
        + b"\x00body"
    ]


def test_completed_is_what_goes_over_the_wire(transport):
    got: list[bytes] = []

    def talk(sock):
        got.append(read_request(sock))
        sock.sendall(OK)

    with serving(talk) as server:
        request = form_request(f"{server.url}/token", Params.of({"a": "b"}), headers=Headers.of({"User-Agent": "mine"}))
        transport.send(request, timeout_seconds=5)
    lines = got[0].partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    assert lines == [f"{name}: {value}" for name, value in transport.completed(request).headers]
    assert "User-Agent: mine" in lines


def test_the_answer_keeps_order_case_and_duplicates_of_headers(transport):
    with serving(always(answer("X-One: 1", "set-Cookie: a", "X-Two: 2", "Set-Cookie: b", body=b"hi", status="418 Tea"))) as server:
        response, seconds = transport.send(get_request(server.url), timeout_seconds=5)
    headers = Headers((("X-One", "1"), ("set-Cookie", "a"), ("X-Two", "2"), ("Set-Cookie", "b"), ("Content-Length", "2")))
    assert response == Response(418, headers, b"hi", http_version="HTTP/1.1", reason="Tea")
    assert 0 < seconds < 5


def test_a_redirect_is_not_followed(transport):
    with serving(always(answer("Location: /elsewhere", status="302 Found"))) as server:
        response, _ = transport.send(get_request(server.url), timeout_seconds=5)
        assert (response.status, response.headers.get("location")) == (302, "/elsewhere")


def test_cookies_are_not_kept(transport):
    got: list[bytes] = []

    def talk(sock):
        for _ in range(2):
            got.append(read_request(sock))
            sock.sendall(answer("Set-Cookie: session=1"))

    with serving(talk) as server:
        for _ in range(2):
            transport.send(get_request(server.url), timeout_seconds=5)
    assert b"cookie" not in got[1].lower()


RAW_DEFLATE = zlib.compressobj(wbits=-15)


@pytest.mark.parametrize(
    ("encoding", "encoded"),
    [
        ("gzip", gzip.compress(b"hello" * 50_000)),
        ("X-GZIP", gzip.compress(b"hello" * 50_000)),
        ("deflate", zlib.compress(b"hello" * 50_000)),
        ("deflate", RAW_DEFLATE.compress(b"hello" * 50_000) + RAW_DEFLATE.flush()),
        ("identity", b"hello" * 50_000),
    ],
)
def test_content_encodings_are_undone(transport, encoding, encoded):
    with serving(always(answer(f"Content-Encoding: {encoding}", body=encoded))) as server:
        response, _ = transport.send(get_request(server.url), timeout_seconds=5)
    assert response.body == b"hello" * 50_000


def test_an_encoding_that_we_do_not_know_leaves_the_bytes_alone(transport):
    with serving(always(answer("Content-Encoding: br", body=b"\x0b\x02"))) as server:
        response, _ = transport.send(get_request(server.url), timeout_seconds=5)
    assert response.body == b"\x0b\x02"


def endless(sock):
    read_request(sock)
    sock.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        sock.sendall(b"x" * 65536)


@pytest.mark.parametrize(
    ("talk", "error", "slug"),
    [
        (endless, BadAnswer, "answer-too-large"),
        (always(answer(body=b"x" * 200_001)), BadAnswer, "answer-too-large"),
        (always(answer("Content-Encoding: gzip", body=gzip.compress(b"\0" * 30_000_000))), BadAnswer, "answer-too-large"),
        (always(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000 + b"\r\n\r\n"), BadAnswer, "answer-too-large"),
        (always(answer("Content-Encoding: gzip", body=b"not gzip")), BadAnswer, "answer-malformed"),
        (always(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), BadAnswer, "answer-malformed"),
        (always(b"HTTP/1.1 abc\r\n\r\n"), BadAnswer, "answer-malformed"),
        (lambda sock: (read_request(sock), sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok")), BadAnswer, "answer-cut-off"),
        (read_request, Unreachable, "connection-reset"),
        (lambda sock: sock.close(), Unreachable, "connection-reset"),
    ],
    ids=["endless", "large", "gzip bomb", "header bomb", "no gzip", "ssh", "bad status", "cut off", "silent close", "close at once"],
)
def test_bad_answers_are_named(talk, error, slug):
    transport = Transport(body_limit=200_000)
    try:
        with serving(talk) as server, pytest.raises(error) as caught:
            transport.send(get_request(f"{server.url}/path?code=secret"), timeout_seconds=5)
    finally:
        transport.close()
    assert caught.value.slug == slug
    assert f"127.0.0.1:{server.port}" in caught.value.message or slug.startswith("answer-")
    assert "secret" not in repr(vars(caught.value))


def reset(sock):
    read_request(sock)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    sock.close()


def test_a_reset_connection_is_unreachable(transport):
    with serving(reset) as server, pytest.raises(Unreachable) as caught:
        transport.send(get_request(server.url), timeout_seconds=5)
    assert caught.value.slug == "connection-reset"


def test_a_refused_connection_is_unreachable(transport):
    with pytest.raises(Unreachable) as caught:
        transport.send(get_request(f"http://127.0.0.1:{closed_port()}/x?secret=1"), timeout_seconds=5)
    assert caught.value.slug == "connection-refused"
    assert "is the server running" in caught.value.help
    assert "secret" not in str(caught.value)


def test_an_unknown_host_is_named(transport):
    with pytest.raises(Unreachable) as caught:
        transport.send(get_request("http://nobody.invalid/"), timeout_seconds=5)
    assert caught.value.slug == "host-not-found"
    assert "http://nobody.invalid" in caught.value.message


def drip(sock):
    read_request(sock)
    for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + b"x" * 100:
        sock.sendall(bytes([byte]))
        time.sleep(0.01)


def silent(sock):
    read_request(sock)
    sock.recv(1)


@pytest.mark.parametrize("talk", [drip, silent])
def test_a_slow_server_is_cut_off_at_the_deadline(transport, talk):
    began = time.monotonic()
    with serving(talk) as server, pytest.raises(NoAnswer) as caught:
        transport.send(get_request(server.url), timeout_seconds=0.1)
    assert caught.value.slug == "server-too-slow"
    assert "0.1 s" in caught.value.message
    assert time.monotonic() - began < 1


def test_the_deadline_of_one_request_does_not_bind_the_next(transport):
    with serving(silent) as server, pytest.raises(NoAnswer):
        transport.send(get_request(server.url), timeout_seconds=0.05)
    with serving(always(OK)) as server:
        assert transport.send(get_request(server.url), timeout_seconds=5)[0].body == b"ok"


def test_a_streamed_body_goes_to_its_sink_piece_by_piece_and_beyond_the_limit():
    transport = Transport(body_limit=1000)
    pieces: list[bytes] = []

    def talk(sock):
        read_request(sock)
        sock.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(3):
            sock.sendall(b"400\r\n" + b"x" * 1024 + b"\r\n")
        sock.sendall(b"0\r\n\r\n")

    with serving(talk) as server:
        response, _ = transport.send(get_request(server.url), timeout_seconds=5, stream_to=lambda head: pieces.append)
    transport.close()
    assert response.body == b""
    assert b"".join(pieces) == b"x" * 3072


def test_a_stream_takes_longer_than_the_timeout_as_long_as_bytes_come(transport):
    pieces: list[bytes] = []

    def talk(sock):
        read_request(sock)
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n")
        for _ in range(12):
            time.sleep(0.03)
            sock.sendall(b"x")

    with serving(talk) as server:
        transport.send(get_request(server.url), timeout_seconds=0.3, stream_to=lambda head: pieces.append)
    assert b"".join(pieces) == b"x" * 12


def test_without_a_sink_the_body_is_in_the_response(transport):
    seen: list[int] = []

    def stream_to(head):
        seen.append(head.status)

    with serving(always(answer(body=b"no", status="401 Unauthorized"))) as server:
        response, _ = transport.send(get_request(server.url), timeout_seconds=5, stream_to=stream_to)
    assert (seen, response.body) == ([401], b"no")


@pytest.mark.parametrize(
    "url", ["ftp://op.example/", "/relative", "https://", "urn:x", "http://[", "http://op.example:port/", "http://op.example:99999/"]
)
def test_what_is_no_http_url_is_not_sent(transport, url):
    with pytest.raises(ConfigError) as caught:
        transport.send(get_request(url), timeout_seconds=1)
    assert caught.value.slug == "url-unusable"


def test_a_header_that_would_split_the_request_is_not_sent(transport):
    with serving(always(OK)) as server, pytest.raises(ConfigError) as caught:
        transport.send(get_request(server.url, headers=Headers.of({"X-Bad": "a\r\nInjected: b"})), timeout_seconds=1)
    assert caught.value.slug == "not-sendable"
    assert "Injected" not in repr(vars(caught.value))


def test_tls_is_verified_with_our_authority(tmp_path):
    made = certificates(tmp_path)
    for environ, ca_file in (({"SSL_CERT_FILE": made.ca_file}, ""), ({}, made.ca_file)):
        transport = Transport(environ, ca_file=ca_file)
        with serving(always(OK), tls=made.server) as server:
            assert transport.send(get_request(f"https://127.0.0.1:{server.port}/"), timeout_seconds=5)[0].body == b"ok"
        transport.close()


@pytest.mark.parametrize(
    ("is_trusted", "host", "is_expired", "slug"),
    [
        (False, "127.0.0.1", False, "certificate-authority-unknown"),
        (True, "127.0.0.1", True, "certificate-expired"),
        (True, "other.example", False, "certificate-name-differs"),
    ],
)
def test_a_certificate_that_is_not_good_is_refused(tmp_path, is_trusted, host, is_expired, slug):
    made = certificates(tmp_path, host=host, is_expired=is_expired)
    transport = Transport(ca_file=made.ca_file if is_trusted else "")
    with serving(always(OK), tls=made.server) as server, pytest.raises(Unreachable) as caught:
        transport.send(get_request(f"https://127.0.0.1:{server.port}/"), timeout_seconds=5)
    transport.close()
    assert caught.value.slug == slug


def test_plain_http_on_the_tls_port_is_suspected(transport):
    with (
        serving(lambda sock: (sock.recv(10), sock.sendall(answer(status="400 Bad Request")))) as server,
        pytest.raises(Unreachable) as caught,
    ):
        transport.send(get_request(f"https://127.0.0.1:{server.port}/"), timeout_seconds=5)
    assert caught.value.slug == "tls-failed"
    assert "http://" in caught.value.help


def test_a_file_without_certificates_is_named(tmp_path):
    (tmp_path / "ca.pem").write_text("nothing")
    transport = Transport({"SSL_CERT_FILE": str(tmp_path / "ca.pem")})
    with pytest.raises(ConfigError) as caught:
        transport.send(get_request("https://127.0.0.1:1/"), timeout_seconds=1)
    assert caught.value.slug == "ca-file-unreadable"


def test_requests_go_through_the_proxy_of_the_environment():
    got: list[bytes] = []

    def talk(sock):
        got.append(read_request(sock))
        sock.sendall(OK)

    with serving(talk) as server:
        transport = Transport({"http_proxy": f"http://user:pa%20ss@127.0.0.1:{server.port}"})
        transport.send(get_request("http://op.example/x"), timeout_seconds=5)
        transport.close()
    assert got[0].startswith(b"GET http://op.example/x HTTP/1.1\r\n")
    assert b"Proxy-Authorization: Basic dXNlcjpwYSBzcw==\r\n" in got[0]


def test_a_proxy_that_refuses_is_named_without_its_password():
    with serving(always(answer(status="407 Proxy Authentication Required"))) as server:
        transport = Transport({"HTTPS_PROXY": f"http://user:hidden@127.0.0.1:{server.port}"})
        with pytest.raises(Unreachable) as caught:
            transport.send(get_request("https://op.example/x"), timeout_seconds=5)
        transport.close()
    assert caught.value.slug == "proxy-refused"
    assert "hidden" not in repr(vars(caught.value))


def test_a_socks_proxy_is_refused_with_what_to_do():
    transport = Transport({"ALL_PROXY": "socks5://127.0.0.1:1"})
    with pytest.raises(ConfigError) as caught:
        transport.send(get_request("http://op.example/x"), timeout_seconds=5)
    assert caught.value.slug == "proxy-unsupported"


def test_after_prepare_a_request_takes_one_round_trip(tmp_path):
    made = certificates(tmp_path)
    one_way = 0.05
    with serving(always(OK), tls=made.server) as server, latency(server.port, one_way) as proxy:
        url = f"https://127.0.0.1:{proxy.port}/"
        transport = Transport(ca_file=made.ca_file)
        transport.prepare(url)
        assert server.accepted.acquire(timeout=5)  # TLS is complete on the server's side, so it is on ours
        turns = proxy.turns
        _, seconds = transport.send(get_request(url), timeout_seconds=5)
        transport.close()
        assert proxy.turns - turns == 1
        assert seconds >= 2 * one_way


def test_without_prepare_tls_takes_a_round_trip_more(tmp_path):
    made = certificates(tmp_path)
    with serving(always(OK), tls=made.server) as server, latency(server.port, 0.02) as proxy:
        transport = Transport(ca_file=made.ca_file)
        transport.send(get_request(f"https://127.0.0.1:{proxy.port}/"), timeout_seconds=5)
        transport.close()
        assert proxy.turns >= 2


def test_preparing_sends_no_request(tmp_path):
    made = certificates(tmp_path)
    got: list[bytes] = []

    def talk(sock):
        got.append(sock.recv(100))

    with serving(talk, tls=made.server) as server:
        transport = Transport(ca_file=made.ca_file)
        transport.prepare(f"https://127.0.0.1:{server.port}/token")
        assert server.accepted.acquire(timeout=5)
        transport.close()
    assert got == [b""]


def test_a_small_server_on_this_machine_is_not_blocked_by_an_idle_connection(transport):
    once = answer("Connection: close", body=b"ok")
    with serving(lambda sock: (read_request(sock), sock.sendall(once))) as server:
        transport.prepare(server.url)
        transport.send(get_request(server.url), timeout_seconds=5)
        transport.prepare(server.url)
        time.sleep(0.02)
        assert len(server.sockets) == 1


def test_a_server_on_this_machine_that_keeps_connections_open_is_prepared(transport):
    with serving(always(OK)) as server:
        transport.send(get_request(server.url), timeout_seconds=5)
        assert server.accepted.acquire(timeout=5)
        transport.prepare(server.url)
        assert server.accepted.acquire(timeout=5)


def test_a_request_that_comes_while_the_connection_opens_waits_for_it(tmp_path):
    made = certificates(tmp_path)
    with serving(always(OK), tls=made.server) as server, latency(server.port, 0.02) as proxy:
        transport = Transport(ca_file=made.ca_file)
        transport.prepare(f"https://127.0.0.1:{proxy.port}/")
        transport.send(get_request(f"https://127.0.0.1:{proxy.port}/"), timeout_seconds=5)
        transport.close()
        assert len(server.sockets) == 1


def test_a_prepared_connection_that_the_server_closed_is_not_used(tmp_path):
    made = certificates(tmp_path)
    hung_up: list[int] = []

    def talk(sock):
        if not hung_up:
            hung_up.append(1)
            sock.sendall(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")
            return
        always(OK)(sock)

    with serving(talk, tls=made.server) as server:
        transport = Transport(ca_file=made.ca_file)
        url = f"https://127.0.0.1:{server.port}/"
        transport.prepare(url)
        assert server.accepted.acquire(timeout=5)
        while server.sockets[0].fileno() >= 0:
            time.sleep(0.001)
        assert transport.send(get_request(url), timeout_seconds=5)[0].status == 200
        transport.close()


def test_preparing_for_a_server_that_is_not_there_changes_nothing(transport):
    url = f"https://127.0.0.1:{closed_port()}/"
    transport.prepare(url)
    with pytest.raises(Unreachable) as caught:
        transport.send(get_request(url), timeout_seconds=5)
    assert caught.value.slug == "connection-refused"


@pytest.mark.parametrize("url", ["not a url", "ftp://x/", "https://", "http://[", "http://a:b/"])
def test_preparing_for_an_odd_url_does_nothing(transport, url):
    transport.prepare(url)


def test_importing_the_transport_loads_no_http_library():
    code = "import sys, oauthctl.shell.transport, oauthctl.shell.driver; print({'httpx', 'httpcore', 'h11', 'ssl'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"


def test_every_error_is_one_of_ours(transport):
    with serving(lambda sock: sock.sendall(b"\x00" * 10)) as server, pytest.raises(OauthctlError):
        transport.send(get_request(server.url), timeout_seconds=1)


def test_a_name_with_umlauts_is_sent_as_dns_spells_it(transport):
    assert transport.completed(get_request("https://bücher.example:8443/x")).headers.get("host") == "xn--bcher-kva.example:8443"
    assert transport.completed(get_request("https://[::1]:443/x")).headers.get("host") == "[::1]"
