from __future__ import annotations

import importlib
import pkgutil

from oauthctl import messages
from oauthctl.messages.every import MESSAGES
from oauthctl.messages.param import Message


def every(base: type[Message]) -> set[type[Message]]:
    return {base}.union(*(every(one) for one in base.__subclasses__()))


def test_no_declared_parameter_is_of_a_message_that_the_list_forgets() -> None:
    for module in pkgutil.iter_modules(messages.__path__):
        importlib.import_module(f"{messages.__name__}.{module.name}")
    declared = {one for one in every(Message) if one.__module__.startswith(f"{messages.__name__}.")}
    listed = {base for one in MESSAGES for base in one.__mro__}
    assert declared <= listed
