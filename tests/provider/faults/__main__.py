"""Prints how many faults the rules find first, by subject, and how many pairs in order: `python -m tests.provider.faults [WORD…]`.

Each is played at a provider with a name and at one that has the loopback address alone; what goes wrong on the wire, with sockets. With
words, only faults whose name has one of them, and what was found in each. Exits 1 when one was missed.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from oauthctl.cli.known_flows.flow import ISSUER
from oauthctl.provider.faults.registry import Fault, all_faults
from tests.provider.faults.on_the_wire import found_on_the_wire
from tests.provider.faults.pairs import PAIRS
from tests.provider.faults.playing import LOOPBACK, diagnosed, recorded


def _found(flow: str, *slugs: str, issuer: str = ISSUER) -> list[str]:
    return [finding.rule for finding in diagnosed(recorded(flow, *(all_faults()[slug] for slug in slugs), issuer=issuer)).findings]


def _met(fault: Fault) -> Iterator[tuple[str, list[str]]]:
    """Where the fault is met, and what is found there."""
    if fault.subject == "wire":
        with TemporaryDirectory() as folder:
            yield "on the wire", found_on_the_wire(fault, Path(folder))
        return
    for issuer in (ISSUER, LOOPBACK):
        yield f"at {issuer}", _found(fault.flow, fault.slug, issuer=issuer)


def _faults(words: list[str]) -> tuple[Counter[str], Counter[str]]:
    good, every = Counter[str](), Counter[str]()
    for slug, fault in all_faults().items():
        if words and not any(word in slug for word in words):
            continue
        for where, found in _met(fault):
            is_first = found[:1] == [fault.rule]
            every[fault.subject] += 1
            good[fault.subject] += is_first
            if words or not is_first:
                print(f"{'ok  ' if is_first else 'MISS'}  {slug} {where}: {fault.rule}, found {', '.join(found) or 'nothing'}")
    return good, every


def main(words: list[str]) -> int:
    """The score; 1 when something was missed."""
    good, every = _faults(words)
    if not words:
        for pair in PAIRS:
            found = _found(pair.flow, pair.first, pair.second)
            first, second = all_faults()[pair.first].rule, all_faults()[pair.second].rule
            is_good = found[:1] == [first] and second in found
            every["pairs"] += 1
            good["pairs"] += is_good
            if not is_good:
                print(f"MISS  {pair.first} + {pair.second}: {first}, {second}, found {', '.join(found) or 'nothing'}")
    for subject in every:
        print(f"{subject:<14} {good[subject]:>3} of {every[subject]:>3}")
    print(f"{'in all':<14} {good.total():>3} of {every.total():>3}")
    return int(good.total() < every.total())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
