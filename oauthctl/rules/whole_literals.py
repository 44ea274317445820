"""Values that hold backticks, in sentences that put values into backticks.

Here: keeping such a value one literal, so that no view takes its rest for words of ours. Not here: drawing literals (`views`).
"""

from __future__ import annotations

from collections.abc import Iterable


def whole(text: str, values: Iterable[str]) -> str:
    """The sentence with an apostrophe for each backtick inside these values, which may stand there cut off."""
    for value in values:
        if "`" in value:
            text = _with_whole(text, value)
    return text


def _with_whole(text: str, value: str) -> str:
    beginning = "`" + value[: value.index("`")]
    at = text.find(beginning)
    while at >= 0:
        begin = at + 1
        # The last backtick up to which the sentence has what the value has is the one that ends the literal.
        end = max(text.rfind("`", begin, begin + _common(value, text[begin:]) + 1), begin)
        text = text[:begin] + text[begin:end].replace("`", "'") + text[end:]
        at = text.find(beginning, end + 1)
    return text


def _common(value: str, text: str) -> int:
    """How many characters both begin with."""
    return next((at for at, (one, other) in enumerate(zip(value, text, strict=False)) if one != other), min(len(value), len(text)))
