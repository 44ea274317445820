"""Discovery: from an issuer to its metadata.

Here: the order of asking, and the checks of the document that answers. Not here: where documents may lie (`messages.metadata`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from oauthctl.errors import BadAnswer
from oauthctl.flows.steps import Flow, send
from oauthctl.flows.token_endpoint import bounded
from oauthctl.http import get_request, origin, split_url
from oauthctl.messages.answer import read_answer
from oauthctl.messages.endpoint_names import ENDPOINTS
from oauthctl.messages.metadata import ProviderMetadata, ResourceMetadata, issuer_of_url, metadata_urls, resource_metadata_url
from oauthctl.record.exchange import Exchange

_BY_HAND = "`oauthctl login` takes `--authorization-endpoint URL --token-endpoint URL`"
_REPETITIONS_TOLD = 5


@dataclass(frozen=True, slots=True)
class Attempt:
    """One place that was asked, and what came of it: `answered`, or why not."""

    url: str
    result: str
    exchange: int


@dataclass(frozen=True, slots=True)
class Discovered:
    """The metadata, the URL that answered, all attempts, and sentences on what is odd about the document.

    `warnings` are sentences on members that came more than once, for a person to read unasked.
    """

    metadata: ProviderMetadata
    url: str
    attempts: tuple[Attempt, ...]
    remarks: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def issuer(self) -> str:
        """The issuer as the metadata spells it."""
        return self.metadata.issuer or ""


def metadata_places(target: str) -> tuple[str, ...]:
    """The URLs that `discover` asks, in its order: all places of an issuer, or the one document that was named."""
    return (target,) if issuer_of_url(target) != target else metadata_urls(target)


def discover(target: str, *, expected_issuer: str = "", whole: bool = False, by_hand: frozenset[str] = frozenset()) -> Flow[Discovered]:
    """Ask each place in turn until one gives metadata of this issuer.

    `target` is an issuer, or the URL of a metadata document. `expected_issuer` is what the document must carry where that is known to
    differ from the target. With `whole`, members that the OAuth document lacks are taken from the OpenID document of the same issuer.
    `by_hand` are members whose value a person gave, so that the document's does not count.

    Raises `BadAnswer` with slug `no-metadata`, `metadata-issuer-differs` when a document names another issuer (RFC 8414 section 3.3), or
    `member-repeated` when it names two.
    """
    issuer, urls = issuer_of_url(target), metadata_places(target)
    attempts: tuple[Attempt, ...] = ()
    for url in urls:
        exchange = yield from send(get_request(url), "discovery")
        metadata, problem, departures = _read(exchange)
        if problem:
            attempts = (*attempts, Attempt(url, problem, exchange.id))
            continue
        _refuse_ambiguous(metadata, by_hand)
        _check_issuer(metadata, expected_issuer or issuer, exchange, exact=bool(expected_issuer))
        attempts = (*attempts, Attempt(url, "answered", exchange.id))
        remarks = departures + _issuer_remarks(metadata, expected_issuer or issuer)
        found = Discovered(metadata, url, attempts, remarks, _repeated(metadata, url))
        rest = urls[urls.index(url) + 1 :]
        return (yield from _completed(found, rest, by_hand)) if whole and rest else found
    raise BadAnswer(
        f"`{target}` publishes no metadata",
        slug="no-metadata",
        notes=tuple(f"{attempt.url}: {attempt.result} (exchange {attempt.exchange})" for attempt in attempts),
        spec="RFC 8414 section 3",
        help=f"check the issuer's spelling; for a provider without metadata {_BY_HAND}",
    )


def discover_resource(resource: str, *, url: str = "") -> Flow[ResourceMetadata | None]:
    """The metadata of an API, from `url` (as its challenge named it) or from where it lies by rule; None when there is none.

    `resource` is the API's identifier, or a URL below it. Raises `BadAnswer` with slug `resource-differs` when the document is about
    another API. Source: RFC 9728 sections 3 and 5.
    """
    exchange = yield from send(get_request(url or resource_metadata_url(resource)), "resource-metadata")
    if exchange.response is None or exchange.response.status != 200:
        return None
    answer = read_answer(exchange.response)
    if answer.problem:
        return None
    metadata = ResourceMetadata(answer.fields, exchange.id)
    if not _is_below(resource, metadata.resource or ""):
        raise BadAnswer(
            "the metadata is about another API than the one that was called",
            slug="resource-differs",
            where=f"exchange {exchange.id}, response.resource",
            sent=resource,
            got=bounded(metadata.resource or "nothing"),
            spec="RFC 9728 section 3.3",
            help="do not ask its authorization servers for a token",
        )
    return metadata


def _is_below(url: str, identifier: str) -> bool:
    """Whether the URL is the identifier or lies below it, at the same origin."""
    paths = [f"{split_url(one).path.rstrip('/')}/" for one in (url, identifier)]
    return bool(identifier) and origin(url) == origin(identifier) and paths[0].startswith(paths[1])


_WORTH_ASKING_FOR = ("userinfo_endpoint", "jwks_uri", "end_session_endpoint", "id_token_signing_alg_values_supported")


def _completed(found: Discovered, urls: tuple[str, ...], by_hand: frozenset[str]) -> Flow[Discovered]:
    """Members that only the OpenID document has, when what OpenID needs is missing; where both have one, the first document's stands."""
    if all(name in found.metadata for name in _WORTH_ASKING_FOR):
        return found
    for url in urls:
        exchange = yield from send(get_request(url), "discovery")
        other, problem, _ = _read(exchange)
        if problem or other.issuer != found.metadata.issuer:
            attempt = Attempt(url, problem or f"names the issuer `{other.issuer}`", exchange.id)
            found = replace(found, attempts=(*found.attempts, attempt))
            continue
        known = {name for name, _ in found.metadata.fields}
        _refuse_ambiguous(other, by_hand | known)
        added = tuple((name, value) for name, value in other.fields if name not in known)
        names = ", ".join(f"`{name[:60]}`" for name, _ in added[:40])
        return replace(
            found,
            metadata=ProviderMetadata((*found.metadata.fields, *added), found.metadata.exchange),
            attempts=(*found.attempts, Attempt(url, "answered too", exchange.id)),
            remarks=(*found.remarks, f"only {url} has {names}") if added else found.remarks,
            warnings=(*found.warnings, *_repeated(ProviderMetadata(added), url)),
        )
    return found


