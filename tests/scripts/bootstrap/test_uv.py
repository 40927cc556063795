"""Finding or bringing uv, and through it a Python."""

import sys
from pathlib import Path

import pytest

from scripts.bootstrap import uv as uv_module
from scripts.bootstrap.layout import SetupError
from scripts.bootstrap.uv import find_python, find_uv, run_logged, uv_environment
from tests.scripts.bootstrap.conftest import Program


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A home, a cache and a path on which nothing is."""
    for name, folder in (("CACHE", "cache"), ("LOGS", "cache/logs")):
        monkeypatch.setattr(uv_module, name, tmp_path / folder)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", f"{tmp_path / 'programs'}:/usr/bin:/bin")
    monkeypatch.delenv("PYENV_ROOT", raising=False)
    for name in ("UV_PYTHON_INSTALL_DIR", "UV_HTTP_TIMEOUT", "UV_DEFAULT_INDEX", "UV_INDEX", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(uv_module, "_pip_settings", dict)
    return tmp_path / "home"


class TestUv:
    @pytest.mark.parametrize("version", ["0.9.0", "0.10.2", "1.0.0"])
    def test_a_recent_one_on_the_path_is_taken(self, program: Program, version: str) -> None:
        found = program("uv", f"echo 'uv {version} (abc 2026-01-01)'")
        assert find_uv() == found

    @pytest.mark.parametrize("says", ["uv 0.8.22 (abc)", "", "unknown"])
    def test_an_old_one_is_passed_over_for_one_in_the_home(
        self, program: Program, home: Path, says: str
    ) -> None:
        program("uv", f"echo '{says}'")
        local = home / ".local" / "bin" / "uv"
        local.parent.mkdir(parents=True)
        local.write_text("#!/bin/sh\necho 'uv 0.9.1'\n")
        local.chmod(0o755)
        assert find_uv() == local

    def test_without_one_pip_brings_it_into_the_checkout(
        self, program: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        private = tmp_path / "cache" / "uv" / "bin" / "uv"
        # Stands for `python -m pip install --target <folder>`.
        pip = program(
            "python",
            f'echo "$@" > {tmp_path}/asked; mkdir -p {private.parent}\n'
            f"printf '#!/bin/sh\\necho uv 0.9.5\\n' > {private}; chmod +x {private}",
        )
        monkeypatch.setattr(sys, "executable", str(pip))
        assert find_uv() == private
        asked = (tmp_path / "asked").read_text()
        assert f"--target {tmp_path}/cache/uv uv>=0.9.0" in asked
        assert find_uv() == private, "the next setup takes it as it is"

    def test_without_pip_the_remedies_are_named(
        self, program: Program, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        python = program("python", "echo 'No module named pip' >&2; exit 1")
        monkeypatch.setattr(sys, "executable", str(python))
        with pytest.raises(SetupError, match=r"No module named pip\).*apt-get install python3-pip"):
            find_uv()


COMPLETE = "exit 0"
INCOMPLETE = "exit 1  # built without sqlite, say: `import sqlite3` fails"


class TestPython:
    def fake_uv(self, program: Program, known: Path | None = None, brought: Path | None = None) -> Path:
        """A uv that knows a Python, or brings one when told to install."""
        state = program("state", "").parent / "brought"
        return program(
            "uv",
            f"""
if [ "$2" = install ]; then
  {f"touch {state}; exit 0" if brought else "echo 'error: no internet' >&2; exit 2"}
