"""A shell script that sends the requests of the back channel again, its secrets in variables.

Here: the text, for bash. A secret never stands in the arguments of a program, where everybody on the machine could read it: it goes
through a pipe of bash's own. Not here: a single command to look at (`curl`), replaying within oauthctl.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from shlex import quote
from typing import Any
from urllib.parse import unquote_plus

from oauthctl.http import FORM, Request
from oauthctl.record import purposes
from oauthctl.record.exchange import Channel, Exchange
from oauthctl.record.transaction import describe
from oauthctl.rules.scene import Scene
from oauthctl.views.lines import one_line

_SECRET = re.compile(
    r"ey[A-Za-z0-9_-]+\.[A-Za-z0-9_.-]*\.redacted-sig-[0-9a-f]{7,8}|redacted-(?P<kind>[a-z_]+)-[0-9a-f]{7,8}",
)
_FRONT = frozenset((purposes.AUTHORIZATION, purposes.CALLBACK, purposes.LOGOUT, ""))
_OMITTED = re.compile(
    r":.*|host|content-length|connection|keep-alive|accept-encoding|accept-language|transfer-encoding|te|user-agent|cache-control|pragma|dnt"
    r"|priority|upgrade-insecure-requests|sec-.*|traceparent|tracestate|if-.*",
    re.IGNORECASE,
)
_METHOD = re.compile(r"[A-Za-z]{1,20}")
_FIELD = re.compile(r"[A-Za-z0-9_.~-]+")
# Source: RFC 6749 section 2.3.1: a client's id and secret are form-encoded before they are put together. Bytes beyond ASCII are negative
# numbers to some shells, hence the last two digits alone. Nothing here is a program of its own that others would see the arguments of.
_FORM_ENCODED = r"""form_encoded() {
  local LC_ALL=C text=$1 at character digits
  for ((at = 0; at < ${#text}; at++)); do
    character=${text:at:1}
    case $character in
      [A-Za-z0-9._~-]) printf %s "$character" ;;
      ' ') printf + ;;
      *)
        printf -v digits %02X "'$character"
        printf %%%s "${digits: -2}"
        ;;
    esac
  done
}"""
_USAGE = """if [ "$#" -eq 0 ]; then
  printf 'usage: bash %s NUMBER...\\n\\n' "$0"
  sed -n 's/^# \\([0-9][0-9]*: .*\\)/  \\1/p' "$0"
  exit 2
fi
for number in "$@"; do
  if ! declare -F "exchange_$number" >/dev/null; then
    printf 'there is no exchange %s in this script\\n' "$number" >&2
    exit 2
  fi
  "exchange_$number"
done"""


@dataclass
class _Variables:
    """One variable for each secret, named for what it is."""

    names: dict[str, str] = field(default_factory=dict)

    def of(self, secret: str, kind: str) -> str:
        """The variable that holds this secret."""
        if secret not in self.names:
            wanted = re.sub(r"[^A-Z0-9]+", "_", kind.upper()).strip("_") or "SECRET"
            taken = sum(1 for name in self.names.values() if re.fullmatch(rf"{wanted}(_[0-9]+)?", name))
            self.names[secret] = f"{wanted}_{taken + 1}" if taken else wanted
        return self.names[secret]


@dataclass(frozen=True, slots=True)
class _Text:
    """A text for the shell: quoted, variables in it; `needs` are their names."""

    shell: str
    needs: tuple[str, ...] = ()

    @property
    def is_secret(self) -> bool:
        return bool(self.needs)


def curl_script(scene: Scene, *, source: str) -> str:
    """The script: one function for each request, which is called by its number."""
    variables = _Variables()
    told = [seen.exchange for seen in scene.seen if seen.is_direct and _is_back_channel(seen.exchange)]
    functions = [_function(exchange, variables, is_encoded=_is_encoded(scene.facts.get(exchange.id, {}))) for exchange in told]
    head = (
        "#!/usr/bin/env bash",
        f"# The back-channel requests of {one_line(source)}.",
        "# Call it with the numbers of the requests to send. Secrets are read from variables: those of the recording are spent or hidden.",
        "set -euo pipefail",
    )
    none = "# This recording has no request of the back channel." if not functions else ""
    encoding = _FORM_ENCODED if any("$(form_encoded " in function for function in functions) else ""
    return "\n\n".join(part for part in ("\n".join(head), none, encoding, *functions, _USAGE) if part)


def _is_encoded(facts: Mapping[str, Any]) -> bool:
    """Whether Basic credentials go form-encoded: as RFC 6749 has it, unless the recording shows that its client doesn't do so."""
    basic = facts.get("basic")
    return not (isinstance(basic, Mapping) and basic.get("needs_encoding") is True and basic.get("is_encoded") is False)


def _is_back_channel(exchange: Exchange) -> bool:
    request = exchange.request
    is_sendable = request.url.startswith(("http://", "https://")) and _METHOD.fullmatch(request.method) is not None
    return exchange.channel is Channel.WIRE and exchange.purpose not in _FRONT and is_sendable


