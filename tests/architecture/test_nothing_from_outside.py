"""The page asks no other host for anything, and the project names no machine it was written on."""

from __future__ import annotations

import re

from tests.support.project import project_files, text_of

# Names of formats, which nothing fetches.
NAMESPACE = re.compile(r"https?://www\.w3\.org/")
ADDRESS = re.compile(r"(?:https?:)?//[\w-]+(?:\.[\w-]+)+[^\s\"')]*")
# Written so that this file does not find itself.
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:wor[k]|roo[t]|far[m]|hom[e]/\w+|User[s]/\w+)/")
PUBLIC_REGISTRIES = {"pypi.org", "files.pythonhosted.org"}


def test_an_address_is_recognised() -> None:
    assert ADDRESS.search('src="https://cdn.example.org/a.js"')
    assert ADDRESS.search('src="//cdn.example.org/a.js"')
    assert not ADDRESS.search("const half = a / b; // a comment. Another sentence")


def test_what_the_browser_gets_names_no_other_host() -> None:
    served = [*project_files(".js", ".css", ".html", ".svg", ".json", below="dashboard")]
    found = {
        f"{path}: {address}"
        for path in served
        for address in ADDRESS.findall(text_of(path))
        if not NAMESPACE.match(address)
    }
    assert found == set()


def test_no_path_of_a_machine() -> None:
    found = {
        f"{path}:{number}: {line.strip()[:100]}"
        for path in project_files()
        if path.name != "uv.lock"
        for number, line in enumerate(text_of(path).splitlines(), 1)
        if MACHINE_PATH.search(line)
    }
    assert found == set()


def test_the_lock_file_names_public_registries_only() -> None:
    (lock,) = (path for path in project_files(".lock") if path.name == "uv.lock")
    assert set(re.findall(r"https?://([^/\"]+)/", text_of(lock))) <= PUBLIC_REGISTRIES
