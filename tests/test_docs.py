"""The documentation names what the program has, and what it shows is true."""

from __future__ import annotations

import argparse
import ast
import json
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from finisher import problems
from finisher.cli.options import COMMANDS, parser
from finisher.edl.read import read
from finisher.findings import CHECKS
from finisher.presets.shelf import find, names
from finisher.problems import Exit

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "finisher"
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md")])

_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_QUOTED = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def text_of(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


def quoted(text: str) -> set[str]:
    """What stands between backticks."""
    return set(_QUOTED.findall(_BLOCK.sub("", text)))


@cache
def trees() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in SOURCE.rglob("*.py")}


def module_name(path: Path) -> str:
    parts = list(path.relative_to(SOURCE).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts) or "finisher"


def parameters(node: ast.AST) -> tuple[str, list[str]] | None:
    """A function's or class's name, and what it takes by position."""
    if isinstance(node, ast.FunctionDef):
        taken = [argument.arg for argument in node.args.args]
        return node.name, taken[1:] if taken[:1] in (["self"], ["cls"]) else taken
    if isinstance(node, ast.ClassDef):
        made = [n for n in node.body if isinstance(n, ast.FunctionDef) and n.name == "__init__"]
        if made:
            return node.name, [argument.arg for argument in made[0].args.args[1:]]
        fields = [n.target for n in node.body if isinstance(n, ast.AnnAssign)]
        return node.name, [field.id for field in fields if isinstance(field, ast.Name)]
    return None


def called(node: ast.Call) -> str:
    function = node.func
    if isinstance(function, ast.Name):
        return function.id
    return function.attr if isinstance(function, ast.Attribute) else ""


def literals(node: ast.AST | None) -> Iterator[str]:
    """The texts an expression comes to, where it says so itself."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from literals(node.body)
        yield from literals(node.orelse)


def argument(node: ast.Call, place: int, name: str) -> ast.AST | None:
    if place < len(node.args):
        return node.args[place]
    return next((word.value for word in node.keywords if word.arg == name), None)


@cache
def problem_codes() -> frozenset[str]:
    """Every literal handed to a parameter called `code`, in the whole source.

    A function counts by the file it is called in, and elsewhere by its name: functions of one name
    and different parameters live in different files.
    """
    own = {path: dict(filter(None, map(parameters, ast.walk(t)))) for path, t in trees().items()}
    everywhere = {
        name: taken for table in own.values() for name, taken in table.items() if "code" in taken
    }
    found = set()
    for path, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                taken = own[path].get(called(node), everywhere.get(called(node), []))
                if "code" in taken:
                    found |= set(literals(argument(node, taken.index("code"), "code")))
    return frozenset(filter(_CODE.fullmatch, found))


def _named_in(function: ast.AST, name: str) -> Iterator[str]:
    """What a name stands for inside a function: a text assigned to it, or looped over."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and name in {ast.unparse(t) for t in node.targets}:
            yield from literals(node.value)
        elif isinstance(node, ast.comprehension | ast.For) and ast.unparse(node.target) == name:
            for member in getattr(node.iter, "elts", ()):
                yield from literals(member)


@cache
def finding_ids() -> frozenset[str]:
    """Every id a `Finding` is made with, straight or through a function that takes it as `name`."""
    functions = [
        node for t in trees().values() for node in ast.walk(t) if isinstance(node, ast.FunctionDef)
    ]
    makers = {"Finding"}
    for function in functions:
        taken = [a.arg for a in function.args.args]
        for node in ast.walk(function):
            first = argument(node, 0, "id") if isinstance(node, ast.Call) else None
            if isinstance(node, ast.Call) and called(node) == "Finding" and taken:
                makers |= {function.name} if ast.unparse(first or node) == taken[0] else set()
    found: set[str] = set()
    for function in functions:
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and called(node) in makers:
                first = argument(node, 0, "id")
                found |= set(literals(first))
                if isinstance(first, ast.Name):
                    found |= set(_named_in(function, first.id))
    return frozenset(filter(_CODE.fullmatch, found))


def commands() -> dict[str, argparse.ArgumentParser]:
    action = next(a for a in parser()._actions if isinstance(a, argparse._SubParsersAction))
    return dict(action.choices)