fi
if [ -f {state} ]; then echo '{brought}'; else echo '{known or ""}'; fi
""",
        )

    def python(self, path: Path, script: str = COMPLETE) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return path

    def test_the_one_that_uv_knows_is_taken(self, program: Program, tmp_path: Path) -> None:
        known = self.python(tmp_path / "usr" / "python3.13")
        assert find_python(self.fake_uv(program, known), "3.13") == str(known)

    def test_pythons_of_pyenv_are_found_newest_first(self, program: Program, home: Path) -> None:
        """pyenv's shims work only for the version in use, so uv does not see the others."""
        versions = home / ".pyenv" / "versions"
        self.python(versions / "3.13.0" / "bin" / "python3.13")
        newest = self.python(versions / "3.13.1" / "bin" / "python3.13")
        self.python(versions / "3.12.9" / "bin" / "python3.12")
        assert find_python(self.fake_uv(program), "3.13") == str(newest)

    def test_pyenv_may_live_elsewhere(
        self, program: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
        found = self.python(tmp_path / "pyenv" / "versions" / "3.13.0" / "bin" / "python3.13")
        assert find_python(self.fake_uv(program), "3.13") == str(found)

    def test_pythons_of_asdf_are_found(self, program: Program, home: Path) -> None:
        found = self.python(home / ".asdf" / "installs" / "python" / "3.13.0" / "bin" / "python3.13")
        assert find_python(self.fake_uv(program), "3.13") == str(found)

    def test_one_that_lacks_a_module_is_passed_over(
        self, program: Program, home: Path, tmp_path: Path
    ) -> None:
        known = self.python(tmp_path / "usr" / "python3.13", INCOMPLETE)
        versions = home / ".pyenv" / "versions"
        self.python(versions / "3.13.1" / "bin" / "python3.13", INCOMPLETE)
        whole = self.python(versions / "3.13.0" / "bin" / "python3.13")
        assert find_python(self.fake_uv(program, known), "3.13") == str(whole)

    def test_without_one_uv_brings_it(self, program: Program, tmp_path: Path) -> None:
        brought = self.python(tmp_path / "cache" / "python" / "python3.13")
        assert find_python(self.fake_uv(program, brought=brought), "3.13") == str(brought)

    def test_without_one_and_without_a_connection_the_remedy_is_named(self, program: Program) -> None:
        with pytest.raises(SetupError, match=r"Python 3\.13 is not .*no internet.*pyenv install 3\.13"):
            find_python(self.fake_uv(program), "3.13")

    def test_this_python_is_complete(self) -> None:
        exec(uv_module._COMPLETE)


class TestRun:
    def test_what_uv_says_goes_to_a_log(self, program: Program, tmp_path: Path) -> None:
        uv = program("uv", 'echo "$@ $COLOUR"; echo more >&2')
        run_logged(uv, "spark", "pip", "sync", environment={"COLOUR": "green"})
        assert (tmp_path / "cache" / "logs" / "spark.log").read_text() == "pip sync green\nmore\n"

    def test_a_failure_shows_the_end_of_the_log(self, program: Program) -> None:
        uv = program("uv", "for n in $(seq 1 30); do echo line $n; done; exit 1")
        with pytest.raises(SetupError, match=r"uv pip sync failed; .*spark\.log ends:") as caught:
            run_logged(uv, "spark", "pip", "sync", "x")
        assert "    line 30" in str(caught.value)
        assert "line 18\n" not in str(caught.value)


class TestEnvironment:
    def test_pips_mirror_and_certificates_hold_for_uv(self, monkeypatch: pytest.MonkeyPatch) -> None:
        settings = {"index-url": "https://mirror.example/simple", "cert": "/etc/ca.pem", "timeout": "9"}
        monkeypatch.setattr(uv_module, "_pip_settings", lambda: settings)
        variables = uv_environment()
        assert variables["UV_DEFAULT_INDEX"] == "https://mirror.example/simple"
        assert variables["SSL_CERT_FILE"] == "/etc/ca.pem"
        assert "UV_FIND_LINKS" not in variables

    def test_what_was_set_for_uv_itself_wins(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(uv_module, "_pip_settings", lambda: {"index-url": "https://pip.example"})
        monkeypatch.setenv("UV_DEFAULT_INDEX", "https://uv.example")
        assert uv_environment()["UV_DEFAULT_INDEX"] == "https://uv.example"

    def test_an_active_environment_is_not_written_into(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("VIRTUAL_ENV", "/home/me/other")
        assert "VIRTUAL_ENV" not in uv_environment()

    def test_pythons_that_uv_brings_stay_in_the_checkout(self, tmp_path: Path) -> None:
        assert uv_environment()["UV_PYTHON_INSTALL_DIR"] == str(tmp_path / "cache" / "python")
