"""`oauthctl explain`: a word of the protocol in plain words, a flow as a diagram.

Here: finding the word and printing it. Not here: the words (`messages.vocabulary`), the flows (`known_flows`), their form (`views`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from oauthctl.cli.options import AsJson, output_of

if TYPE_CHECKING:
    from oauthctl.cli.output import Output
    from oauthctl.errors import ConfigError
    from oauthctl.messages.word import Word


_WIDTH_OF_A_PIPE = 100
"""Of pages, which are prose: a list has one word a line there, however long."""


def complete_words(incomplete: str) -> list[str]:
    """The flows, and what lists the rest."""
    from oauthctl.cli.known_flows.every import FLOWS

    return [name for name in (*(flow.name for flow in FLOWS), "flows", "rules") if name.startswith(incomplete)]


def command(
    ctx: typer.Context,
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="WORD",
            help="A parameter, claim, error code, algorithm, standard, flow, rule, or a provider's code",
            autocompletion=complete_words,
        ),
    ] = None,
    json: AsJson = False,
) -> int:
    """Explain a word of the protocol, or draw a flow.

    \b
      oauthctl explain code-flow         the flow as a diagram, then each parameter of its messages
      oauthctl explain pushed-flow       and first what PAR changes of it
      oauthctl explain invalid_grant     what the error means, its usual causes, what to do
      oauthctl explain state             every message in which it stands
      oauthctl explain DPoP              a standard, the words that it defines, what it changes of the code flow
      oauthctl explain RFC 6749 4.1.3    the words of one section
      oauthctl explain state-mismatch    the page of a rule of `oauthctl diagnose`
      oauthctl explain AADSTS50011       what a provider means by its code
      oauthctl explain flows             all flows
      oauthctl explain rules             all rules
      oauthctl explain                   all words that are known

    A flow is drawn by its own code, carried through with a practice provider in memory; nothing is sent. What it changes of the plain
    code flow is told from both, message by message.
    """
    from oauthctl.cli.known_flows.every import FLOWS, flow_about
    from oauthctl.messages.vocabulary import find, vocabulary
    from oauthctl.views.explained import word_document, word_list

    out = output_of(ctx)
    known = vocabulary()
    if not words:
        every = (*known, *(flow.word for flow in FLOWS))
        if json:
            out.json({"words": [word_document(word) for word in every]})
        else:
            out.lines(word_list(every, width=out.width))
            out.say("explain one of them with `oauthctl explain WORD`")
        return 0
    text = " ".join(words)
    if _explain_flows(out, text, json=json) or _explain_rules(out, text, json=json):
        return 0
    found = find(text, known)
    if found:
        _explain_words(out, text, found, known, json=json)
        return 0
    flow = flow_about(text)
    if flow is None:
        raise _unknown(text, known)
    _explain_flows(out, flow.name, json=json)
    return 0


def _explain_words(out: Output, text: str, found: tuple[Word, ...], known: tuple[Word, ...], *, json: bool) -> None:
    """The word in all its roles, what a standard defines, and what a feature changes of the code flow."""
    from oauthctl.cli.known_flows.every import flow_about, siblings
    from oauthctl.cli.known_flows.rehearsed import changes_of
    from oauthctl.messages.token_exchange import SAML2_BEARER
    from oauthctl.messages.vocabulary import cited_from, section_of
    from oauthctl.messages.word import Group
    from oauthctl.specs import Section
    from oauthctl.views.explained import defined_lines, explained_lines, word_document
    from oauthctl.views.explained_flow import PLAIN
    from oauthctl.views.flow_changes import flow_changes_document, flow_changes_lines

    standard = next((word.word for word in found if word.group is Group.STANDARD), "")
    cited = (section_of(text) or Section(standard)) if standard else None
    defined = cited_from(cited, known) if cited else ()
    flow = flow_about(text, tuple(word for word in found if word.group is Group.STANDARD))
    changes = changes_of(flow) if flow is not None else None
    if json:
        document: dict[str, object] = {"word": text, "entries": [word_document(word) for word in found]}
        document |= {"defines": list(defined)} if cited else {}
        document |= {"flow": flow.name} if flow is not None else {}
        out.json(document | ({"changes": flow_changes_document(changes, of=PLAIN)} if changes is not None else {}))
        return
    width = out.width or _WIDTH_OF_A_PIPE
    out.lines((*explained_lines(found, width=width), *(defined_lines(cited, defined, width=width) if cited else ())))
    if changes is not None and flow is not None:
        out.lines(((), *flow_changes_lines(changes, flow=flow.name, of=PLAIN, width=width)))
    if flow is not None:
        out.say(f"see it drawn, message by message, with `oauthctl explain {flow.name}`")
        for other in siblings(flow):
            out.say(f"of the same document: `oauthctl explain {other.name}`, {other.title}")
    elif any(word.word == SAML2_BEARER for word in found):
        out.say("its flow is drawn where the extra `saml` is installed: `pip install 'oauthctl[saml]'`")


def _explain_flows(out: Output, text: str, *, json: bool) -> bool:
    """Whether the text is a flow's name, or `flows` for all of them."""
    from oauthctl.cli.known_flows.every import FLOWS, flow_named
    from oauthctl.cli.known_flows.rehearsed import changes_of, rehearsed
    from oauthctl.views.explained import word_document
    from oauthctl.views.explained_flow import FlowShown, flow_document, flow_lines, flow_list
    from oauthctl.views.glyphs import glyphs_of

    if text == "flows":
        words = tuple(flow.word for flow in FLOWS)
        if json:
            out.json({"flows": [word_document(word) for word in words]})
        else:
            out.lines(flow_list(words, width=out.width))
            out.say("draw one of them with `oauthctl explain NAME`")
        return True
    flow = flow_named(text)
    if flow is None:
        return False
    drawn = rehearsed(flow.begin, has_certificate=flow.has_certificate, is_draft=flow.is_draft)
    shown = FlowShown(flow.word, flow.title, drawn, changes_of(flow))
    if json:
        out.json(flow_document(shown))
    else:
        out.lines(flow_lines(shown, width=out.width or _WIDTH_OF_A_PIPE, glyphs=glyphs_of(out.terminal.stdout)))
        out.say("drawn by the flow's own code with a practice provider in memory; nothing was sent")
    return True


