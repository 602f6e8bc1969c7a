"""The world of a user's own pictures, with labels or without."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from tinyvae.errors import ConfigError
from tinyvae.pictures import (
    FormRule,
    LabelRule,
    Reading,
    Rules,
    SplitRule,
    keeping,
    read_pictures,
)
from tinyvae.pictures.cache import Progress
from tinyvae.pictures.elsewhere import check_here, elsewhere
from tinyvae.pictures.in_python import InPython, name_of_pictures, name_of_table
from tinyvae.pictures.keeping import KEPT_LABELS, KEPT_PICTURES
from tinyvae.tables.kinds import kind_text
from tinyvae.tables.reading import read_table
from tinyvae.tables.table import NAME_COLUMN
from tinyvae.worlds.picture_rows import PictureRows, picture_rows


@dataclass(frozen=True)
class Pictures:
    """A user's own pictures, in files or in memory, with labels if there are any.

    Args:
        images: a folder of PNG, JPEG, TIFF, BMP or WebP files (flat, or one subfolder
            per class), a file .npz, .npy, .h5, .parquet or .csv, an array, a data frame
            of numbers, or a list of paths.
        labels: a table .csv, .tsv or .parquet, a data frame, a dict of columns or an
            array; by default the labels that come with the pictures (classes, arrays).
        key: column of the labels that names the picture of each row.
        kinds: kind of each label: ordered, circular:PERIOD, categorical. By default it
            is guessed and shown.
        factors: labels to use; by default all that can be used.
        size: pixels, or (height, width); by default the size that all pictures have.
        fit: pad, crop or stretch pictures of another shape.
        channels: grey, rgb, or auto: grey if every picture is.
        background: colour behind transparent pixels and padding.
        group: column of groups that are held out as a whole, such as patients.
        held_out: share of the pictures that training never sees, 0 to 0.9.
        split_seed: seed that decides which pictures are held out.
        fingerprint: digest of the pictures and labels at the start of a run; computed.
        offsets: mean of each number of a table; computed.
        scales: standard deviation of each number of a table; computed.
        data: arrays in Python; not written with the settings.

    Raises: ConfigError if a setting is not one of these.
    """

    images: Any
    labels: Any = None
    key: str | None = None
    kinds: Mapping[str, str] | Sequence[tuple[str, str]] = ()
    factors: Sequence[str] = ()
    size: int | tuple[int, int] | None = None
    fit: Literal["pad", "crop", "stretch"] = "pad"
    channels: Literal["auto", "grey", "rgb"] = "auto"
    background: str = "black"
    group: str | None = None
    held_out: float = 0.2
    split_seed: int = 0
    fingerprint: str = field(default="", metadata={"found": True})
    offsets: tuple[float, ...] = field(default=(), metadata={"found": True})
    scales: tuple[float, ...] = field(default=(), metadata={"found": True})
    kind: Literal["pictures"] = "pictures"
    data: Annotated[Any, Field(exclude=True)] = field(
        default=None, compare=False, repr=False
    )

    def __post_init__(self):
        kinds = self.kinds.items() if isinstance(self.kinds, Mapping) else self.kinds
        self._set("kinds", tuple((str(name), str(kind)) for name, kind in kinds))
        factors = [self.factors] if isinstance(self.factors, str) else self.factors
        self._set("factors", tuple(factors))
        if isinstance(self.size, int | np.integer):
            self._set("size", (int(self.size), int(self.size)))
        elif self.size is not None:
            height, width = self.size
            self._set("size", (int(height), int(width)))
        self._set("offsets", tuple(self.offsets))
        self._set("scales", tuple(self.scales))
        self._take_in()
        self.rules  # noqa: B018 (which checks them)

    def _take_in(self) -> None:
        """Keep arrays apart from the settings, which only hold a name for them."""
        data = self.data or InPython()
        if isinstance(self.images, str | Path):
            self._set("images", str(self.images))
        else:
            data = replace(data, images=self.images)
            self._set("images", name_of_pictures(self.images))
        if isinstance(self.labels, str | Path):
            self._set("labels", str(self.labels))
        elif self.labels is not None:
            data = replace(data, labels=read_table(self.labels))
            self._set("labels", name_of_table(data.labels))
        self._set("data", data)

    def _set(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)

    @property
    def rules(self) -> Rules:
        """The settings in the form that `read_pictures` takes."""
        return Rules(
            FormRule(self.size, self.fit, self.channels, self.background),  # type: ignore[arg-type]
            LabelRule(self.key, self.kinds, self.factors, self.group),  # type: ignore[arg-type]
            SplitRule(self.held_out, self.split_seed),
        )

    def read(self, progress: Progress | None = None) -> Reading:
        """The decoded and checked pictures with their labels; read once.

        Raises: ConfigError or DataError, naming file and row, if something does not
        fit, or if the pictures differ from those at the start of the run.
        """
        known: Reading | None = getattr(self, "_reading", None)
        if known is None:
            known = read_pictures(
                self._images(),
                self._labels(),
                rules=self.rules,
                progress=progress,
            )
            self._check_unchanged(known)
            self._set("_reading", known)
        return known

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Height, width and channels; decided settings know it without the files."""
        if self.offsets:  # a table of numbers
            return (1, len(self.offsets), 1)
        if isinstance(self.size, tuple) and self.channels != "auto":
            height, width = self.size
            return (height, width, 3 if self.channels == "rgb" else 1)
        return self.read().form.shape

    def population(self) -> PictureRows:
        """The pictures by row number; opens, decodes and checks the files.

        Raises: ConfigError or DataError as `read` does.
        """
        return picture_rows(self.read(), self.offsets, self.scales)

    def describe(self) -> str:
        """One line: number and size of the pictures, and their labels."""
        reading = self.read()
        height, width, channels = reading.form.shape
        colour = " in colour" if channels == 3 else ""
        names = ", ".join(factor.name for factor in reading.factors) or "none"
        return (
            f"{len(reading.names)} pictures of {height}x{width}{colour} from "
            f"{Path(self.images).name}, {reading.held.sum()} held out, labels: {names}"
        )

    def settled(self) -> Pictures:
        """The same settings, with everything undecided decided from the files."""
        reading = self.read()
        rows = self.population()
        height, width, channels = reading.form.shape
        kinds = dict(self.kinds)
        for label in reading.labels:
            if not label.of_record:
                kinds[label.factor.name] = kind_text(label.factor)
        settled = replace(
            self,
            images=self._absolute(self.images, self.data.images),
            labels=self._absolute(self.labels, self.data.labels),
            kinds=tuple(kinds.items()),
            factors=tuple(factor.name for factor in reading.factors),
            size=None if reading.form.vectors else (height, width),
            channels="grey" if channels == 1 else "rgb",
            fingerprint=reading.fingerprint,
            offsets=tuple(np.asarray(rows.offsets).tolist()),
            scales=tuple(np.asarray(rows.scales).tolist()),
        )
        settled._set("_reading", reading)
        return settled

    def keep(self, folder: str | Path) -> Pictures:
        """Write what the settings need into a run folder; returns the new settings.

        Arrays and frames from Python are written. Files stay where they are, and a
        digest of their contents is kept, so that a later change is noticed.

        Raises: RunFolderError if it cannot be written.
        """
        reading, folder = self.read(), Path(folder)
        keeping.keep_list(folder, reading)
        if self.images == KEPT_PICTURES:
            keeping.keep_again(folder, self.data.folder, KEPT_PICTURES, reading)
        elif self.labels == KEPT_LABELS:
            keeping.keep_again(folder, self.data.folder, KEPT_LABELS, reading)
        kept = self
        if self.data.images is not None:
            keeping.keep_pictures(folder, reading)
            kept = replace(kept, images=KEPT_PICTURES, labels=None, key=None)
        elif self.data.labels is not None:
            keeping.keep_labels(folder, reading)
            kept = replace(kept, labels=KEPT_LABELS, key=NAME_COLUMN)
        return kept.resolved(folder)

    def resolved(self, folder: str | Path) -> Pictures:
        """These settings, read from a run folder, so that they find its files."""
        return replace(self, data=InPython(folder=Path(folder)))

    def elsewhere(self) -> Pictures:
        """The same settings with names in place of paths, for another computer."""
        labels = None if self.labels is None else elsewhere(self.labels)
        return replace(self, images=elsewhere(self.images), labels=labels, data=None)

    def like(self, images: Any, labels: Any = None, **changes: Any) -> Pictures:
        """Other pictures in the same form (size, channels, scale), none held out."""
        return Pictures(
            images,
            labels,
            size=self.size,
            fit=self.fit,
            channels=self.channels,
            background=self.background,
            held_out=0.0,
            offsets=self.offsets,
            scales=self.scales,
            **changes,
        )

    def _images(self) -> Any:
        if self.data.images is not None:
            return self.data.images
        check_here(self.images, "images")
        if self.images.startswith("array:"):
            raise ConfigError(
                f"expected pictures in a file or folder, got {self.images}, which was "
                "an array in Python and was not kept. Pass the array again."
            )
        if self.images == KEPT_PICTURES and self.data.folder is not None:
            return str(self.data.folder / KEPT_PICTURES)
        return self.images

    def _labels(self) -> Any:
        if self.data.labels is not None:
            return self.data.labels
        check_here(self.labels or "", "labels")
        if self.labels == KEPT_LABELS and self.data.folder is not None:
            return str(self.data.folder / KEPT_LABELS)
        return self.labels

    def _absolute(self, path: str | None, in_python: Any) -> str | None:
        kept = path in (KEPT_PICTURES, KEPT_LABELS) and self.data.folder is not None
        if path is None or kept or in_python is not None:
            return path
        return str(Path(path).expanduser().absolute())

    def _check_unchanged(self, reading: Reading) -> None:
        if self.fingerprint and self.fingerprint != reading.fingerprint:
            found = keeping.changes(self.data.folder, reading)
            raise ConfigError(
                f"{self.images}: {found}. "
                "Restore them, or start a new run in another folder."
            )
