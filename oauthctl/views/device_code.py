"""What a person needs on another device: the page, the code, and both as a QR code.

Here: lines. Not here: asking for the codes (`flows.device`), waiting.
"""

from __future__ import annotations

from oauthctl.http import split_url
from oauthctl.views.lines import Line, Span, line

_BORDER = 2


def device_code_lines(verification_uri: str, user_code: str, *, complete_uri: str, seconds: float) -> tuple[Line, ...]:
    """The code, who asks for it, and why nobody else's code must be typed in there; the page itself is printed by its own.

    Source: RFC 8628 sections 3.3 and 5.4; RFC 10027 section 6 on the phishing of such codes.
    """
    shortcut: tuple[Line, ...] = ()
    if complete_uri:
        shortcut = (line("  the code is in this address already: ", Span(complete_uri, "literal")),)
    if complete_uri and is_elsewhere(verification_uri, complete_uri):
        said = ": that address leads to another place than the page, and the QR code does not hold it; go there only if you know it"
        shortcut = (*shortcut, line(Span("careful", "warning"), said))
    return (
        line("and type in this code:"),
        line(""),
        line("  ", Span(user_code, "bold")),
        line(""),
        *shortcut,
        line(
            Span("careful", "warning"),
            f": the page must be at {split_url(verification_uri).netloc}, and the code one that you asked for here yourself: "
            "who types in a code that somebody sent gives that person the access",
        ),
        line(f"both are good for {_duration(seconds)}"),
    )


def is_elsewhere(verification_uri: str, complete_uri: str) -> bool:
    """Whether the address with the code in it is at another place than the page: a server has no reason to part them."""
    places = split_url(verification_uri), split_url(complete_uri)
    return (places[0].scheme, places[0].netloc.lower()) != (places[1].scheme, places[1].netloc.lower())


def qr_lines(text: str, *, width: int, has_colors: bool) -> tuple[Line, ...]:
    """The text as a QR code, two modules a character; nothing where it does not fit into `width` columns.

    With colours it is black on white. Without, light modules are drawn, since most terminals are dark.
    """
    import segno

    try:
        code = segno.make(text, micro=False, error="l")
    except segno.DataOverflowError:
        return ()
    rows = [[bool(module) for module in row] for row in code.matrix_iter(border=_BORDER)]
    if len(rows[0]) > width:
        return ()
    rows += [[False] * len(rows[0])] if len(rows) % 2 else []
    drawn = (
        "".join(_block(upper is has_colors, lower is has_colors) for upper, lower in zip(*pair, strict=True))
        for pair in zip(rows[::2], rows[1::2], strict=True)
    )
    return tuple(line(Span(text, "ink")) for text in drawn)


def _block(upper: bool, lower: bool) -> str:
    return {(True, True): "\u2588", (True, False): "\u2580", (False, True): "\u2584", (False, False): " "}[upper, lower]


def _duration(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds >= 120 else f"{seconds:.0f} seconds"