def test_every_command_is_documented() -> None:
    text = text_of("cli.md")
    assert set(commands()) == set(COMMANDS)
    assert [name for name in commands() if f"`finish {name}" not in text] == []


def test_every_option_is_documented() -> None:
    words = set(re.split(r"[^A-Za-z-]+", text_of("cli.md")))
    missing = {
        f"{name} {option}"
        for name, command in commands().items()
        for action in command._actions
        for option in action.option_strings
        if option not in words
    }
    assert missing == set()


def test_every_choice_of_an_option_is_documented() -> None:
    known = quoted(text_of("cli.md")) | set(re.findall(r"[a-z]+", text_of("cli.md")))
    choices = {
        str(choice)
        for command in commands().values()
        for action in command._actions
        for choice in action.choices or ()
    }
    assert choices - known == set()


def test_no_option_is_documented_that_does_not_exist() -> None:
    there = {o for c in commands().values() for a in c._actions for o in a.option_strings}
    told = {w for page in PAGES for w in re.findall(r"`finish[^`]*`", page.read_text("utf-8"))}
    options = {option for line in told for option in re.findall(r"\s(--[a-z-]+)", line)}
    assert options - there - {"--version"} == set()


def test_every_exit_code_is_documented() -> None:
    rows = re.findall(r"^\| (\d+) \|", text_of("cli.md"), re.MULTILINE)
    assert list(map(int, rows)) == sorted(map(int, Exit))


def test_every_document_schema_is_documented() -> None:
    made = {
        text
        for tree in trees().values()
        for node in ast.walk(tree)
        for text in literals(node)
        if re.fullmatch(r"finisher/[a-z-]+@\d+", text)
    }
    told = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert {schema for schema in made if schema not in told} == set()


def test_every_environment_variable_is_documented() -> None:
    named = {
        text
        for tree in trees().values()
        for node in ast.walk(tree)
        for text in literals(node)
        if re.fullmatch(r"FINISH(ER)?_[A-Z_]+", text)
    }
    assert len(named) >= 4
    assert named - quoted(text_of("cli.md")) == set()


def test_every_problem_code_is_documented() -> None:
    assert len(problem_codes()) > 100
    assert problem_codes() - quoted(text_of("errors.md")) == set()


def test_every_problem_stands_under_its_exit_code() -> None:
    sections = re.split(r"^## ", text_of("errors.md"), flags=re.MULTILINE)
    coded = {int(found[1]): part for part in sections if (found := re.match(r".*\((\d)\)\n", part))}
    told = {exit_code: quoted(part) for exit_code, part in coded.items()}
    raised = list(_raised())
    assert len(raised) > 50
    assert {(code, int(kind)) for code, kind in raised if code not in told[kind]} == set()


def _raised() -> Iterator[tuple[str, Exit]]:
    """Codes of problems that stand in the very error they are raised in."""
    for tree in trees().values():
        for error in ast.walk(tree):
            kind = getattr(problems, called(error), None) if isinstance(error, ast.Call) else None
            if isinstance(kind, type) and issubclass(kind, problems.FinisherError):
                for node in ast.walk(error):
                    if isinstance(node, ast.Call) and called(node) == "Problem":
                        yield from ((code, kind.exit) for code in literals(node.args[0]))


def test_every_check_is_documented() -> None:
    assert len(finding_ids()) > 30
    # `verdict` is SARIF's own; every other id can be asked for.
    assert finding_ids() - {"verdict"} == CHECKS
    assert finding_ids() - quoted(text_of("errors.md").split("## Checks")[1]) == set()


def test_no_code_is_documented_that_does_not_exist() -> None:
    first_cells = re.findall(r"^\| (`[^|]*) \|", text_of("errors.md"), re.MULTILINE)
    told = {code for cell in first_cells for code in _QUOTED.findall(cell)}
    assert told - problem_codes() - finding_ids() == set()


def test_architecture_names_every_module_by_its_own_words() -> None:
    rows = re.findall(r"^\| `([^`]+)` \| (.*) \|$", text_of("architecture.md"), re.MULTILINE)
    told = dict(rows)
    assert len(told) == len(rows), "a module is named twice"
    own = {
        module_name(path): (ast.get_docstring(tree) or "").partition("\n")[0]
        for path, tree in trees().items()
    }
    wrong = {f"| `{name}` | {words} |" for name, words in own.items() if told.get(name) != words}
    assert wrong == set(), "the page should hold these rows"
    assert set(told) - set(own) == set()


