"""The shape of the program: who may import whom, who may touch the reactor, and how long anything may be."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import TypeAlias

import pytest

ROOT = Path(__file__).parent.parent
MODULE_LINES, FUNCTION_LINES = 300, 40

MAY_IMPORT = {
    "chat": {"chat"},
    "dialects": {"chat", "dialects"},
    "doors": {"chat", "dialects", "doors"},
    "store": {"chat", "store"},
    "client": {"client"},
}
"""Of each package, the packages that it may know; what stands beside them puts them together."""

PURE = {"chat", "dialects"}
THIRD_PARTIES = {"msgspec", "confusable_homoglyphs"}
"""What the pure packages may use that is not Python's own; none of it imports Twisted."""
WORLDLY = (
    {"asyncio", "glob", "http", "io", "logging", "multiprocessing", "os", "pathlib", "queue", "random", "secrets"}
    | {"select", "selectors", "shutil", "signal", "socket", "socketserver", "sqlite3", "ssl", "subprocess", "sys"}
    | {"tempfile", "threading", "time", "urllib", "uuid"}
)
"""Sockets, files, clocks, chance and threads: what the pure packages are handed, or do without."""

VERSION = "twistedchat.__version__"
"""Anybody may say which version they are."""

REACTOR = "twisted.internet.reactor"
TOUCH_THE_REACTOR = {"twistedchat/service.py", "twistedchat/client/__main__.py"}

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


class Module:
    """One file, and what it imports, wherever in it that stands."""

    def __init__(self, path: Path) -> None:
        self.path = path.relative_to(ROOT).as_posix()
        self.text = path.read_text()
        self.tree = ast.parse(self.text)
        self.name = self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        self.package = self.name.split(".")[1] if self.path.count("/") > 1 else ""
        self.imports = {name for node in ast.walk(self.tree) for name in self._imported(node)}

    def _imported(self, node: ast.AST) -> set[str]:
        if isinstance(node, ast.Import):
            return {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            assert not node.level, f"{self.path}: imports are written out"
            return {f"{node.module}.{alias.name}" for alias in node.names}
        return set()

    def knows(self, name: str) -> bool:
        """Tell whether it imports the module or package `name`, or something out of it."""
        return any(f"{each}.".startswith(f"{name}.") for each in self.imports)

    def packages(self) -> set[str]:
        """Return the packages of ours that it imports something of, "" for what stands beside them."""
        ours = [each.split(".") for each in self.imports - {VERSION} if each.startswith("twistedchat.")]
        return {each[1] if each[1] in MAY_IMPORT else "" for each in ours}

    def outsiders(self) -> set[str]:
        """Return the top-level packages that it imports and that are not ours."""
        return {each.split(".")[0] for each in self.imports} - {"twistedchat"}


MODULES = [Module(path) for path in sorted((ROOT / "twistedchat").rglob("*.py"))]


def of(package: str) -> list[Module]:
    return [module for module in MODULES if module.package == package]


class ImportTests:
    @pytest.mark.parametrize("package", MAY_IMPORT)
    def test_imports_point_one_way(self, package: str) -> None:
        """chat <- dialects <- doors, chat <- store; the client knows the wire only. Annotations count as well."""
        assert of(package)
        beyond = {module.path: module.packages() - MAY_IMPORT[package] for module in of(package)}
        assert {path: packages for path, packages in beyond.items() if packages} == {}

    def test_only_the_service_knows_everything(self) -> None:
        """The parts are put together in one place, and no part knows that place."""
        assert {"chat", "dialects", "doors", "store"} == {
            package for module in of("") for package in module.packages() if module.path.endswith("/service.py")
        } - {""}
        others = [module for module in MODULES if module.path != "twistedchat/service.py"]
        assert [module.path for module in others if module.knows("twistedchat.service")] == []
        assert [module.path for module in others if {"doors", "store"} <= module.packages()] == []

    def test_doors_do_not_know_each_other(self) -> None:
        """Each way in could be taken out without another one noticing; what they share are no doors."""
        doors = [module for module in of("doors") if _makes_protocols(module.tree)]
        assert "twistedchat/doors/line.py" in [door.path for door in doors]
        known = [
            (door.path, other.path)
            for door in doors
            for other in doors
            if door is not other and door.knows(other.name)
        ]
        assert known == []

    @pytest.mark.parametrize("package", sorted(PURE))
    def test_pure_packages_use_little(self, package: str) -> None:
        """The chat and its dialects know no sockets, files, clocks or threads, and import nothing that does."""
        outsiders = {(module.path, each) for module in of(package) for each in module.outsiders()}
        foreign = {(path, each) for path, each in outsiders if each not in sys.stdlib_module_names}
        assert {each for _, each in foreign} <= THIRD_PARTIES, foreign
        assert {(path, each) for path, each in outsiders if each in WORLDLY} == set()

    def test_pure_packages_bring_no_twisted_in(self) -> None:
        """Whoever imports all of the chat and its dialects has not imported Twisted."""
        names = [module.name for module in MODULES if module.package in PURE]
        program = f"import sys, {', '.join(names)}; sys.exit(bool({{'twisted', 'zope'}} & set(sys.modules)))"
        assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == 0

    def test_no_package_is_forgotten(self) -> None:
        """A new package says in this file what it may import."""
        assert {module.package for module in MODULES} - {""} == set(MAY_IMPORT)


class ReactorTests:
    def test_reactor_is_touched_at_the_edge_only(self) -> None:
        """The reactor is handed on from where the program starts; nobody else reaches for it."""
        assert {module.path for module in MODULES if module.knows(REACTOR)} == TOUCH_THE_REACTOR


class PluginTests:
    def test_plugin_folder_is_nobodys_package(self) -> None:
        """An __init__.py in twisted/ or twisted/plugins/ would hide Twisted itself."""
        assert list((ROOT / "twisted").rglob("__init__.py")) == []
        assert [path.name for path in (ROOT / "twisted").rglob("*.py")] == ["tcpchat_plugin.py"]

    def test_plugin_imports_next_to_nothing(self) -> None:
        """Every twistd on the machine imports it, also those that have nothing to do with us."""
        plugin = Module(ROOT / "twisted/plugins/tcpchat_plugin.py")
        assert plugin.imports == {"twisted.application.service.ServiceMaker"}


class SizeTests:
    def test_modules_fit_in_the_head(self) -> None:
        """No module has more than 300 lines: a longer one is two things."""
        lengths = {module.path: len(module.text.splitlines()) for module in MODULES}
        assert {path: length for path, length in lengths.items() if length > MODULE_LINES} == {}

    def test_functions_fit_on_a_screen(self) -> None:
        """No function has more than 40 lines."""
        lengths = {
            f"{module.path}: {node.name}": (node.end_lineno or 0) - node.lineno + 1
            for module in MODULES
            for node in ast.walk(module.tree)
            if isinstance(node, Function)
        }
        assert {name: length for name, length in lengths.items() if length > FUNCTION_LINES} == {}

    def test_every_module_says_what_it_is(self) -> None:
        """A module begins with a sentence about itself."""
        assert [module.path for module in MODULES if not ast.get_docstring(module.tree)] == []


def _makes_protocols(tree: ast.Module) -> bool:
    """Tell whether a module has a factory of protocols in it, which makes it a door."""
    methods = {node.name for node in ast.walk(tree) if isinstance(node, Function)}
    return "buildProtocol" in methods
