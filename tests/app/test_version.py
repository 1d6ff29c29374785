"""What `omemsim --version` says of a package built from a tag, an archive, a folder without git."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("omemsim", "configs", "pyproject.toml", "README.md", "LICENSE", "Makefile")
OF_GIT = (".gitattributes", ".git_archival.txt", ".gitignore")
BUILDS = all(find_spec(name) for name in ("hatchling", "hatch_vcs"))
pytestmark = [
    pytest.mark.skipif(not BUILDS, reason="no hatchling, hatch-vcs: make .venv/.installed-dev"),
    pytest.mark.skipif(shutil.which("git") is None, reason="no git here"),
]


def run(where: Path, *words: str, **more: str) -> str:
    """Run a command in a folder that no setting of this machine reaches; return what it says."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", **more}
    command = [sys.executable if words[0] == "python" else words[0], *words[1:]]
    done = subprocess.run(command, cwd=where, env=kept | alone, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def git(where: Path, *words: str) -> str:
    return run(where, "git", "-c", "user.name=A", "-c", "user.email=a@example.org", *words)


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of what a build reads, without a repository."""
    folder = tmp_path_factory.mktemp("sources")
    for name in (*PARTS, *OF_GIT):
        if (ROOT / name).is_dir():
            unwanted = shutil.ignore_patterns("__pycache__", "compiled")
            shutil.copytree(ROOT / name, folder / name, ignore=unwanted)
        else:
            shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def released(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository that is one commit after a release."""
    folder = tmp_path_factory.mktemp("git") / "omemsim"
    shutil.copytree(sources, folder)
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "Release")
    git(folder, "tag", "-a", "v7.8.9", "-m", "7.8.9")
    git(folder, "commit", "-q", "--allow-empty", "-m", "Go on")
    return folder


def version_of(folder: Path, out: Path) -> str:
    """Return what the command says once a folder has been built, and the wheel installed."""
    run(folder, "python", "-m", "hatchling", "build", "-t", "wheel", "-d", str(out))
    (wheel,) = out.glob("*.whl")
    site = out / "site"
    zipfile.ZipFile(wheel).extractall(site)  # all that pip does with a wheel of Python alone
    beside = os.pathsep.join([str(site), os.environ.get("PYTHONPATH", "")])
    said = run(out, "python", "-m", "omemsim", "--version", PYTHONPATH=beside)
    name, version = said.split()
    assert name == "omemsim"
    assert wheel.name.split("-")[1] == version
    return version


def test_a_tag_is_the_version(released: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--branch", "v7.8.9", str(released), "there")
    assert version_of(tmp_path / "there", tmp_path / "out") == "7.8.9"


def test_a_later_commit_is_told_from_the_release_and_an_sdist_says_the_same(
    released: Path, tmp_path: Path
) -> None:
    version = version_of(released, tmp_path / "out")
    commit = git(released, "rev-parse", "HEAD")
    found = re.fullmatch(r"7\.8\.9\.post1\.dev1\+g([0-9a-f]{7,})", version)
    assert found is not None
    assert commit.startswith(found[1])
    run(released, "python", "-m", "hatchling", "build", "-t", "sdist", "-d", str(tmp_path))
    (sdist,) = tmp_path.glob("*.tar.gz")
    shutil.unpack_archive(sdist, tmp_path, filter="data")
    assert version_of(tmp_path / sdist.name.removesuffix(".tar.gz"), tmp_path / "more") == version


def test_a_shallow_clone_says_which_commit_it_is_and_that_the_release_is_unknown(
    released: Path, tmp_path: Path
) -> None:
    git(tmp_path, "clone", "-q", "--depth", "1", released.as_uri(), "there")
    version = version_of(tmp_path / "there", tmp_path / "out")
    found = re.fullmatch(r"0\.0\.0\.post1\.dev1\+unknown\.g([0-9a-f]{7,})", version)
    assert found is not None
    assert git(released, "rev-parse", "HEAD").startswith(found[1])


def test_a_repository_without_a_tag_counts_its_commits(sources: Path, tmp_path: Path) -> None:
    folder = tmp_path / "untagged"
    shutil.copytree(sources, folder)
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "One")
    git(folder, "commit", "-q", "--allow-empty", "-m", "Two")
    version = version_of(folder, tmp_path / "out")
    assert re.fullmatch(r"0\.0\.0\.post1\.dev2\+unknown\.g[0-9a-f]{7,}", version)


def test_a_folder_without_git_says_that_it_is_unknown(sources: Path, tmp_path: Path) -> None:
    assert version_of(sources, tmp_path / "out") == "0.0.0+unknown"


def test_an_archive_of_a_release_carries_its_version(released: Path, tmp_path: Path) -> None:
    archive = tmp_path / "archive.tar"
    git(released, "archive", "--prefix=there/", "-o", str(archive), "v7.8.9")
    shutil.unpack_archive(archive, tmp_path, filter="data")
    assert version_of(tmp_path / "there", tmp_path / "out") == "7.8.9"
