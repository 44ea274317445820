"""Where things are kept."""

from __future__ import annotations

from pathlib import Path

from oauthctl.store.locations import Locations, locations


def test_both_directories_can_be_named(tmp_path):
    environ = {"OAUTHCTL_CONFIG_DIR": str(tmp_path / "c"), "OAUTHCTL_STATE_DIR": str(tmp_path / "s")}
    assert locations(environ) == Locations(tmp_path / "c", tmp_path / "s")


def test_one_named_directory_leaves_the_other_to_the_platform(tmp_path):
    named, own = locations({"OAUTHCTL_CONFIG_DIR": str(tmp_path)}), locations({})
    assert named == Locations(tmp_path, own.state)


def test_an_empty_variable_counts_as_unset():
    assert locations({"OAUTHCTL_CONFIG_DIR": "", "OAUTHCTL_STATE_DIR": ""}) == locations({})


def test_a_relative_directory_is_made_absolute():
    assert locations({"OAUTHCTL_STATE_DIR": "here"}).state == Path.cwd() / "here"


def test_the_platforms_directories_are_named_after_the_tool():
    own = locations({})
    assert "oauthctl" in own.config.parts
    assert "oauthctl" in own.state.parts
