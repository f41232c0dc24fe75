"""The programs in C: built anew for each run, into its own folder."""

import shutil
import subprocess
from pathlib import Path

from bench.errors import BenchError

HERE = Path(__file__).parent
SOURCES = {
    "load": ("load.c", "check.c", "dialects.c", "wire.c", "pace.c"),
    "bound": ("bound.c",),
}


def build(name: str, folder: Path) -> Path:
    """Compile `load` or `bound` into the folder; the path of what can be run."""
    compiler = shutil.which("cc")
    if compiler is None:
        raise BenchError("the load generator is written in C: install a compiler (cc)")
    program = folder / name
    sources = [str(HERE / source) for source in SOURCES[name]]
    done = subprocess.run(
        [compiler, "-O2", "-Wall", "-o", str(program), *sources], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BenchError(f"{name} does not compile:\n{done.stderr}")
    return program
