from __future__ import annotations

import os
import time

import pytest

from oauthctl.shell.browser import open_url, ssh_hint, why_no_browser

LINUX = {"DISPLAY": ":0"}


@pytest.mark.parametrize(
    ("environ", "platform", "why"),
    [
        (LINUX, "linux", ""),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", ""),
        ({}, "linux", "there is no display"),
        ({}, "darwin", ""),
        ({}, "win32", ""),
        ({**LINUX, "CI": "true"}, "linux", "this is a CI job"),
        ({**LINUX, "CI": "false"}, "linux", ""),
        ({**LINUX, "SSH_CONNECTION": "10.0.0.1 5 10.0.0.2 22"}, "linux", "this is an SSH session"),
        ({"SSH_TTY": "/dev/pts/0"}, "darwin", "this is an SSH session"),
        ({**LINUX, "KUBERNETES_SERVICE_HOST": "10.0.0.1"}, "linux", "this is a Kubernetes pod"),
        ({"container": "podman"}, "linux", "this is a container"),
        ({**LINUX, "container": "toolbox"}, "linux", ""),
        ({"WSL_DISTRO_NAME": "Debian"}, "linux", ""),
        ({"WSL_DISTRO_NAME": "Debian", "SSH_TTY": "/dev/pts/0"}, "linux", "this is an SSH session"),
        ({"BROWSER": "firefox"}, "linux", ""),
        ({"BROWSER": "helper", "SSH_TTY": "/dev/pts/0"}, "linux", ""),
        ({**LINUX, "BROWSER": "none"}, "linux", "`BROWSER` is `none`"),
        ({**LINUX, "BROWSER": "/bin/true"}, "linux", "`BROWSER` is `/bin/true`"),
    ],
)
def test_whether_there_is_a_browser_follows_from_the_surroundings(environ, platform, why, tmp_path):
    assert why_no_browser(environ, platform, root=tmp_path) == why


@pytest.mark.parametrize("mark", [".dockerenv", "run/.containerenv"])
def test_a_container_is_known_by_its_marks(mark, tmp_path):
    (tmp_path / mark).parent.mkdir(exist_ok=True)
    (tmp_path / mark).touch()
    assert why_no_browser({}, "linux", root=tmp_path) == "this is a container"


def test_the_browser_named_by_the_environment_gets_the_url_and_keeps_off_our_terminal(tmp_path, capfd):
    script = tmp_path / "browser"
    script.write_text(f'#!/bin/sh\necho noise; echo noise >&2; echo "$1" > {tmp_path}/url.part; mv {tmp_path}/url.part {tmp_path}/url\n')
    script.chmod(0o755)
    url = "https://op.example/authorize?state=a&x='$(touch pwned)'"
    assert open_url(url, {**os.environ, "BROWSER": str(script)})
    ends = time.monotonic() + 5
    while not (tmp_path / "url").exists() and time.monotonic() < ends:
        time.sleep(0.005)
    assert (tmp_path / "url").read_text() == url + "\n"
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("url", ["file:///etc/passwd", "javascript:alert(1)", "-help", ""])
def test_only_web_addresses_are_opened(url):
    assert not open_url(url, dict(os.environ))


@pytest.mark.parametrize(
    ("environ", "hint"),
    [
        ({"SSH_CONNECTION": "10.0.0.9 51000 192.0.2.7 22", "USER": "ada"}, "ssh -N -L 8080:127.0.0.1:8080 ada@192.0.2.7"),
        ({"SSH_CONNECTION": "10.0.0.9 51000 192.0.2.7 2222", "USER": "ada"}, "ssh -N -L 8080:127.0.0.1:8080 -p 2222 ada@192.0.2.7"),
        ({"SSH_CONNECTION": "::1 51000 2001:db8::1 22", "LOGNAME": "ada"}, "ssh -N -L 8080:127.0.0.1:8080 ada@2001:db8::1"),
        ({"HOSTNAME": "box"}, "ssh -N -L 8080:127.0.0.1:8080 USER@box"),
        ({}, "ssh -N -L 8080:127.0.0.1:8080 USER@HOST"),
    ],
)
def test_the_ssh_line_names_port_user_and_host(environ, hint):
    assert ssh_hint("http://localhost:8080/callback", environ) == hint


def test_the_ssh_line_of_an_ipv6_listener_leads_there():
    assert ssh_hint("http://[::1]:8080/callback", {}) == "ssh -N -L 8080:[::1]:8080 USER@HOST"


@pytest.mark.parametrize("uri", ["https://app.example/callback", "com.example:/cb", "http://127.0.0.1:port/"])
def test_without_a_port_to_forward_there_is_no_ssh_line(uri):
    assert ssh_hint(uri, {}) == ""