def _read(exchange: Exchange) -> tuple[ProviderMetadata, str, tuple[str, ...]]:
    response = exchange.response
    if response is None:
        return ProviderMetadata(), exchange.failure, ()
    if response.status != 200:
        location = response.headers.get("location")
        return ProviderMetadata(), f"status {response.status}" + (f", redirects to {location}" if location else ""), ()
    answer = read_answer(response)
    metadata = ProviderMetadata(answer.fields, exchange.id)
    problem = answer.problem
    if not problem and metadata.issuer is None and not (metadata.token_endpoint or metadata.authorization_endpoint):
        problem = "JSON without `issuer` or any endpoint"
    # Members of its own that came twice are warned of by name; those of objects inside are mentioned as what is odd.
    twice = {f"the member `{name[:80]}` occurs" for name in metadata.duplicated()}
    return metadata, problem, tuple(one for one in answer.departures if one.rpartition(" occurs ")[0] + " occurs" not in twice)


def _refuse_ambiguous(metadata: ProviderMetadata, settled: frozenset[str] | set[str]) -> None:
    """Where a document names two issuers, or two endpoints of one kind, programs differ in which one they take: nothing goes to either.

    Source: RFC 8259 section 4.
    """
    for name in metadata.duplicated():
        found = dict.fromkeys(str(value) for value in metadata.all(name))
        if (name in ("issuer", "jwks_uri") or name.endswith("_endpoint")) and name not in settled and len(found) > 1:
            raise BadAnswer(
                f"the metadata has `{bounded(name, 60)}` more than once, and they differ",
                slug="metadata-member-repeated",
                where=f"exchange {metadata.exchange}, response.{bounded(name, 60)}",
                notes=tuple(f"one is `{bounded(value)}`" for value in tuple(found)[:_REPETITIONS_TOLD]),
                spec="RFC 8259 section 4",
                help=f"name the right one to `oauthctl login` with `--{name.replace('_', '-')} URL`"
                if name in ENDPOINTS
                else "tell the provider",
            )


def _repeated(metadata: ProviderMetadata, url: str) -> tuple[str, ...]:
    """Sentences on members that came more than once. Source: RFC 8259 section 4."""
    told: list[str] = []
    for name in metadata.duplicated()[:_REPETITIONS_TOLD]:
        values = metadata.all(name)
        differ = "all the same" if all(value == values[0] for value in values) else "and they differ"
        told.append(f"{url} has `{bounded(name, 60)}` {len(values)} times, {differ}: the first is used, other programs may use another")
    return tuple(told)


def _check_issuer(metadata: ProviderMetadata, expected: str, exchange: Exchange, *, exact: bool) -> None:
    """Source: RFC 8414 section 3.3: the value "MUST be identical" to the identifier that the URL was made from.

    A trailing slash is forgiven where a person typed the target: both spellings give the same URL, hence the same document.
    """
    said = metadata.issuer or ""
    if said == expected or (not exact and said.rstrip("/") == expected.rstrip("/") and said):
        return
    raise BadAnswer(
        "the metadata names another issuer than the one asked for" if said else "the metadata names no issuer",
        slug="metadata-issuer-differs",
        where=f"exchange {exchange.id}, response.issuer",
        sent=expected,
        got=bounded(said or "nothing"),
        spec="RFC 8414 section 3.3",
        help=_help_for_issuer(bounded(said)),
    )


def _help_for_issuer(said: str) -> str:
    if not said:
        return _BY_HAND
    if "{" in said:
        # Entra's document for all tenants; each tenant's own has an issuer that tokens can be compared with.
        return f"the issuer `{said}` is a template: name your tenant by its id in the target, in place of `common`"
    return f"use `{said}` as the target, or accept the difference with `--expect-issuer {said}`"


def _issuer_remarks(metadata: ProviderMetadata, expected: str) -> tuple[str, ...]:
    if metadata.issuer == expected:
        return ()
    return (f"the issuer is spelled `{metadata.issuer}`; asked was `{expected}`",)
