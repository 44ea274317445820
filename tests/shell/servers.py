"""Servers on loopback for the tests of the shell: raw ones, with TLS, and one that puts latency in front of another."""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Talk = Callable[[socket.socket], None]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def read_request(sock: socket.socket) -> bytes:
    """The bytes of one request with `Content-Length` or without a body; what there is when the other side closes."""
    got = b""
    while b"\r\n\r\n" not in got:
        more = sock.recv(65536)
        if not more:
            return got
        got += more
    head, _, body = got.partition(b"\r\n\r\n")
    lengths = [int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    while len(body) < (lengths[0] if lengths else 0):
        body += sock.recv(65536)
    return head + b"\r\n\r\n" + body


def always(answer: bytes) -> Talk:
    """Answers every request on a connection with these bytes."""

    def talk(sock: socket.socket) -> None:
        while read_request(sock):
            sock.sendall(answer)

    return talk


@dataclass
class Server:
    """A running server: its port, the requests that it read when its talk puts them there, the connections that it accepted."""

    port: int
    requests: queue.Queue[bytes] = field(default_factory=queue.Queue)
    accepted: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    sockets: list[socket.socket] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextlib.contextmanager
def serving(talk: Talk, *, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Serve each connection in a thread of its own; all are closed and joined at the end."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = Server(listening.getsockname()[1])
    threads: list[threading.Thread] = []

    def serve(sock: socket.socket) -> None:
        try:
            with contextlib.suppress(OSError):
                one = tls.wrap_socket(sock, server_side=True) if tls else sock
                server.sockets.append(one)
                server.accepted.release()
                with one:
                    talk(one)
        finally:
            sock.close()

    def accept() -> None:
        while True:
            try:
                sock, _ = listening.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threads.append(threading.Thread(target=serve, args=(sock,)))
            threads[-1].start()

    accepting = threading.Thread(target=accept)
    accepting.start()
    try:
        yield server
    finally:
        with contextlib.suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        accepting.join()
        for sock in server.sockets:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join()


@dataclass
class Latency:
    """A proxy that delays every byte by `seconds` each way; `turns` counts how often the client's side began to speak anew."""

    port: int
    turns: int = 0


@contextlib.contextmanager
def latency(target_port: int, seconds: float) -> Iterator[Latency]:
    """Latency in front of a server."""
    proxy = Latency(0)

    def talk(client: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", target_port)) as server:
            server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            speaker = ["server"]

            def pump(source: socket.socket, sink: socket.socket, name: str) -> None:
                due: queue.Queue[tuple[float, bytes]] = queue.Queue()

                def deliver() -> None:
                    while True:
                        at, data = due.get()
                        time.sleep(max(0.0, at - time.monotonic()))
                        with contextlib.suppress(OSError):
                            sink.sendall(data) if data else sink.shutdown(socket.SHUT_WR)
                        if not data:
                            return

                carrier = threading.Thread(target=deliver)
                carrier.start()
                with contextlib.suppress(OSError):
                    while data := source.recv(65536):
                        if name == "client" and speaker[0] != "client":
                            proxy.turns += 1
                        speaker[0] = name
                        due.put((time.monotonic() + seconds, data))
                due.put((time.monotonic(), b""))
                carrier.join()

            back = threading.Thread(target=pump, args=(server, client, "server"))
            back.start()
            pump(client, server, "client")
            back.join()

    with serving(talk) as server:
        proxy.port = server.port
        yield proxy


@dataclass(frozen=True)
class Certificates:
    """A certificate authority's file, and a server's TLS context with a certificate that it signed."""

    ca_file: str
    server: ssl.SSLContext


def certificates(folder: Path, *, host: str = "127.0.0.1", is_expired: bool = False) -> Certificates:
    """Fresh certificates for one test."""
    now = datetime.datetime.now(datetime.UTC)
    ca_key, ca_name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test authority")])
    ca = _certificate(ca_name, ca_key, ca_name, ca_key, ends=now + datetime.timedelta(days=2), san=None)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    try:
        san: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        san = x509.DNSName(host)
    ends = now - datetime.timedelta(days=1) if is_expired else now + datetime.timedelta(days=2)
    certificate = _certificate(name, key, ca_name, ca_key, ends=ends, san=san)
    (folder / "ca.pem").write_bytes(ca.public_bytes(serialization.Encoding.PEM))
    both = folder / "server.pem"
    both.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    return Certificates(str(folder / "ca.pem"), context)


def _certificate(
    subject: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    issuer_key: ec.EllipticCurvePrivateKey,
    *,
    ends: datetime.datetime,
    san: x509.GeneralName | None,
) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(ends - datetime.timedelta(days=10))
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(ca=san is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    if san is not None:
        builder = builder.add_extension(x509.SubjectAlternativeName([san]), critical=False)
    else:
        usage = x509.KeyUsage(
            digital_signature=True,
            key_cert_sign=True,
            crl_sign=True,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            encipher_only=False,
            decipher_only=False,
        )
        builder = builder.add_extension(usage, critical=True)
    return builder.sign(issuer_key, hashes.SHA256())
