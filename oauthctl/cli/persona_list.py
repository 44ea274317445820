"""The personas of the practice provider, for a person at a terminal.

Here: what `serve --list-personas` prints. Not here: the personas (`provider.personas`), serving one (`serving`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from oauthctl.errors import ExitCode

if TYPE_CHECKING:
    from oauthctl.cli.output import Output
    from oauthctl.provider.personas.persona import Persona
    from oauthctl.views.lines import Line


def tell_personas(out: Output, name: str, *, json: bool) -> int:
    """Every persona, or the one of this name: its quirks, where it is unlike the real provider, and where that can be read.

    Raises: ConfigError, when there is none of this name.
    """
    from oauthctl.provider.personas.table import all_personas, persona_named

    personas = (persona_named(name),) if name else tuple(all_personas().values())
    if json:
        out.json({"personas": [persona_document(persona) for persona in personas]})
        return ExitCode.DONE
    for persona in personas:
        out.lines(_lines(persona, is_alone=bool(name)))
    out.say(f"{len(personas)} personas; wear one with `oauthctl serve --persona NAME`" if not name else "`--json` has its quirks by name")
    return ExitCode.DONE


def persona_document(persona: Persona) -> dict[str, object]:
    """A persona for a program; `{home}` and `{issuer}` in `login` are where it is served and its issuer."""
    from oauthctl.provider.personas.quirk import all_quirks

    named = [{"quirk": name, "title": one.title} for name, one in all_quirks().items() if name in persona.quirks]
    return {
        "persona": persona.name,
        "provider": persona.title,
        "says": list(persona.says),
        "differs": list(persona.differs),
        "quirks": named,
        "login": persona.login,
        "sources": list(persona.sources),
    }


def _lines(persona: Persona, *, is_alone: bool) -> Iterator[Line]:
    from oauthctl.views.lines import Span, line, literals

    yield line(Span(persona.name, "literal"), f"  {persona.title}")
    for said in persona.says:
        yield line("  ", *literals(said))
    for said in persona.differs if is_alone else ():
        yield line("  unlike the real one: ", *literals(said))
    for source in persona.sources if is_alone else ():
        yield line("  ", Span(source, "dim"))
