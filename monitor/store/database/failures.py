"""From what the drivers raise to what the store raises."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from monitor.store.errors import StoreError, StoreUnavailable

_PASSING = (OperationalError, InterfaceError, InternalError)
_RAW = (psycopg.Error, sqlite3.Error)  # from COPY, and from setting up a new connection
_PASSING_RAW = (psycopg.OperationalError, psycopg.InterfaceError, psycopg.InternalError, sqlite3.OperationalError)


@contextmanager
def translated() -> Iterator[None]:
    """Raise StoreUnavailable for trouble that may pass, StoreError for what the database refuses."""
    try:
        yield
    except PoolExhausted:
        raise StoreUnavailable("the store's one writing connection is in use: it is for one thread") from None
    except DBAPIError as error:
        raise _refusal(error, passing=error.connection_invalidated or isinstance(error, _PASSING)) from error
    except _RAW as error:
        raise _refusal(error, passing=isinstance(error, _PASSING_RAW)) from error


def _refusal(error: Exception, *, passing: bool) -> StoreError:
    cause = error.orig if isinstance(error, DBAPIError) else error
    said = str(cause).strip()
    if passing and not isinstance(cause, psycopg.errors.ProgramLimitExceeded):
        return StoreUnavailable(f"the store did not answer: {said}")
    kind = "holds something else already" if isinstance(error, IntegrityError) else "refused this"
    return StoreError(f"the database {kind}: {said}")
