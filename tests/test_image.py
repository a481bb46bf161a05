"""The image in the examples has what its processes need, each pinned by its hash."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
NEEDED = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["postgres"]]
PINNED = re.compile(
    r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==(\S+)[^\n]*\\\n((?: +--hash=sha256:[0-9a-f]{64}.*\n)+)",
    re.M,
)


@pytest.fixture(scope="module")
def lock() -> str:
    """What the image is installed from, and nothing else but Krets itself."""
    image = (ROOT / "examples" / "Dockerfile").read_text()
    locked, krets = re.findall(r"^RUN pip install (.+)$", image, re.M)
    name = re.search(r"--require-hashes -r (\S+)$", locked)
    assert name, locked
    assert re.search(rf"^COPY .*\b{re.escape(name[1])}\b", image, re.M)
    assert krets.split()[-1] == "."
    assert "--no-deps" in krets
    return (ROOT / name[1]).read_text()


@pytest.mark.parametrize("needed", NEEDED)
def test_what_krets_needs_on_postgresql_is_pinned_in_the_image(needed: str, lock: str) -> None:
    wanted = Requirement(needed)
    pinned = {canonicalize_name(name): version for name, version, _ in PINNED.findall(lock)}
    version = pinned[canonicalize_name(wanted.name)]
    assert Version(version) in wanted.specifier
    if "binary" in wanted.extras:
        assert pinned[f"{canonicalize_name(wanted.name)}-binary"] == version


def test_the_lock_of_the_image_holds_hashes_alone_and_no_address(lock: str) -> None:
    assert PINNED.sub("", lock).strip() == "", "each line pins something by its hash"
    assert "://" not in lock


def test_the_image_has_the_versions_that_are_tested(lock: str) -> None:
    tested = (ROOT / "requirements-test.lock").read_text()
    versions = {name: version for name, version, _ in PINNED.findall(tested)}
    assert {name: version for name, version, _ in PINNED.findall(lock)}.items() <= versions.items()
