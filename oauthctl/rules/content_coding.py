"""Answers whose bytes don't add up: compressed and cut off, labelled wrongly, shorter than announced.

Here: the body's coding and length. Not here: a body that arrived whole and is something else than is due (`token_response`, `metadata`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Certainty
from oauthctl.messages.param import Message
from oauthctl.record import purposes
from oauthctl.record.purposes import is_endpoint_path, split_path
from oauthctl.record.transaction import describe
from oauthctl.rules.registry import Evidence, Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.rules.seen import Seen
from oauthctl.specs import Section

_UNREADABLE = (
    "token-answer-unreadable",
    "token-answer-is-html",
    "metadata-is-html",
    "metadata-not-found",
    "key-set-not-found",
    "key-set-empty",
)
_NO_GZIP = re.compile(
    r"incorrect header check|not (?:in )?(?:a )?gzip|invalid gzip|gzip: invalid header|Z_DATA_ERROR|unknown compression method"
    r"|(?:content.?encoding|decompress|gunzip|inflate|decod)\w*[^.\n]{0,40}(?:error|fail|invalid|unable)"
    r"|(?:fail\w*|error|unable to|cannot|could not) (?:to )?(?:while )?(?:decompress|gunzip|inflat|decod)|ERR_CONTENT_DECODING",
    re.IGNORECASE,
)

_ENDED_EARLY = re.compile(
    r"ends before its end|without (?:sending|receiving) (?:a )?complete|incomplete(?:read|_chunked|d? (?:body|message|response|chunked))"
    r"|content_length_mismatch|premature(?:ly)? (?:end|close|eof)|unexpected (?:eof|end of (?:stream|file))|bytes? (?:missing|remaining)",
    re.IGNORECASE,
)

_PACKED_BYTES = re.compile(
    r"(?:character|token|byte|char)[^\n]{0,24}?(?:\\+x1f|\\+u001f|0x1f\b|\x1f)|0x8b in position 1\b|CTRL-CHAR, code 31\b",
    re.IGNORECASE,
)


_MISLABELLED = re.compile(r"says `?Content-Encoding: ([\w-]+)`? and is not", re.IGNORECASE)
_TOO_LARGE = re.compile(
    r"larger than (?:we|it) reads?\b|larger than the limit|max(?:imum)?[ _]?(?:content|body|response)[ _]?(?:length|size)[^\n]{0,40}exceed"
    r"|(?:body|response|content)[^\n]{0,30}(?:too large|exceed\w* (?:the )?(?:max|limit|size))",
    re.IGNORECASE,
)


_LOOK = (
    "Look at the proxy, gateway or middleware between the server and the client: it truncates the body, or compresses it and "
    "keeps the old length (a buffer or size limit, a connection that is closed early). Until that is repaired, ask for "
    "`Accept-Encoding: identity`; a code that was redeemed is used up, so start the sign-in again."
)


@rule(Section("RFC 9110", "8.6"), explains=(*_UNREADABLE, "connection-reset"))
def answer_cut_off(seen: Seen[Message], scene: Scene) -> Iterator[Found]:
    """The answer's body ends before its end."""
    missing, flaw = seen.facts.get("octets_missing"), seen.facts.get("coding_flaw")
    problem = seen.reply.answer.problem
    is_packed = flaw == "cut-off"
    if not seen.is_direct or not _matters(seen) or scene.is_made_good(seen):
        return
    if _ENDED_EARLY.search(seen.reply.failure[:1000]):
        yield Found(
            cause=f"The answer to the {describe(seen.exchange)} began and was cut off: the connection ended before the whole body came, "
            "and what it said is lost.",
            help=_LOOK,
            evidence=(seen.evidence("response", "the whole body", "its beginning"),),
        )
        return
    if (not is_packed and not (isinstance(missing, int) and problem.startswith("broken JSON"))) or _was_read(seen, scene):
        return
    coding = seen.reply.header("content-encoding") or "gzip"
    announced = seen.reply.header("content-length")
    short = f": {missing} of the {announced} bytes that `Content-Length` announces did not arrive" if isinstance(missing, int) else ""
    what = (
        f"is compressed (`Content-Encoding: {coding[:20]}`) and cut off{short}, so its compressed stream ends too early and can't be "
        "decompressed"
        if is_packed
        else f"is cut off{short}, so its JSON ends in the middle"
    )
    yield Found(
        cause=f"The body of the answer to the {describe(seen.exchange)} {what}. The server had answered "
        f"{seen.reply.status}; what it said is lost on the way.",
        help=_LOOK,
        evidence=(
            seen.evidence("response.body", "the whole body", "its beginning"),
            *((seen.evidence("response.headers.Content-Length", announced, f"{missing} fewer"),) if isinstance(missing, int) else ()),
        ),
    )


