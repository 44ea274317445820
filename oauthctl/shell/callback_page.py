"""The pages that the browser shows when it comes back: they tell what truly happened.

Here: small self-contained HTML, light and dark, everything escaped, nothing loaded from anywhere. Not here: when which page is shown
(`callback`).
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from html import escape

from oauthctl.errors import OauthctlError
from oauthctl.http import Headers, Response

_STYLE = """
:root{color-scheme:light dark;--back:#f5f6f8;--card:#fff;--text:#1b1f27;--soft:#5b6472;--line:#e2e5ea;--code:#eef0f4;
--good:#12784a;--bad:#b3261e;--plain:#2f5bb7}
@media (prefers-color-scheme:dark){:root{--back:#14171c;--card:#1d2128;--text:#e9ecf1;--soft:#a0a9b8;--line:#323844;--code:#2a303a;
--good:#5fd19a;--bad:#ff8f86;--plain:#8fb2ff}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.5rem;background:var(--back);color:var(--text);
font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{width:100%;max-width:34rem;background:var(--card);border:1px solid var(--line);border-radius:14px;padding:2rem;
box-shadow:0 10px 30px rgb(0 0 0/.07)}
.mark{display:grid;place-items:center;width:3rem;height:3rem;border-radius:50%;border:2px solid;font-size:1.4rem;font-weight:600;
margin-bottom:1.1rem}
.good .mark{color:var(--good)}.bad .mark{color:var(--bad)}.plain .mark{color:var(--plain)}
h1{font-size:1.4rem;line-height:1.25;margin:0 0 .5rem;overflow-wrap:anywhere}
p{margin:.5rem 0;overflow-wrap:anywhere}
dl{margin:1.25rem 0 .5rem;border-top:1px solid var(--line)}
dl div{display:grid;grid-template-columns:5.5rem 1fr;gap:.75rem;padding:.55rem 0;border-bottom:1px solid var(--line)}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
code{font:.92em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;background:var(--code);border-radius:5px;padding:.1em .35em}
dd code{background:none;padding:0}
footer{margin-top:1.5rem;font-size:.85rem;color:var(--soft)}
@media (max-width:28rem){main{padding:1.35rem}dl div{grid-template-columns:1fr;gap:.1rem}}
"""
_CLEAN_ADDRESS = "history.replaceState(null,'',location.pathname)"
_POST_FRAGMENT = """
const params=new URLSearchParams(location.search),behind=new URLSearchParams(location.hash.slice(1));
history.replaceState(null,'',location.pathname);
if([...behind].length){for(const [name,value] of behind)params.append(name,value);
const form=document.createElement('form');form.method='post';form.action=location.pathname;form.hidden=true;
for(const [name,value] of params){const field=document.createElement('input');
field.type='hidden';field.name=name;field.value=value;form.append(field)}
document.body.append(form);HTMLFormElement.prototype.submit.call(form)
}else{document.getElementById('what').textContent='This address carries no answer: nothing stands after its #.'}
"""


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says. `mood` is `good`, `bad` or `plain`; `facts` are shown as a list; `paragraphs` may hold `literals` in backticks."""

    title: str
    paragraphs: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    mood: str = "plain"
    status: int = 200


def success_page(*, profile: str = "", issuer: str = "", subject: str = "") -> Page:
    """The page after tokens were stored."""
    facts = tuple((name, value) for name, value in (("Profile", profile), ("Issuer", issuer), ("Subject", subject)) if value)
    return Page("You are signed in", ("The tokens are stored. You can close this window and go back to the terminal.",), facts, "good")


def failure_page(error: OauthctlError) -> Page:
    """The page after something went wrong: what, its cause, what to do."""
    facts = (("Cause", error.slug), ("Where", error.where), ("Sent", error.sent), ("Got", error.got), ("Source", error.spec))
    paragraphs = (
        f"{_sentence(error.message)}",
        *(_sentence(note) for note in error.notes),
        f"What to do: {error.help}." if error.help else "",
    )
    closing = "Nothing was stored. The terminal says more; you can close this window."
    return Page("Signing in did not work", (*filter(None, paragraphs), closing), tuple(fact for fact in facts if fact[1]), "bad")


def refused_page(why: str, *, status: int = 400) -> Page:
    """The page for a request that is not the answer that we wait for."""
    return Page("This is not the answer we wait for", (_sentence(why), "oauthctl goes on waiting for the right one."), (), "bad", status)


def used_page() -> Page:
    """The page for a request after the one answer has come."""
    return Page(
        "This sign-in is over", ("An answer has come already, and there is only one. You can close this window.",), (), "plain", 409
    )


def ended_page() -> Page:
    """The page when the run ended before it could tell how it went."""
    text = "oauthctl ended before the sign-in was complete, so nothing was stored. Run the command again."
    return Page("Signing in was broken off", (text,), (), "bad")


def error_page(status: int) -> Response:
    """The page for what is no proper request, or one beyond our bounds."""
    why = {408: "the request came too slowly", 413: "the request is too large", 431: "the request's headers are too large"}
    return render(Page("No proper request", (_sentence(why.get(status, "what came is no HTTP request that we read")),), (), "bad", status))


def fragment_page() -> Response:
    """The page that hands what stands after the `#` back to us as a form, with the query: a browser never sends it by itself."""
    body = (
        '<div class="mark" aria-hidden="true">…</div><h1>Handing the answer over</h1>'
        '<p id="what">One moment.</p><noscript><p>This answer stands after the # of the address, and only a script can read it: '
        "allow scripts for this page, or paste the address into the terminal.</p></noscript>"
    )
    return _document("Handing the answer over", f'<main class="plain">{body}</main>', _POST_FRAGMENT, status=200)


def render(page: Page) -> Response:
    """The page as a response that no cache keeps and no other site can use."""
    mark = {"good": "✓", "bad": "!"}.get(page.mood, "i")
    paragraphs = "".join(f"<p>{_marked_up(text)}</p>" for text in page.paragraphs)
    rows = "".join(f"<div><dt>{escape(name)}</dt><dd>{_fact(value)}</dd></div>" for name, value in page.facts)
    facts = f"<dl>{rows}</dl>" if rows else ""
    body = (
        f'<main class="{escape(page.mood)}"><div class="mark" aria-hidden="true">{mark}</div><h1>{escape(page.title)}</h1>'
        f"{paragraphs}{facts}<footer>oauthctl</footer></main>"
    )
    return _document(page.title, body, _CLEAN_ADDRESS, status=page.status)


def _document(title: str, body: str, script: str, *, status: int) -> Response:
    html = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<meta name="robots" content="noindex"><title>{escape(title)} – oauthctl</title><link rel="icon" href="data:,">'
        f"<style>{_STYLE}</style></head><body>{body}<script>{script}</script></body></html>"
    )
    policy = (
        f"default-src 'none'; style-src '{_hash(_STYLE)}'; script-src '{_hash(script)}'; img-src data:; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    return Response(status, Headers.of(headers), html.encode("utf-8", "replace"))


def _hash(content: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()


def _sentence(text: str) -> str:
    """An error's text, lower case and without a full stop, as a sentence."""
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".") if text else ""


def _marked_up(text: str) -> str:
    parts = escape(_visible(text)).split("`")
    if len(parts) % 2 == 0:
        return "`".join(parts)
    return "".join(f"<code>{part}</code>" if index % 2 else part for index, part in enumerate(parts))


def _fact(value: str) -> str:
    shown = escape(_visible(value))
    return f"<code>{shown}</code>" if value.startswith(("http://", "https://")) else shown


def _visible(text: str) -> str:
    """Control and direction-changing characters made harmless; long texts cut."""
    shown = "".join(character if character.isprintable() or character == "\n" else "�" for character in text)
    return shown if len(shown) <= 2000 else shown[:2000] + " …"
