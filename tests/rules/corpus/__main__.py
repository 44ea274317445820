"""`python -m tests.rules.corpus [WORD …]`: how the failures are diagnosed, the whole of those whose id has the word."""

from __future__ import annotations

import sys

from tests.rules.corpus.failures import diagnosis_of, load, score


def main() -> None:
    right = 0
    entries = load()
    for entry in entries:
        findings = diagnosis_of(entry).findings
        result = score(entry, findings)
        right += result.is_right
        print(f"{'ok   ' if result.is_right else 'WRONG' if result.wrong else 'miss '} {entry['id']}: {[one.rule for one in findings][:3]}")
        if any(word in entry["id"] for word in sys.argv[1:]):
            for one in findings[:3]:
                print(f"      {one.rule} {one.certainty}: {one.cause}\n      help: {one.help}")
            print(f"      missed {result.missed} wrong {result.wrong}")
    print(f"{right} of {len(entries)}")


main()