def _explain_rules(out: Output, text: str, *, json: bool) -> bool:
    """Whether the word is one of `diagnose`: a rule's slug, a provider's code, or `rules` for all of them."""
    from oauthctl.views.rule_pages import dialect_document, dialect_lines, page_document, page_lines, rules_lines

    if text == "rules":
        from oauthctl.rules.registry import all_rules

        rules = all_rules()
        if json:
            out.json({"rules": [{"rule": rule.slug, "title": rule.title, "severity": rule.severity.value} for rule in rules]})
        else:
            out.lines(rules_lines(rules, width=out.width))
        return True
    from oauthctl.rules.dialects import meanings
    from oauthctl.rules.pages import page

    written = page(text.lower())
    if written is not None:
        if json:
            out.json(page_document(written))
        else:
            out.lines(page_lines(written, width=out.width or _WIDTH_OF_A_PIPE))
        return True
    said = meanings(text)
    if said and json:
        out.json({"word": text, "meanings": [dialect_document(entry) for entry in said]})
    elif said:
        out.lines(dialect_lines(said, width=out.width or _WIDTH_OF_A_PIPE))
    return bool(said)


def _unknown(text: str, known: tuple[Word, ...]) -> ConfigError:
    from difflib import get_close_matches

    from oauthctl.cli.known_flows.every import FLOWS, flow_named
    from oauthctl.errors import ConfigError, did_you_mean
    from oauthctl.messages.vocabulary import alike
    from oauthctl.rules.pages import slugs

    names = [name for flow in FLOWS for name in (flow.name, *flow.aliases)]
    words = (*get_close_matches(text.lower(), names, 1, 0.75), *alike(text, known), *get_close_matches(text.lower(), slugs(), 2, 0.75))
    near = tuple(dict.fromkeys(flow.name if (flow := flow_named(word)) else word for word in words))
    return ConfigError(
        f"`{text}` is not a word that oauthctl knows",
        slug="unknown-word",
        help=f"{did_you_mean(near)} see all words with `oauthctl explain`".lstrip(),
    )
