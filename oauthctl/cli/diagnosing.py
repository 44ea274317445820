"""From SOURCE and the options to a scene: what is read, and what it was taken for.

Here: files, stdin, recordings, what is given, keys. Not here: recognising pasted text (`record.pasted`), the rules.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from oauthctl.errors import ConfigError
from oauthctl.record.material import Material

if TYPE_CHECKING:
    from oauthctl.cli.output import Output
    from oauthctl.jose.jwk import Jwk
    from oauthctl.rules.scene import Scene

_LARGEST_CAPTURE = 1024 * 1024 * 1024
_HEAD = 4096


@dataclass(frozen=True, slots=True)
class Asked:
    """What the person asked for."""

    source: str = ""
    at: str = ""
    jwks: str = ""
    given: str = ""
    issuer: str = ""
    audiences: tuple[str, ...] = ()
    algorithms: tuple[str, ...] = ()
    timeout_seconds: float = 30.0
    salt: bytes = field(default=b"", repr=False)
    """Makes the fingerprints of two sources the same; empty where there is but one."""


@dataclass(frozen=True, slots=True)
class Source:
    """What was read: the material, and where it came from, in words and for JSON."""

    material: Material
    words: str
    name: Mapping[str, str]

    @property
    def is_own_account(self) -> bool:
        """Whether what the hidden values told is what a file says of itself, and not what was seen on this machine."""
        return "id" not in self.name and bool(self.material.facts)

    def document(self, scene: Scene) -> dict[str, Any]:
        """The member `source` of the JSON document."""
        from oauthctl.messages.claim_values import utc_text

        return {
            "kind": self.material.kind,
            **self.name,
            "exchanges": len(scene.recording.exchanges),
            "tokens": len(scene.tokens),
            "at": utc_text(scene.now),
            "notes": list(self.material.notes),
        }


def examine(out: Output, asked: Asked) -> tuple[Source, Scene]:
    """The source as it was read, and the scene that the rules may look at."""
    from secrets import token_bytes

    from oauthctl.cli.clock import clock
    from oauthctl.rules.evidence import moment_of, scene_of

    given = _given(out, asked)
    read = read_source(out, asked.source)
    own = moment_of(read.material.recording)
    if own.year <= 1970 and read.material.written_at is not None:
        own = read.material.written_at
    now = clock(asked.at) if asked.at or own.year <= 1970 else own
    scene = scene_of(read.material, now=now, salt=asked.salt or token_bytes(32), given=given, keys=_keys(out, asked, given))
    return read, scene


def material_of_har(document: object, *, kind: str = "har") -> Material:
    """What a HAR document holds, of a capture what matters; one that this tool wrote brings its facts along.

    What is said of a token holds as long as the token has the claims of which it was said.
    """
    from oauthctl.record.capture import capture_of
    from oauthctl.record.facts.kept import kept_facts
    from oauthctl.record.har import facts_of, is_ours

    recording, notes = capture_of(document)
    # A capture of others that was redacted here brings what was worked out before: its fingerprints tell nothing else.
    known = kept_facts(recording, facts_of(document)) if is_ours(document) else None
    return Material("recording" if recording.tool_version else kind, recording, facts=known, notes=notes)


def read_source(out: Output, source: str) -> Source:
    """The source as it was read, secrets still in it."""
    if source in ("", "last"):
        return _recorded(out, _latest(out))
    if "://" in source:
        raise ConfigError(
            "a URL on the command line could be read by everybody on this machine, its code with it",
            slug="secret-in-argv",
            help="pipe it in: `pbpaste | oauthctl diagnose -`, or type `oauthctl diagnose -`, paste it and end with Ctrl-D",
        )
    if source == "-":
        return _pasted(out, "stdin", _bytes_of_stdin(out))
    from pathlib import Path

    from oauthctl.cli.token_input import read_bytes

    path = Path(source)
    if path.is_file():
        return _pasted(out, source, _bytes_of_file(path, source))
    if path.is_fifo() or path.is_char_device():
        if out.terminal.stderr.isatty() and not source.startswith("/dev/"):
            # A shell's own `<(command)` has its writer; a pipe with a name may have none, and is waited for without end.
            out.say(f"waiting for a program that writes to `{source}`; end with Ctrl-C")
        return _pasted(out, source, read_bytes(source, limit=_LARGEST_CAPTURE))
    if path.is_dir():
        raise ConfigError(f"`{source}` is a directory", help="name one file in it, such as the HAR file that a browser saved")
    if path.suffix or "/" in source or "\\" in source:
        raise ConfigError(f"there is no file `{source}`", help="give a HAR file, a recording's id (`oauthctl trace list`), or `-`")
    return _recorded(out, source)


def _latest(out: Output) -> str:
    """The last recording that is not one of `diagnose` itself, which records what it fetches."""
    from oauthctl.errors import NothingToCheck
    from oauthctl.store.locations import locations
    from oauthctl.store.recordings import summaries

    found = next((one.id for one in summaries(locations(out.terminal.environ), warn=out.warn) if one.command != "diagnose"), "")
    if not found:
        raise NothingToCheck(
            "there are no recordings yet, so nothing could be checked",
            slug="nothing-to-check",
            notes=("every command that talks to a server leaves a recording, such as `oauthctl login`",),
            help="name a HAR file that a browser saved (`oauthctl diagnose login.har`), or paste what you have: `oauthctl diagnose -`",
        )
    return found


def _recorded(out: Output, wanted: str) -> Source:
    from oauthctl.record.har import facts_of, is_ours
    from oauthctl.store.locations import locations
    from oauthctl.store.recordings import find, load

    where = locations(out.terminal.environ)
    id_ = find(where, wanted)
    document = load(where, id_, warn=out.warn)
    # Nobody else wrote it: older ones, without digests, are as good.
    material = replace(material_of_har(document), kind="recording", facts=facts_of(document) if is_ours(document) else None)
    command = material.recording.command
    return Source(material, f"the recording {id_}" + (f" of `oauthctl {command}`" if command else ""), {"id": id_})


def _pasted(out: Output, name: str, content: bytes) -> Source:
    named = {} if name == "stdin" else {"file": name}
    text = _decoded(content)
    # Of a large capture, bytes, text and document together would be more than memory is meant for.
    del content
    if _looks_like_har(text):
        from oauthctl.record.capture import holds_entries

        document = _json(text, name)
        if holds_entries(document):
            del text
            material = material_of_har(document)
            words = "a recording of oauthctl" if material.kind == "recording" else "a browser's capture (HAR)"
            return Source(material, f"{words} with {_count(material)}", named)
    from datetime import UTC

    from oauthctl.record.collection import looks_like_collection, read_collection
    from oauthctl.record.piece import TITLES

    now = datetime.now(UTC)
    collection = read_collection(_json(text, name), now=now) if looks_like_collection(text) else None
    if collection is not None:
        return Source(collection, f"{TITLES[collection.kind]} with {_count(collection)}", named)
    if text[:_HEAD].lstrip().startswith("type: collection.insomnia.rest/"):
        raise ConfigError(
            f"`{name}` is an Insomnia collection in YAML, which is not read",
            slug="not-a-har",
            help="export it once more, as HAR (which has the answers too) or as Insomnia v4 (JSON)",
        )
    from oauthctl.record.pasted import read_pasted
    from oauthctl.rules.heard import heard

    material = heard(read_pasted(text, now=now), text)
    return Source(material, TITLES[material.kind], named)


def _decoded(content: bytes) -> str:
    """The text; some tools on Windows save UTF-16."""
    return content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig", "replace")


def _count(material: Material) -> str:
    count = len(material.recording.exchanges)
    return f"{count} exchange{'' if count == 1 else 's'} that matter{'s' if count == 1 else ''}"


def _looks_like_har(text: str) -> bool:
    head = text[:_HEAD].lstrip()
    return head[:1] in ("{", "[") and ('"log"' in head or '"entries"' in text or '"startedDateTime"' in head)


def _json(text: str, name: str) -> object:
    try:
        return json.loads(text)
    except RecursionError:
        raise ConfigError(f"`{name}` is JSON that is nested too deeply to be read") from None
    except ValueError as error:
        where = f" at line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise ConfigError(
            f"`{name}` begins like a HAR document or a collection and is no JSON{where}",
            slug="not-a-har",
            help="save it again: it may be cut off",
        ) from None


def _bytes_of_file(path: Any, name: str) -> bytes:
    try:
        if path.stat().st_size > _LARGEST_CAPTURE:
            raise ConfigError(f"`{name}` is larger than {_LARGEST_CAPTURE // 1024 // 1024} MiB", help="save the failing sign-in alone")
        content: bytes = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"`{name}` can't be read: {(error.strerror or 'unknown reason').lower()}") from None
    return content


def _bytes_of_stdin(out: Output) -> bytes:
    stdin = out.terminal.stdin
    if out.terminal.can_ask:
        out.say("paste what you have (a URL, an answer, a token, a log line), then end with Ctrl-D")
    buffer = getattr(stdin, "buffer", None)
    content: bytes = (
        stdin.read(_LARGEST_CAPTURE + 1).encode("utf-8", "surrogateescape") if buffer is None else buffer.read(_LARGEST_CAPTURE + 1)
    )
    if len(content) > _LARGEST_CAPTURE:
        raise ConfigError(f"stdin gives more than {_LARGEST_CAPTURE // 1024 // 1024} MiB")
    return content


def _given(out: Output, asked: Asked) -> dict[str, Any]:
    """What is known, from `--given` and from the options, which go first."""
    known: dict[str, Any] = {}
    if asked.given:
        from oauthctl.cli.token_input import read_text

        if asked.given == "-" and asked.source == "-":
            raise ConfigError("stdin can't be both SOURCE and `--given`")
        text = _bytes_of_stdin(out).decode("utf-8-sig", "replace") if asked.given == "-" else read_text(asked.given)
        try:
            known = json.loads(text)
        except (ValueError, RecursionError):
            raise ConfigError(f"`{asked.given}` holds no JSON", help='`--given` takes an object such as `{"client_id": "web"}`') from None
        if not isinstance(known, dict):
            raise ConfigError(f"`{asked.given}` holds no JSON object", help='`--given` takes an object such as `{"client_id": "web"}`')
    _warn_of_slips(out, known)
    options = {"issuer": asked.issuer, "audience": list(asked.audiences), "algorithms": list(asked.algorithms)}
    return known | {name: value for name, value in options.items() if value}


def _warn_of_slips(out: Output, known: Mapping[str, Any]) -> None:
    """A member that is nearly one that rules know was probably meant to be it."""
    from difflib import get_close_matches

    from oauthctl.rules.given import KNOWN, is_a

    for name, value in known.items():
        kinds = KNOWN.get(name) or (("a list of texts", "a text") if name.endswith("_uris") else ())
        near = () if name in KNOWN else get_close_matches(name, KNOWN, 1, 0.85)
        if near:
            out.warn(f"no rule looks at `{name[:80]}` of `--given`: did you mean `{near[0]}`?")
        elif kinds and value is not None and not any(is_a(kind, value) for kind in kinds):
            out.warn(f"`{name[:80]}` of `--given` is not {' or '.join(kinds)}, and is not looked at")


def _keys(out: Output, asked: Asked, given: Mapping[str, Any]) -> tuple[Jwk, ...]:
    """The keys of `--jwks`; else those that are given as `jwks`."""
    if asked.jwks.startswith(("https://", "http://")):
        from oauthctl.cli.session import Session
        from oauthctl.flows.keys import fetch_keys

        with Session(out, "diagnose", timeout_seconds=asked.timeout_seconds) as session:
            return session.run(fetch_keys(asked.jwks))
    from oauthctl.jose.jwk import load_key, parse_key_set

    if asked.jwks:
        from oauthctl.cli.token_input import read_bytes

        return load_key(read_bytes(asked.jwks))
    return parse_key_set(given.get("jwks"))
