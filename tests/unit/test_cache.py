"""Where compiled code is kept: whose folder it is, and what becomes of damaged files."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from omemsim import cache
from omemsim.cache import HANDED_ON, Cache, cache_for, distrust

REPO = Path(__file__).parents[2]
posix = pytest.mark.skipif(sys.platform == "win32", reason="owners and modes are POSIX")
as_root = pytest.mark.skipif(
    not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can give files away"
)
ME, OTHER = 1004, 1007
IDENTITY = "0123456789abcdef"
NAME, DATA = "a.kernel-0f0f.bin", b"machine code of some length"


def info(mode: int, owner: int) -> os.stat_result:
    return os.stat_result((mode, 1, 1, 1, owner, 1, 0, 0, 0, 0))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that XDG_CACHE_HOME names; temporary files go beside it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setenv(HANDED_ON, "")  # so that what a test sets there is put back
    monkeypatch.delenv(HANDED_ON)
    (tmp_path / "temp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temp"))
    return tmp_path / "home"


@pytest.fixture
def kept(home: Path) -> Cache:
    """A cache with one file, which is the whole model."""
    found = cache_for(IDENTITY)
    assert found.write(NAME, DATA)
    found.stamp([NAME])
    assert found.read(NAME) == DATA
    assert found.is_complete()
    return found


def path_of(kept: Cache) -> Path:
    assert kept.folder is not None
    return kept.folder / NAME


# --- Whom to trust ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "owner", "reason"),
    [
        (stat.S_IFDIR | 0o700, ME, ""),
        (stat.S_IFDIR | 0o755, ME, ""),
        (stat.S_IFDIR | 0o755, 0, ""),
        (stat.S_IFDIR | 0o700, OTHER, "another user"),
        (stat.S_IFDIR | 0o720, ME, "other users can write"),
        (stat.S_IFDIR | 0o702, ME, "other users can write"),
        (stat.S_IFDIR | 0o1777, 0, "other users can write"),
        (stat.S_IFLNK | 0o777, ME, "a link"),
        (stat.S_IFREG | 0o600, ME, "stands in the way"),
    ],
)
def test_a_folder_is_trusted_that_only_its_user_can_write(
    mode: int, owner: int, reason: str
) -> None:
    found = distrust(info(mode, owner), ME)
    assert reason in found
    assert bool(found) == bool(reason)


@pytest.mark.parametrize(
    ("mode", "owner", "is_trusted"),
    [
        (stat.S_IFREG | 0o600, ME, True),
        (stat.S_IFREG | 0o644, 0, True),
        (stat.S_IFREG | 0o644, OTHER, False),
        (stat.S_IFREG | 0o664, ME, False),
        (stat.S_IFDIR | 0o700, ME, False),
        (stat.S_IFIFO | 0o600, ME, False),
    ],
)
def test_a_file_is_trusted_that_only_its_user_can_write(
    mode: int, owner: int, is_trusted: bool
) -> None:
    assert (distrust(info(mode, owner), ME, is_file=True) == "") is is_trusted


def test_where_the_system_has_no_owners_none_is_asked_for() -> None:
    assert distrust(info(stat.S_IFDIR | 0o777, 0), -1) == ""


# --- Which folder ----------------------------------------------------------------------


def test_the_cache_is_in_the_users_own_folder_and_private(home: Path) -> None:
    found = cache_for(IDENTITY)
    assert found.folder == home / "omemsim" / IDENTITY
    assert found.problem == ""
    if sys.platform != "win32":
        assert stat.S_IMODE(found.folder.stat().st_mode) == 0o700


def test_numba_s_own_setting_comes_first(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "numba"))
    assert cache_for(IDENTITY).folder == tmp_path / "numba" / "omemsim" / IDENTITY


@posix
@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777])
def test_a_folder_that_others_can_write_is_not_read(kept: Cache, mode: int) -> None:
    assert kept.folder is not None
    kept.folder.chmod(mode)
    found = cache_for(IDENTITY)
    assert found.folder is not None
    assert found.folder != kept.folder
    assert found.read(NAME) is None
    assert f"{kept.folder} is not used, since other users can write there" in found.warning
    assert "Remove it, or set XDG_CACHE_HOME to a folder of your own." in found.warning
    assert found.problem == ""  # a private folder does for the next start


@as_root
def test_a_folder_of_another_user_is_not_read(kept: Cache) -> None:
    assert kept.folder is not None
    os.chown(kept.folder, OTHER, -1)
    found = cache_for(IDENTITY)
    assert found.folder != kept.folder
    assert f"belongs to another user (number {OTHER})" in found.warning


@posix
def test_a_link_to_a_folder_is_not_read(kept: Cache, tmp_path: Path) -> None:
    assert kept.folder is not None
    kept.folder.rename(tmp_path / "elsewhere")
    kept.folder.symlink_to(tmp_path / "elsewhere")
    assert cache_for(IDENTITY).folder != kept.folder


@posix
def test_where_home_cannot_be_written_a_private_folder_is_used(home: Path, tmp_path: Path) -> None:
    home.write_text("a file, not a folder")
    found = cache_for(IDENTITY)
    root = tmp_path / "temp" / f"omemsim-{os.getuid()}"
    assert found.folder == root / IDENTITY
    assert stat.S_IMODE(root.stat().st_mode) == 0o700
    assert found.problem == ""  # the next start finds it
    assert cache_for(IDENTITY).folder == found.folder


@posix
@pytest.mark.parametrize("how", ["others can write", "a link", "a file"])
def test_a_private_folder_that_others_may_have_made_is_not_used(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    home.write_text("a file, not a folder")
    guessed = tmp_path / "temp" / f"omemsim-{os.getuid()}"
    if how == "others can write":
        (guessed / IDENTITY).mkdir(parents=True, mode=0o700)
        guessed.chmod(0o777)
    elif how == "a link":
        (tmp_path / "theirs").mkdir(mode=0o700)
        guessed.symlink_to(tmp_path / "theirs")
    else:
        guessed.touch()
    monkeypatch.setenv(HANDED_ON, "")  # so that it is put back after the test
    found = cache_for(IDENTITY)
    assert found.folder is not None
    assert not found.folder.is_relative_to(guessed)
    assert stat.S_IMODE(found.folder.parent.stat().st_mode) == 0o700
    assert str(home) in found.problem
    assert "Set XDG_CACHE_HOME to one that you can write to." in found.problem
    assert os.environ[HANDED_ON] == str(found.folder.parent)
    assert cache_for(IDENTITY).folder == found.folder  # as the processes that it starts


def test_where_nothing_can_be_written_there_is_no_cache_and_it_says_why(
    home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    home.write_text("a file, not a folder")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temp" / "missing" / "folder"))
    (tmp_path / "temp").rmdir()
    (tmp_path / "temp").write_text("a file")
    found = cache_for(IDENTITY)
    assert found.folder is None
    assert str(home) in found.problem
    assert not found.write(NAME, DATA)
    assert found.read(NAME) is None
    assert not found.is_complete()


ONE_PROCESS = """
import os, subprocess, sys
from omemsim.cache import cache_for
found = cache_for("0123456789abcdef")
found.write("a", b"kept")
code = "from omemsim.cache import cache_for; print(cache_for('0123456789abcdef').read('a'))"
print(found.folder)
print(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip())
print(os.path.isdir(found.folder))
"""


@posix
def test_a_process_s_own_folder_is_shared_with_those_it_starts_and_removed(tmp_path: Path) -> None:
    (tmp_path / "home").touch()
    temp = tmp_path / "temp"
    temp.mkdir()
    (temp / f"omemsim-{os.getuid()}").touch()
    env = {
        **{k: v for k, v in os.environ.items() if k not in (HANDED_ON, "NUMBA_CACHE_DIR")},
        "XDG_CACHE_HOME": str(tmp_path / "home"),
        "TMPDIR": str(temp),
        "PYTHONPATH": str(REPO),
    }
    done = subprocess.run(
        [sys.executable, "-c", ONE_PROCESS], env=env, capture_output=True, text=True, check=True
    )
    folder, read, was_there = done.stdout.split()
    assert Path(folder).is_relative_to(temp)
    assert (read, was_there) == ("b'kept'", "True")  # the second process removed nothing
    assert not Path(folder).parent.exists()


def test_a_folder_that_cannot_be_written_is_read_where_all_is_there(
    kept: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert cache_for(IDENTITY).folder == kept.folder
    path_of(kept).unlink()
    assert cache_for(IDENTITY).folder != kept.folder


# --- What becomes of a file ------------------------------------------------------------


def damage(path: Path, how: str, tmp_path: Path) -> None:
    whole = path.read_bytes()
    if how == "empty":
        path.write_bytes(b"")
    elif how == "cut short":
        path.write_bytes(whole[:-1])
    elif how == "cut in the digest":
        path.write_bytes(whole[:31])
    elif how == "one bit":
        path.write_bytes(whole[:40] + bytes([whole[40] ^ 1]) + whole[41:])
    elif how == "longer":
        path.write_bytes(whole + b"\0")
    elif how == "text":
        path.write_text("not code")
    elif how == "gone":
        path.unlink()
    elif how == "a folder":
        path.unlink()
        path.mkdir()
    elif how == "of another name":
        other = cache_for(IDENTITY)
        other.write("other.bin", DATA)
        (path.parent / "other.bin").replace(path)
    elif how == "of another machine":
        other = cache_for("fedcba9876543210")
        other.write(NAME, DATA)
        path_of(other).replace(path)
    elif how == "others can write":
        path.chmod(0o666)
    elif how == "of another user":
        os.chown(path, OTHER, -1)


DAMAGE = [
    "empty",
    "cut short",
    "cut in the digest",
    "one bit",
    "longer",
    "text",
    "gone",
    "of another name",
    "of another machine",
    pytest.param("others can write", marks=posix),
    pytest.param("of another user", marks=as_root),
]


@pytest.mark.parametrize("how", [*DAMAGE, "a folder"])
def test_a_damaged_file_is_a_miss(kept: Cache, tmp_path: Path, how: str) -> None:
    damage(path_of(kept), how, tmp_path)
    assert kept.read(NAME) is None
    assert not kept.is_complete()


@pytest.mark.parametrize("how", DAMAGE)
def test_a_damaged_file_is_written_again(kept: Cache, tmp_path: Path, how: str) -> None:
    damage(path_of(kept), how, tmp_path)
    assert kept.write(NAME, DATA)
    assert kept.read(NAME) == DATA
    assert kept.is_complete()


def test_a_file_that_cannot_be_read_is_a_miss(kept: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    assert kept.read(NAME) is None


@pytest.mark.parametrize("how", ["empty", "one bit", "text"])
def test_a_damaged_stamp_means_that_nothing_is_known(kept: Cache, tmp_path: Path, how: str) -> None:
    assert kept.folder is not None
    damage(kept.folder / cache.STAMP, how, tmp_path)
    assert not kept.is_complete()


def test_a_full_disk_leaves_nothing_half_written_and_is_told(
    kept: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    assert kept.folder is not None
    before = sorted(kept.folder.iterdir())
    monkeypatch.setattr(os, "replace", full)
    assert not kept.write("another.bin", DATA)
    assert sorted(kept.folder.iterdir()) == before
    assert f"{kept.folder} cannot be written (No space left on device)" in kept.problem


# --- What others left ------------------------------------------------------------------


def test_folders_of_other_versions_go_when_unused_for_long(kept: Cache, tmp_path: Path) -> None:
    assert kept.folder is not None
    root = kept.folder.parent
    long_ago, lately = time.time() - 61 * 86_400, time.time() - 59 * 86_400
    ages = {"a" * 16: long_ago, "b" * 16: lately, "mine": long_ago, "c" * 17: long_ago}
    for name, age in ages.items():
        (root / name / "inner").mkdir(parents=True, mode=0o700)
        (root / name / "inner" / "file").touch()
        os.utime(root / name, (age, age))
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "file").touch()
    if sys.platform != "win32":
        (root / ("d" * 16)).symlink_to(tmp_path / "precious")
        os.utime(root / ("d" * 16), (long_ago, long_ago), follow_symlinks=False)
    half = kept.folder / ".half-written"
    half.touch()
    os.utime(half, (long_ago, long_ago))
    os.utime(kept.folder, (long_ago, long_ago))
    kept.sweep()
    gone = {name for name in ages if not (root / name).exists()}
    assert gone == {"a" * 16}
    assert (tmp_path / "precious" / "file").exists()
    assert not half.exists()
    assert kept.is_complete()


def test_a_folder_in_use_does_not_grow_old(kept: Cache) -> None:
    assert kept.folder is not None
    long_ago = time.time() - 61 * 86_400
    os.utime(kept.folder, (long_ago, long_ago))
    cache_for(IDENTITY)
    assert time.time() - kept.folder.stat().st_mtime < 60
