"""Finding policies: beside the edit list, among the user's own, among those shipped, by path."""

from __future__ import annotations

from pathlib import Path

from finisher.compliance.document import NAME, SCHEMA, PolicyDoc
from finisher.compliance.meaning import policy_of
from finisher.compliance.model import Policy
from finisher.presets.places import SUFFIX, files_in, names_in, offered, places
from finisher.presets.strict import schema_of
from finisher.presets.toml import load
from finisher.problems import DocumentError, Problem, Where

_KIND = "policies"


def names(folder: Path | None = None) -> list[str]:
    """Every policy there is, in alphabetical order; `folder` is the edit list's."""
    return names_in(places(_KIND, folder), NAME)


def find(name: str, folder: Path | None = None) -> Policy:
    """The policy of that name, or of that file where the name ends in `.toml`.

    The first of these folders that has it counts: `policies` in `folder`, the user's own, those
    shipped. None of them inherits from another.

    Raises:
        DocumentError: when there is no such policy, or something is wrong with it.
    """
    if name.endswith(SUFFIX):
        path = Path(name)
        if NAME.fullmatch(path.stem):
            return _read(path)
        where = Where(name)
        message = f"{path.stem!r} is no name for a policy"
        raise DocumentError(
            Problem("not-a-name", message, where, "small letters, digits and dashes")
        )
    if NAME.fullmatch(name):
        for shelf in places(_KIND, folder):
            if (path := shelf / f"{name}{SUFFIX}").is_file():
                return _read(path)
    raise DocumentError(_unknown(name, folder))


def named(text: str, folder: Path | None = None) -> tuple[Policy, ...]:
    """The policies of a list of names by commas, each once.

    Raises:
        DocumentError: naming all that there are not, and all that is wrong with those there are;
            two files of one name count as wrong.
    """
    found: dict[str, Policy] = {}
    problems: list[Problem] = []
    for word in filter(None, (part.strip() for part in text.split(","))):
        try:
            policy = find(word, folder)
        except DocumentError as error:
            problems += error.problems
            continue
        other = found.setdefault(policy.id, policy)
        if Path(other.path).resolve() != Path(policy.path).resolve():
            message = f"two policies are called {policy.id!r}: {other.path} and {policy.path}"
            problems.append(Problem("policy-twice", message, hint="name one of them otherwise"))
    if problems:
        raise DocumentError(problems)
    return tuple(found.values())


def everything(folder: Path | None = None) -> tuple[tuple[Policy, ...], tuple[Problem, ...]]:
    """Every policy there is, and what is wrong with those that can't be read."""
    found: list[Policy] = []
    problems: list[Problem] = []
    for name in names(folder):
        try:
            found.append(find(name, folder))
        except DocumentError as error:
            problems += error.problems
    return tuple(found), tuple(problems)


def files(folder: Path, text: str = "") -> list[Path]:
    """Every policy's file, the folders they are looked for in, and files a list of names names."""
    words = (part.strip() for part in text.split(","))
    given = (Path(word) for word in words if word.endswith(SUFFIX))
    return [*files_in(places(_KIND, folder)), *given]


def policy_schema() -> dict[str, object]:
    """The JSON Schema of a policy, draft 2020-12."""
    return schema_of(PolicyDoc, SCHEMA)


def _read(path: Path) -> Policy:
    """A policy's file.

    Raises:
        DocumentError: with the place of everything that is wrong.
    """
    if not path.is_file():
        message = f"there is no policy file {str(path)!r}"
        raise DocumentError(Problem("policy-missing", message, Where(str(path))))
    document = load(path)
    read = policy_of(path.stem, document.value, str(path))
    if isinstance(read, Policy):
        return read
    raise DocumentError(
        [Problem(one.code, one.message, document.where(one.path), one.hint) for one in read]
    )


def _unknown(name: str, folder: Path | None) -> Problem:
    """There is no such policy: say which there are."""
    hint = offered(name, names(folder))
    return Problem("unknown-policy", f'there is no policy "{name}"', None, hint)