def test_architecture_draws_the_floors_that_imports_keep_to() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = contracts["tool"]["importlinter"]["contracts"][0]["layers"]
    drawing = next(body for _, body in _BLOCK.findall(text_of("architecture.md")))
    drawn = [re.search(rf"(?<=  ){re.escape(layer)}(?=  |\n)", drawing) for layer in layers]
    assert [layer for layer, found in zip(layers, drawn, strict=True) if found is None] == []
    places = [found.start() for found in drawn if found is not None]
    assert places == sorted(places)


def test_architecture_names_only_what_there_is() -> None:
    """Dotted names of the walk, `module.function`, exist; actions of C2PA only look like them."""
    walk = text_of("architecture.md").split("## Every module")[0]
    modules = {module_name(path): tree for path, tree in trees().items()}
    for name in quoted(walk):
        head, _, last = name.rpartition(".")
        if head in modules and head != "c2pa":
            defined = {getattr(node, "name", "") for node in modules[head].body}
            assert last in defined or name in modules, name


def test_presets_are_all_in_the_table() -> None:
    shipped = {path.stem for path in (ROOT / "presets").glob("*.toml")}
    assert shipped == set(names())
    assert shipped - quoted(text_of("presets.md")) == set()


def test_preset_keys_are_all_in_the_table() -> None:
    text = text_of("presets.md")
    keys = {key for path in (ROOT / "presets").glob("*.toml") for key in _keys(path)}
    assert {key for key in keys if f"`{key}`" not in text} == set()


def _keys(path: Path) -> Iterator[str]:
    def dotted(value: dict[str, object], prefix: str) -> Iterator[str]:
        for key, member in value.items():
            if isinstance(member, dict):
                yield from dotted(member, f"{prefix}{key}.")
            else:
                yield prefix + key

    return dotted(tomllib.loads(path.read_text(encoding="utf-8")), "")


def test_example_presets_load(tmp_path: Path) -> None:
    (tmp_path / "presets").mkdir()
    blocks = [body for kind, body in _BLOCK.findall(text_of("presets.md")) if kind == "toml"]
    assert blocks
    for number, body in enumerate(blocks):
        (tmp_path / "presets" / f"example{number}.toml").write_text(body, encoding="utf-8")
        assert find(f"example{number}", tmp_path).description


EXAMPLES = [
    (page.name, body)
    for page in PAGES
    for kind, body in _BLOCK.findall(page.read_text(encoding="utf-8"))
    if kind == "json"
]


@pytest.mark.parametrize(("page", "body"), EXAMPLES)
def test_example_edit_lists_are_read(page: str, body: str, tmp_path: Path) -> None:
    """A whole edit list as it is; an event, layer or section inside the sample's."""
    del page
    value = json.loads(body if body.lstrip().startswith("{") else f"{{{body}}}")
    if "schema" not in value:
        value = _within_sample(value)
    path = tmp_path / "edl.json"
    path.write_text(json.dumps(value), encoding="utf-8")
    assert read(path).items


def _within_sample(part: dict[str, object]) -> dict[str, object]:
    sample = json.loads((ROOT / "samples/harbour/edl.json").read_text(encoding="utf-8"))
    if "take" in part:
        neighbours = {"along": {"id": "along", "take": "s02t01", "in": 96, "out": 122}}
        sample["events"] = [neighbours["along"], part]
        sample["audio"] = []
    elif "role" in part:
        sample["audio"] = [part]
    else:
        sample |= part
    return sample


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in _LINK.findall(page.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", there.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {_anchor(heading) for heading in headings}, target


def _anchor(heading: str) -> str:
    """A heading's address, as code hosts make it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_pages_name_no_machine(page: Path) -> None:
    found = re.search(
        r"(?<![\w.])/(home|root|work|tmp|Users|mnt|opt|var)/|[A-Z]:\\", page.read_text("utf-8")
    )
    assert found is None, found


def test_index_lists_every_page() -> None:
    index = text_of("README.md")
    pages = {page.name for page in DOCS.glob("*.md")} - {"README.md"}
    assert {name for name in pages if f"({name})" not in index} == set()
    assert (DOCS / "adr").is_dir()
    assert "(adr)" in index
