"""What the documents say is held to the code: the map to the tree, the README to the commands."""

import re
from importlib import import_module
from pathlib import Path

import pytest
import typer

from madang.cli import app
from madang.settings import described, load_settings

ROOT = Path(__file__).parents[1]
PACKAGES = ("madang", "dashboard", "collectors", "warehouse", "community", "nlp")


def commands() -> dict[str, str]:
    """Every command by its full name, with its sentence of help."""
    found = {}
    root = typer.main.get_command(app)
    for name, command in root.commands.items():  # type: ignore[attr-defined]
        inner = getattr(command, "commands", {})
        for child, leaf in inner.items():
            found[f"{name} {child}"] = leaf.help or ""
        if not inner:
            found[name] = command.help or ""
    return found


def modules() -> set[str]:
    """Every module of the packages, but for packages' own `__init__.py` and migrations."""
    return {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if path.name != "__init__.py" and "migrations" not in path.parts
    }


def test_the_map_names_every_module_and_nothing_else() -> None:
    text = (ROOT / "docs" / "map.md").read_text("utf-8")
    named = set(re.findall(r"^\| `([\w/]+\.py)` \|", text, re.MULTILINE))
    assert named == modules()


def test_the_readme_lists_every_command_and_nothing_else() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    named = set(re.findall(r"^\| `madang ([a-z]+(?: [a-z]+)?)[^`]*` \|", text, re.MULTILINE))
    assert named == set(commands())


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_command_has_a_sentence_and_an_example(name: str) -> None:
    assert re.search(rf"\. Example: madang {name}\b", commands()[name].replace("\n", " "))


def test_the_settings_page_lists_every_setting() -> None:
    text = (ROOT / "docs" / "settings.md").read_text("utf-8")
    named = set(re.findall(r"^\| `([\w.]+)` \|", text, re.MULTILINE))
    assert named == {line.name for line in described()}


@pytest.mark.parametrize("page", sorted(path.name for path in (ROOT / "docs").glob("*.md")))
def test_links_between_documents_lead_somewhere(page: str) -> None:
    text = (ROOT / "docs" / page).read_text("utf-8")
    for target in re.findall(r"\]\((?!https?://)([^)#]+)", text):
        assert (ROOT / "docs" / target).exists(), f"{page} links to {target}"


@pytest.mark.parametrize("package", PACKAGES)
def test_the_packages_on_the_path_are_ours(package: str) -> None:
    assert Path(str(import_module(package).__file__)).is_relative_to(ROOT)


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        name for name in modules() if not (ROOT / name).read_text("utf-8").startswith(('"""', "#!"))
    ]
    assert silent == []


def test_the_example_settings_are_accepted_with_every_line_in_use(tmp_path: Path) -> None:
    text = (ROOT / "madang.example.toml").read_text("utf-8")
    in_use = re.sub(r"^# (?=\[|\w+ = )", "", text, flags=re.MULTILINE)
    in_use = re.sub(r"^model = .*$", "", in_use, flags=re.MULTILINE)
    (tmp_path / "madang.toml").write_text(in_use, "utf-8")
    settings = load_settings(tmp_path)
    assert {"rss", "web"} == set(settings.sources)
    assert settings.community.url.startswith("postgresql://")
