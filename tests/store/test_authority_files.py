"""The authority of a folder: made once, kept for its owner, for names of this machine alone."""

from __future__ import annotations

import os
import ssl
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from oauthctl.errors import StoreError
from oauthctl.jose.client_certificate import ClientCertificate, as_pem
from oauthctl.jose.practice_certificates import AUTHORITY_DAYS, Authority, new_authority, new_certificate
from oauthctl.shell.serve_tls import https_context
from oauthctl.store.authority_files import CERTIFICATE, KEY, authority_of

NOW = datetime.now(UTC)
posix = pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")


def test_it_is_the_same_from_one_start_to_the_next(tmp_path: Path) -> None:
    folder = tmp_path / "certificates"
    first, second = (authority_of(folder, ("127.0.0.1",), now=NOW) for _ in range(2))
    assert second.certificate == first.certificate
    assert second.key.private_numbers() == first.key.private_numbers()
    assert (folder / CERTIFICATE).read_bytes() == as_pem(first.certificate)


@posix
def test_the_certificate_is_for_everybody_and_the_key_for_nobody(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        authority_of(folder := tmp_path / "certificates", (), now=NOW)
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.iterdir())}
    assert (modes.pop(folder.name), modes.pop(CERTIFICATE), modes.pop(KEY)) == (0o755, 0o644, 0o600)
    assert "PRIVATE KEY" not in (folder / CERTIFICATE).read_text()


def test_what_is_no_directory_is_told_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder, said in ((tmp_path / "file", "is no directory"), (tmp_path / "file" / "below", "can't be made")):
        with pytest.raises(StoreError) as refused:
            authority_of(folder, (), now=NOW)
        assert refused.value.message.startswith(f"`{folder}` {said}")


@posix
def test_a_key_that_became_open_is_closed_and_the_folder_left_as_it_is(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    authority_of(tmp_path, (), now=NOW)
    (tmp_path / KEY).chmod(0o644)
    authority_of(tmp_path, (), now=NOW)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (tmp_path, tmp_path / KEY)] == [0o755, 0o600]


def test_of_many_that_begin_at_once_all_have_the_same(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: authority_of(tmp_path, (), now=NOW).certificate, range(8)))
    assert len(set(made)) == 1


def test_before_it_ends_it_is_renewed_with_the_same_key_and_both_are_good(tmp_path: Path) -> None:
    old = authority_of(tmp_path, (), now=NOW - timedelta(days=AUTHORITY_DAYS - 40))
    shown = new_certificate("CN=one", now=NOW, by=old, hosts=("localhost",))
    new = authority_of(tmp_path, (), now=NOW)
    assert new.certificate != old.certificate
    assert (tmp_path / CERTIFICATE).read_bytes() == as_pem(new.certificate)
    assert new.ends_at > NOW + timedelta(days=AUTHORITY_DAYS - 1)
    again = new_certificate("CN=two", now=NOW, by=new, hosts=("localhost",))
    assert [_is_trusted(one, by, "localhost") for one in (shown, again) for by in (old, new)] == [True] * 4


def test_what_was_interrupted_is_completed(tmp_path: Path) -> None:
    made = authority_of(tmp_path, (), now=NOW)
    (tmp_path / CERTIFICATE).unlink()
    assert authority_of(tmp_path, (), now=NOW).certificate == made.certificate
    assert (tmp_path / CERTIFICATE).read_bytes() == as_pem(made.certificate)


@pytest.mark.parametrize("is_begun", [False, True], ids=["empty", "with one of ours"])
def test_the_certificate_of_somebody_else_is_refused_and_stays(tmp_path: Path, is_begun: bool) -> None:
    if is_begun:
        authority_of(tmp_path, (), now=NOW)
    theirs = as_pem(new_authority("theirs", now=NOW).certificate)
    for content in (theirs, b"no certificate at all", b""):
        (tmp_path / CERTIFICATE).write_bytes(content)
        with pytest.raises(StoreError, match="another program"):
            authority_of(tmp_path, (), now=NOW)
        assert (tmp_path / CERTIFICATE).read_bytes() == content


def test_the_key_of_somebody_else_is_refused_and_stays(tmp_path: Path) -> None:
    theirs = new_certificate("CN=theirs", now=NOW)
    for content in (theirs.opened(), theirs.opened().partition(b"-----BEGIN CERT")[0], b"", b"-----BEGIN nothing"):
        (tmp_path / KEY).write_bytes(content)
        with pytest.raises(StoreError, match="another program"):
            authority_of(tmp_path, (), now=NOW)
        assert (tmp_path / KEY).read_bytes() == content


@pytest.mark.parametrize("name", [CERTIFICATE, KEY])
def test_a_folder_that_is_refused_stays_as_it_is(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"another program's")
    with pytest.raises(StoreError, match="another program"):
        authority_of(tmp_path, (), now=NOW)
    assert [one.name for one in tmp_path.iterdir()] == [name]


@posix
@pytest.mark.parametrize("name", [CERTIFICATE, KEY, ""])
def test_no_link_is_followed(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "certificates"
    elsewhere = tmp_path / "elsewhere"
    if name:
        folder.mkdir()
        elsewhere.write_bytes(b"")
        (folder / name).symlink_to(elsewhere)
    else:
        elsewhere.mkdir()
        folder.symlink_to(elsewhere)
    with pytest.raises(StoreError, match="symbolic link"):
        authority_of(folder, (), now=NOW)
    assert elsewhere.is_dir() or not elsewhere.read_bytes()
    assert {one.name for one in folder.iterdir()} == ({name} if name else set())


@pytest.mark.parametrize(
    ("made_for", "wanted", "is_for_it"),
    [
        ((), ("127.0.0.1", "127.4.5.6", "::1", "localhost", "app.localhost"), True),
        ((), ("auth.test",), False),
        ((), ("192.168.1.5",), False),
        ((), ("::2",), False),
        ((), ("notlocalhost",), False),
        (("auth.test", "192.168.1.5"), ("auth.test", "a.auth.test", "192.168.1.5"), True),
        (("auth.test", "192.168.1.5"), ("auth.test.example", "192.168.1.6"), False),
    ],
)
def test_it_is_for_the_names_that_it_was_made_for(
    tmp_path: Path, made_for: tuple[str, ...], wanted: tuple[str, ...], is_for_it: bool
) -> None:
    authority = authority_of(tmp_path, made_for, now=NOW)
    for host in wanted:
        # Whoever trusts it trusts it for these alone.
        assert _is_trusted(new_certificate("CN=somebody", now=NOW, by=authority, hosts=(host,)), authority, host) is is_for_it
    if is_for_it:
        assert authority_of(tmp_path, wanted, now=NOW).certificate == authority.certificate
    else:
        with pytest.raises(StoreError, match=f"is not for `{wanted[0]}`"):
            authority_of(tmp_path, wanted, now=NOW)


def _is_trusted(shown: ClientCertificate, by: Authority, host: str) -> bool:
    """Whether a client that trusts this authority goes on after the server's certificate."""
    client = ssl.create_default_context(cadata=by.certificate)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    asking = client.wrap_bio(to_client, to_server, server_hostname=host)
    answering = https_context(shown).wrap_bio(to_server, to_client, server_side=True)
    for side in (asking, answering, asking):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
        except ssl.SSLCertVerificationError:
            return False
    return True
