"""What goes wrong with a repository of the hub, as one clear message."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import httpx2
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from tinyvae.errors import HubError
from tinyvae.wording import shortened

Right = Literal["read", "write"]
# what a token lacks, by the status of the answer
LACKING = {401: "one that is not valid", 403: "one without that right"}
UNREACHED = (httpx2.ConnectError, httpx2.TimeoutException, ConnectionError)
LONGEST_ERROR = 400  # letters of the client's own words in a message
LOG_IN = "Log in with `hf auth login`, or set HF_TOKEN (in Python, or pass token=...)."


@contextmanager
def said(name: str, revision: str | None, right: Right) -> Iterator[None]:
    """Turn what goes wrong with a repository into one clear message.

    Raises: HubError.
    """
    try:
        yield
    except GatedRepoError:
        raise HubError(
            f"{name} is gated: accept its terms on its page. {LOG_IN}"
        ) from None
    except RevisionNotFoundError:
        raise HubError(
            f"expected a revision of {name}, a branch, tag or commit, got "
            f"{revision!r}, which it does not have."
        ) from None
    except RepositoryNotFoundError:
        nor = f", and there is no folder {name}" if right == "read" else ""
        raise HubError(
            f"expected a repository that you may {right}, got {name}: there is none, "
            f"or it is private{nor}. Check the name. {LOG_IN}"
        ) from None
    # a large file that cannot be sent is a RuntimeError, with its cause
    except (httpx2.HTTPError, OSError, RuntimeError, ValueError) as error:
        raise HubError(f"{name}: {_words(error, name, right)}") from None


def _words(error: Exception, name: str, right: Right) -> str:
    absent = isinstance(error, LocalEntryNotFoundError)
    cause = error.__cause__ or error
    answer = cause if absent else error
    if isinstance(answer, HfHubHTTPError):
        return _answered(answer, name, right)
    nor = ", the files are not in the cache, and there is no folder of this name"
    nor = nor if absent else ""
    if isinstance(cause, OfflineModeIsEnabled):
        return f"HF_HUB_OFFLINE is set, so the hub is not asked{nor}. Unset it."
    if isinstance(error, UNREACHED) or isinstance(cause, UNREACHED):
        return (
            f"the hub cannot be reached ({_line(cause)}){nor}. Check the connection "
            "and HF_ENDPOINT."
        )
    return (
        f"could not {right} it: {_line(cause)}. Try again; what was there before is "
        "unchanged."
    )


def _answered(error: HfHubHTTPError, name: str, right: Right) -> str:
    """What the hub answered: it was reached."""
    lacking = LACKING.get(error.response.status_code)
    if lacking is None:
        return f"the hub failed: {_line(error)}."
    why = f" ({_line(error.server_message)})" if error.server_message else ""
    return (
        f"the hub refused{why}: expected a token that may {right} {name}, got none, or "
        f"{lacking}. {LOG_IN}"
    )


def _line(error: BaseException | str) -> str:
    """What an error says, as one line."""
    text = " ".join(str(error).split()) or type(error).__name__
    return shortened(text, LONGEST_ERROR).rstrip(".")