@rule(Section("RFC 9110", "8.4"), explains=_UNREADABLE)
def content_encoding_wrong(seen: Seen[Message], scene: Scene) -> Iterator[Found]:
    """The answer's Content-Encoding does not say how its body is packed."""
    if not seen.is_direct or not _matters(seen) or scene.is_made_good(seen):
        return
    if not seen.reply.has_answer:
        yield from _not_unpacked(seen)
        return
    flaw, coding = seen.facts.get("coding_flaw"), seen.reply.header("content-encoding").strip().lower()
    if (not flaw and coding in ("", "identity")) or _was_read(seen, scene):
        return
    said = _NO_GZIP.search(scene.given.local_error[:4000])
    is_last = said is not None and seen.id == max(
        (one.id for one in scene.seen if one.purpose and one.reply.header("content-encoding")), default=0
    )
    certainty = Certainty.CERTAIN
    evidence: tuple[Evidence, ...] = (seen.evidence("response.headers.Content-Encoding", got=coding or "missing"),)
    if flaw == "unlabelled":
        what = "is gzip-compressed, but the answer has no `Content-Encoding` header: a client takes the compressed bytes for text"
        todo = "set `Content-Encoding: gzip` where the body is compressed, or stop compressing it; a proxy must not drop that header alone"
    elif flaw == "damaged":
        what = f"is labelled `Content-Encoding: {coding[:20]}`, but its compressed stream is damaged and can't be decompressed"
        todo = "look for a proxy that rewrites compressed bodies as text, or compresses them twice"
    elif said and is_last and not flaw:
        what = (
            f"is labelled `Content-Encoding: {coding[:20]}`, and the client can't decompress it: the body is not compressed, or otherwise"
        )
        todo = "let whatever unpacks the body (a proxy, a body-rewriting middleware) remove `Content-Encoding` and correct `Content-Length`"
        certainty, evidence = Certainty.LIKELY, (*evidence, Evidence(None, "given.local_error", "", said[0][:200]))
    else:
        return
    yield Found(
        cause=f"The body of the answer to the {describe(seen.exchange)} {what}.",
        help=f"On the server or the proxy before it, {todo}. Until then the client can ask for `Accept-Encoding: identity`.",
        evidence=evidence,
        certainty=certainty,
    )


@rule(Section("RFC 9110", "8.6"), explains=_UNREADABLE)
def answer_too_large(seen: Seen[Message], scene: Scene) -> Iterator[Found]:
    """The answer is larger than the client reads."""
    if not seen.is_direct or not _matters(seen) or seen.reply.has_answer or not _TOO_LARGE.search(seen.reply.failure[:1000]):
        return
    if scene.is_made_good(seen):
        return
    yield Found(
        cause=f"The body of the answer to the {describe(seen.exchange)} is larger than the client reads, which gave up: an answer of this "
        "endpoint has some kilobytes.",
        help="Look at what answers under this URL: another service, a page, a stream without an end, or a gateway that pads; at the "
        "provider, look for a list in a token or in the metadata that grows without bound.",
        evidence=(seen.evidence("response.body", "some kilobytes", seen.reply.failure[:200]),),
    )


def _not_unpacked(seen: Seen[Message]) -> Iterator[Found]:
    """What a client that stopped at the coding says of it."""
    said = _MISLABELLED.search(seen.reply.failure[:1000])
    if said is None:
        return
    yield Found(
        cause=f"The body of the answer to the {describe(seen.exchange)} is labelled `Content-Encoding: {said[1][:20]}`, and the client "
        "can't decompress it: it is not packed so.",
        help="On the server or the proxy before it, let whatever unpacks the body (a proxy, a body-rewriting middleware) remove "
        "`Content-Encoding` and correct `Content-Length`. Until then the client can ask for `Accept-Encoding: identity`.",
        evidence=(seen.evidence("response.headers.Content-Encoding", got=said[1][:20]),),
    )


def _matters(seen: Seen[Message]) -> bool:
    """Whether it is a message of the protocol; what a broken key set is for, its address alone can tell."""
    return bool(seen.purpose) or is_endpoint_path(split_path(seen.url))


def _was_read(seen: Seen[Message], scene: Scene) -> bool:
    """Whether the client went on with what the answer brought: then the capture alone lacks its end."""
    nexts = (purposes.API, purposes.USERINFO) if seen.purpose == purposes.TOKEN else (purposes.AUTHORIZATION, purposes.TOKEN)
    return any(
        one.purpose in nexts and one.is_direct and not one.reply.failed and one.reply.has_answer for one in scene.seen if one.id > seen.id
    )


@rule(Section("RFC 9110", "8.4"), explains=("callback-failed", "server-error", *_UNREADABLE))
def compressed_answer_not_unpacked(scene: Scene) -> Iterator[Found]:
    """The client reads a compressed answer as if it were plain text."""
    said = _PACKED_BYTES.search(scene.given.local_error[:4000])
    if said is None:
        return
    packed = next((one for one in scene.seen if one.is_direct and one.purpose and one.reply.header("content-encoding")), None)
    evidence = [Evidence(None, "given.local_error", "", said[0][:200])]
    if packed is not None:
        evidence.append(packed.evidence("response.headers.Content-Encoding", got=packed.reply.header("content-encoding")))
    yield Found(
        cause="The client reads the body of an answer (of the token endpoint, or of metadata or keys) as text although it is "
        "compressed: the "
        f"byte that it complains of ({said[0].strip()[:40]}) is how gzip begins.",
        help="In the client, let the HTTP library unpack what it asked for (do not set `Accept-Encoding: gzip` by hand, or unpack the body "
        "then); see whether a proxy compresses without being asked, or drops the `Content-Encoding` header.",
        evidence=tuple(evidence),
        certainty=Certainty.LIKELY,
    )
