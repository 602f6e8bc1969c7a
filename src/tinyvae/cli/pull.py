"""`tinyvae pull NAME`: a shared run as a run folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tinyvae.cli.app import app, ends_well, talk
from tinyvae.cli.push import bars_on_terminals_alone
from tinyvae.errors import RunFolderError


@app.command()
@ends_well
def pull(
    name: Annotated[
        str, typer.Argument(help="Repository on the hub, OWNER/MODEL, or a folder.")
    ],
    out: Annotated[
        Path | None, typer.Option(help="Run folder to write; by default runs/MODEL.")
    ] = None,
    revision: Annotated[
        str | None, typer.Option(help="Branch, tag or commit; by default main.")
    ] = None,
    images: Annotated[
        Path | None,
        typer.Option(help="The own pictures that it was trained on, if you have them."),
    ] = None,
    labels: Annotated[
        Path | None, typer.Option(help="The labels of these pictures.")
    ] = None,
    import_own_classes: Annotated[
        bool,
        typer.Option(
            "--import-own-classes",
            help="Import classes of the author's own, which runs their code.",
        ),
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the run in --out.")
    ] = False,
) -> None:
    r"""Get a shared run from the Hugging Face Hub, as a folder for every command.

    It is checked before anything is written: no file that its settings name is opened,
    and no code of its author runs unless you ask for it. For a private repository, log
    in before with `hf auth login`, or set HF_TOKEN. Needs the package of tinyvae\[hub].

    [bold]Examples[/bold]

    tinyvae pull ada/circles

    tinyvae pull ada/faces --out runs/faces --images faces.npz
    """
    bars_on_terminals_alone()
    from tinyvae.cli.run_folder import RUNS, check_free
    from tinyvae.interop.hub import check_source, from_pretrained
    from tinyvae.interop.hub_files import write_shared
    from tinyvae.runs.folder import remove_run, save_run

    check_source(name)
    folder = out or RUNS / Path(name).name
    taken = (folder / "config.json").exists()
    if taken and not overwrite:
        raise RunFolderError(
            f"{folder} already holds a run. Choose another --out, or replace it with "
            "--overwrite."
        )
    if not taken:
        check_free(folder)
    run = from_pretrained(
        name,
        revision=revision,
        images=None if images is None else str(images),
        labels=None if labels is None else str(labels),
        import_own_classes=import_own_classes,
    )
    if taken:
        remove_run(folder)
    if images is None:
        write_shared(run, folder)
    else:  # with the place of the pictures on this computer
        save_run(run, folder)
    talk(str(run))
    talk(f"wrote {folder}: a run folder, for `tinyvae answer {folder}` and the others")
