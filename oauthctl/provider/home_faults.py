"""The HTML of the form that switches faults.

Here: the form, with what is on or was just filled in. Not here: what is done with it (`home`), the faults (`faults`).
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

from oauthctl.provider.home_requests import met
from oauthctl.provider.pages import hidden, literals
from oauthctl.provider.state import ProviderState
from oauthctl.provider.switched import Switched

if TYPE_CHECKING:
    from oauthctl.provider.faults.registry import Fault

_SUBJECTS = {
    "metadata": "Metadata",
    "keys": "Key set",
    "cookies": "Cookies of the pages",
    "callback": "Answer in the browser",
    "front_channel": "Tokens in the browser",
    "answer_jwt": "Answers in a JWT",
    "token_answer": "Token endpoint",
    "id_token": "ID token: claims",
    "signature": "ID token: signature",
    "laxity": "Checks left out",
    "refresh": "Refreshing",
    "devices": "Devices",
    "notification": "CIBA",
    "requests": "PAR and DPoP",
    "registration": "Registration",
    "questions": "Introspection and revocation",
    "sign_out": "Signing out",
    "resource": "APIs and userinfo",
    "cors": "Scripts of other origins",
    "clock": "Clock",
    "wire": "On the wire",
}


@dataclass(frozen=True, slots=True)
class Draft:
    """The form as it was sent and could not be followed: the slugs that were ticked, what was written, and what is wrong with it."""

    ticked: frozenset[str]
    written: str
    problem: str


def faults_section(state: ProviderState, *, csrf: str, draft: Draft | None = None) -> str:
    """The faults by subject, ticked as they are on; with a draft as it has them."""
    from oauthctl.provider.faults.occasions import hindrances
    from oauthctl.provider.faults.registry import all_faults

    hindered = hindrances(state, tuple(all_faults()))
    struck = {one.slug: one for one in state.faults}
    ticked = draft.ticked if draft is not None else frozenset(struck)
    places = list(_SUBJECTS)
    faults = sorted(all_faults().values(), key=lambda one: (places.index(one.subject) if one.subject in places else 99, one.slug))
    groups = ""
    for subject, members in groupby(faults, key=lambda one: one.subject):
        its = list(members)
        rows = "".join(
            _fault(one, on=struck.get(one.slug), is_ticked=one.slug in ticked, hindrance=hindered.get(one.slug, "")) for one in its
        )
        count = sum(one.slug in struck for one in its)
        is_open = " open" if any(one.slug in ticked for one in its) else ""
        on = f", {count} on" if count else ""
        name = escape(_SUBJECTS.get(subject, subject))
        how_many = f"{len(its)} fault{'s' if len(its) > 1 else ''}"
        groups += f'<details{is_open}><summary>{name} <span class="fine">{how_many}{on}</span></summary>{rows}</details>'
    action = f'<form method="post" action="{escape(state.base_path)}/#faults">'
    well = (
        f'{action}{hidden({"csrf": csrf, "step": "well"})}<p class="buttons"><button>Switch all off</button></p></form>' if struck else ""
    )
    return (
        '<section aria-labelledby="faults"><h2 id="faults">Faults</h2>'
        + (f'<p class="alert" role="alert">Nothing was switched. {literals(draft.problem)}</p>' if draft is not None else "")
        + '<p class="fine">What goes wrong in the wild, on purpose: tick what the provider is to do wrong. '
        "<code>oauthctl diagnose</code> names the rule behind each.</p>"
        f"{action}{hidden({'csrf': csrf})}{groups}{_written(draft)}"
        '<p class="buttons"><button class="primary">Switch on what is ticked or written</button></p></form>'
        f"{well}</section>"
    )


def _written(draft: Draft | None) -> str:
    value = f' value="{escape(draft.written)}"' if draft is not None else ""
    return (
        '<label for="spec">More, not at each occasion</label>'
        '<p class="fine" id="spec-hint">Several are apart by a space. Conditions: <code>after=N</code> occasions, <code>times=N</code>, '
        "<code>rate=R</code> for a chance, <code>client=ID</code>. What is on keeps its own as long as it is ticked.</p>"
        '<input id="spec" name="spec" spellcheck="false" autocapitalize="none" autocomplete="off" aria-describedby="spec-hint" '
        f'placeholder="token-error:times=1 refresh-spent:after=2,client=web"{value}>'
    )


def _fault(fault: Fault, *, on: Switched | None, is_ticked: bool, hindrance: str) -> str:
    slug = escape(fault.slug)
    fine = f"can't strike: {literals(hindrance)}" if hindrance else f"found as {escape(fault.rule)}"
    return (
        f'<label class="fault"><input type="checkbox" name="fault" value="{slug}"{" checked" if is_ticked else ""}>'
        f'<span>{literals(fault.title)}<br><code>{slug}</code> <span class="fine">{fine}{_on(on)}</span></span></label>'
    )


def _on(on: Switched | None) -> str:
    from oauthctl.provider.faults.spec import written

    if on is None:
        return ""
    settings = written(on).partition(":")[2]
    return f", on{escape(f' with {settings}') if settings else ''}, {met(on)}"
