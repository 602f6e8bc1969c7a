"""Requests to the Hugging Face Hub, through its own client library."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import httpx2
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi
from huggingface_hub.errors import HfHubHTTPError

from tinyvae import __version__
from tinyvae.interop.hub_faults import said
from tinyvae.interop.hub_files import LARGEST, check_sizes


def hub_of(token: str | bool | None) -> Hub:
    """The hub, of huggingface.co or of the variable HF_ENDPOINT."""
    endpoint = os.environ.get("HF_ENDPOINT") or None
    return Hub(
        HfApi(endpoint, token, library_name="tinyvae", library_version=__version__)
    )


class Hub:
    """What is asked of the hub."""

    def __init__(self, api: HfApi):
        self.api = api

    def commit(
        self, name: str, folder: Path, *, private: bool | None, revision: str | None
    ) -> str:
        """Make the files of a folder the files of a repository; its new address.

        Files that an earlier version had, and this one has not, are removed.

        Raises: HubError.
        """
        files = sorted(folder.iterdir())
        with said(name, revision, "write"):
            self.api.create_repo(name, private=private, exist_ok=True)
            if revision is not None:
                self.api.create_branch(name, branch=revision, exist_ok=True)
            there = self.api.list_repo_files(name, revision=revision)
            gone = {"scores.json"}.intersection(there) - {file.name for file in files}
            operations: list[Any] = [
                *(CommitOperationAdd(file.name, file) for file in files),
                *(CommitOperationDelete(file) for file in sorted(gone)),
            ]
            commit = self.api.create_commit(
                name,
                operations,
                commit_message=f"A run of tinyvae {__version__}",
                revision=revision,
            )
        return commit.commit_url

    def download(self, name: str, revision: str | None) -> Path:
        """The folder of the cache that holds the files of a run, all of one commit.

        Without a connection, those that were downloaded before.

        Raises: HubError; RunFolderError if a file is too large, before it is taken.
        """
        files = list(LARGEST)
        check_sizes(self.sizes(name, files, revision), name)
        with said(name, revision, "read"):
            folder = self.api.snapshot_download(
                name, revision=revision, allow_patterns=files
            )
        return Path(str(folder))

    def sizes(
        self, name: str, files: list[str], revision: str | None
    ) -> dict[str, int]:
        """Bytes of each file that is there; nothing if the hub does not say."""
        try:
            found = self.api.get_paths_info(name, files, revision=revision)
        except (HfHubHTTPError, httpx2.HTTPError, ConnectionError):
            return {}  # the files may be in the cache
        return {file.path: getattr(file, "size", 0) for file in found}
