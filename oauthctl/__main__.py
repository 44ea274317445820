"""The entry of `python -m oauthctl` and of the console script."""

from __future__ import annotations

import gc


def script() -> None:
    """Run the command line that the process was given."""
    # Nothing that an import makes is garbage; looking for it there costs a twentieth of a start.
    gc.disable()
    from oauthctl.cli.main import script as run

    gc.freeze()
    gc.enable()
    run()


if __name__ == "__main__":
    script()
