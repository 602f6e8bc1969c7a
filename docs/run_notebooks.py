"""Executes the notebooks of the documentation, and keeps their outputs.

    make notebooks
    python docs/run_notebooks.py own_codes     # one of them

Each runs in a temporary folder. Outputs that a viewer does not show are left out.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).parent / "notebooks"
SHOWN = ("image/png", "text/html", "text/plain")


def execute(path: Path) -> None:
    """Run every cell of a notebook, and write it with its outputs."""
    notebook = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as folder:
        NotebookClient(
            notebook,
            timeout=3600,
            startup_timeout=600,
            resources={"metadata": {"path": folder}},
        ).execute()
    nbformat.write(tidied(notebook, folder), path)


def tidied(notebook: nbformat.NotebookNode, folder: str) -> nbformat.NotebookNode:
    """The notebook without times, warnings of other programs, and links to `folder`."""
    notebook.metadata = {
        "kernelspec": {
            "display_name": "Python 3",
            "language": "python",
            "name": "python3",
        },
        "language_info": {"name": "python"},
    }
    for cell in notebook.cells:
        cell.metadata = {}
        if cell.cell_type == "code":
            cell.outputs = [
                one
                for one in cell.outputs
                if one.get("name") != "stderr" and folder not in str(one)
            ]
            for output in cell.outputs:
                output.metadata = {} if "metadata" in output else None
                if output.metadata is None:
                    del output["metadata"]
                for kind in set(output.get("data", ())) - set(SHOWN):
                    del output.data[kind]
    return notebook


def main() -> None:
    """Execute the notebooks that are named, or all."""
    names = sys.argv[1:] or [path.stem for path in sorted(FOLDER.glob("*.ipynb"))]
    for name in names:
        execute(FOLDER / f"{name}.ipynb")


if __name__ == "__main__":
    main()