def _function(exchange: Exchange, variables: _Variables, *, is_encoded: bool) -> str:
    request = exchange.request
    words: list[str] = []
    needs: list[str] = []
    for option, text in _options(request, variables, is_encoded=is_encoded):
        words.append(f"{option} {text.shell}")
        needs += text.needs
    lines = [
        f"# {exchange.id}: {one_line(describe(exchange))}: {one_line(request.method)} {one_line(purposes.split_path(request.url))}",
        f"exchange_{exchange.id}() {{",
        *(f'  : "${{{name}:?is not set: put the {_meaning(name)} there}}"' for name in dict.fromkeys(needs)),
        "  curl --silent --show-error --include --globoff \\",
        " \\\n".join(f"    {word}" for word in words),
        "}",
    ]
    return "\n".join(lines)


def _meaning(name: str) -> str:
    return re.sub(r"_[0-9]+$", "", name).lower()


def _options(request: Request, variables: _Variables, *, is_encoded: bool) -> Iterable[tuple[str, _Text]]:
    usual = "POST" if request.body else "GET"
    if request.method == "HEAD":
        yield "--head", _Text("")
    elif request.method != usual:
        yield "--request", _Text(quote(request.method))
    for name, value in request.headers:
        # A name that begins with `@` would make curl read a file, and a line break another header.
        if _FIELD.fullmatch(name) and not _OMITTED.fullmatch(name) and value.isprintable():
            yield "--header", _header(name, value, variables, is_encoded=is_encoded)
    yield from _body(request, variables)
    # A shell's words hold no NUL.
    address = request.url.replace("\0", "%00")
    url = _quoted(address, "access_token", variables)
    if url.is_secret:
        yield (
            "--config",
            _Text(f"<(printf 'url = \"%s\"\\n' {_quoted(_for_config(address), 'access_token', variables).shell})", url.needs),
        )
    else:
        yield "--url", url


def _header(name: str, value: str, variables: _Variables, *, is_encoded: bool) -> _Text:
    scheme, _, rest = value.partition(" ")
    if scheme.lower() == "basic" and (credentials := _decoded(rest)) and "\0" not in credentials and _SECRET.search(credentials):
        inner = _quoted(credentials, "client_secret", variables, is_encoded=is_encoded)
        return _Text(f"@<(printf {quote(f'{name}: {scheme} %s')}'\\n' \"$(printf %s {inner.shell} | base64 | tr -d '\\n')\")", inner.needs)
    kind = "access_token" if name.lower() == "authorization" else "dpop_proof" if name.lower() == "dpop" else name
    text = _quoted(f"{name}: {value}" if value.strip() else f"{name};", kind, variables)
    return _Text(f"@<(printf '%s\\n' {text.shell})", text.needs) if text.is_secret else text


def _body(request: Request, variables: _Variables) -> Iterable[tuple[str, _Text]]:
    if not request.body:
        return
    content_type = request.headers.get("content-type") or ""
    if not content_type:
        # Without this curl labels every body as a form.
        yield "--header", _Text("'Content-Type:'")
    try:
        body = request.body.decode("utf-8")
    except UnicodeDecodeError:
        body = ""
    if not body or "\0" in body:
        encoded = base64.b64encode(request.body).decode("ascii")
        yield "--data-binary", _Text(f"@<(printf %s {quote(encoded)} | base64 -d)")
        return
    pairs = [part.partition("=") for part in body.split("&")]
    is_form = content_type.partition(";")[0].strip().lower() == FORM and "%00" not in body
    if is_form and all(equals and _FIELD.fullmatch(name) for name, equals, _ in pairs):
        for name, _, written in pairs:
            text = _quoted(unquote_plus(written), name, variables)
            plain = _Text(quote(f"{name}={unquote_plus(written)}"))
            yield "--data-urlencode", _Text(f"{name}@<(printf %s {text.shell})", text.needs) if text.is_secret else plain
        return
    text = _quoted(body, "token", variables)
    yield "--data-binary", _Text(f"@<(printf %s {text.shell})", text.needs)


def _quoted(text: str, kind: str, variables: _Variables, *, is_encoded: bool = False) -> _Text:
    """The text for the shell; each fingerprint in it is the variable of its secret. `kind` names what has no kind of its own, a JWT."""
    parts: list[str] = []
    needs: list[str] = []
    end = 0
    for match in _SECRET.finditer(text):
        name = variables.of(match[0], match["kind"] or kind)
        needs.append(name)
        parts += [
            quote(text[end : match.start()]) if match.start() > end else "",
            f'"$(form_encoded "${name}")"' if is_encoded else f'"${name}"',
        ]
        end = match.end()
    if end < len(text) or not parts:
        parts.append(quote(text[end:]))
    return _Text("".join(parts), tuple(needs))


def _for_config(url: str) -> str:
    """The URL inside of quotes in curl's configuration, where `\\` and `"` mean something."""
    return url.replace("\\", "%5C").replace('"', "%22").replace("\n", "%0A").replace("\r", "%0D")


def _decoded(written: str) -> str:
    try:
        standard = written.strip().translate({ord("-"): "+", ord("_"): "/"})
        return base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return ""
