"""What ``pip install`` makes: a daemon that any folder's twistd finds, and the programs beside it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.daemon import DATABASE, REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

MINUTES = 600.0
GENERATED = shutil.ignore_patterns(".*", "*.egg-info", "build", "dist", "__pycache__", "dropin.cache")


def call(*command: str | Path, folder: Path) -> str:
    """Run a program that must succeed, without our checkout in its way; return what it says."""
    done = subprocess.run(
        command,
        cwd=folder,
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=MINUTES,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what is in the repository, where a build may leave what it likes."""
    return shutil.copytree(REPOSITORY, tmp_path / "checkout", ignore=GENERATED)


@pytest.mark.soak
class InstallationTests:
    """In a fresh environment."""

    @pytest.mark.parametrize("options", [[], ["--editable"]], ids=["wheel", "editable"])
    def test_plugin_is_found_from_any_folder(self, checkout: Path, tmp_path: Path, options: Sequence[str]) -> None:
        """Twistd, tcpchat and tcpchat-client start from a folder that has nothing to do with it."""
        programs = tmp_path / "environment" / "bin"
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        call(sys.executable, "-m", "venv", programs.parent, folder=tmp_path)
        call(programs / "pip", "install", *options, checkout, folder=tmp_path)
        assert "tcpchat" in call(programs / "twistd", "--help", folder=elsewhere)
        for daemon in ((programs / "twistd", "-n", "tcpchat"), (programs / "tcpchat",)):
            assert call(*daemon, "--check", "--port", "0", folder=elsewhere) == "tcpchat: these settings are right\n"
        assert call(programs / "tcpchat-client", "--version", folder=elsewhere).startswith("tcpchat-client ")
        assert not (elsewhere / DATABASE).exists()

    def test_wheel_holds_what_it_needs(self, checkout: Path, tmp_path: Path) -> None:
        """The wheel has the plugin and the schema, and no ``__init__.py`` that would shut Twisted's plugins off."""
        call(sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", tmp_path, checkout, folder=tmp_path)
        (wheel,) = tmp_path.glob("*.whl")
        names = call(sys.executable, "-m", "zipfile", "--list", wheel, folder=tmp_path)
        assert "twisted/plugins/tcpchat_plugin.py" in names
        assert "twistedchat/store/schema/001.sql" in names
        assert "twistedchat/py.typed" in names
        assert "twisted/plugins/__init__.py" not in names
        assert "twisted/__init__.py" not in names
