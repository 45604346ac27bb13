"""
The log of web, workers, beat and commands: one line per event, on standard error.

Production writes JSON. Tracebacks come without the values of variables, and PostgreSQL's messages only as far as
they name no row: "Failing row contains (…)" would put a person's name into the log.
"""

from __future__ import annotations

import logging
import logging.config
import re
import sys
import traceback
from collections.abc import Iterator, MutableMapping
from typing import Any

import structlog
from django.db import Error as DatabaseError
from psycopg import Error as PostgresError
from structlog.typing import ExcInfo, Processor

from qinqing.env import IS_PRODUCTION

# The text after these words quotes rows. Errors about data (class 22) quote the value in their first line, too.
_OF_ROWS = re.compile(r"(?:\\n|\n|\b)(?:DETAIL: |CONTEXT: |LINE \d+:) .*")
_VALUE = re.compile(r"(: +)\".*")
_CLASS_OF_DATA = "22"
CUT = "…"


def set_up(logging_settings: dict[str, Any]) -> None:
    """Let structlog's loggers and the standard library's, by Django's LOGGING, write alike."""
    logging.config.dictConfig(logging_settings)
    structlog.configure(
        processors=[*_context_processors(), *_output_processors()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        # Look standard error up for each logger: a worker or a test may replace it.
        logger_factory=lambda *_name: structlog.WriteLogger(sys.stderr),
    )


def line() -> logging.Formatter:
    """How a line of the standard library's loggers is written."""
    meta: Processor = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.add_logger_name, *_context_processors()],
        processors=[meta, *_output_processors()],
    )


def _context_processors() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.StackInfoRenderer(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def _output_processors() -> list[Processor]:
    last: Processor = structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
    if not IS_PRODUCTION:
        # No colours: people read most lines in a file.
        last = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    return [structlog.processors.ExceptionRenderer(_format_traceback), _without_rows, last]


def _format_traceback(exc_info: ExcInfo) -> str:
    """The traceback as Python writes it, with each database error cut to the part that names no row."""
    text = "".join(traceback.format_exception(*exc_info)).rstrip("\n")
    for each in _list_causes(exc_info[1]):
        if isinstance(each, DatabaseError | PostgresError) and (said := str(each)):
            text = text.replace(said, _first_line(each))
    return text


def _list_causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and all its causes, each once: a chain of causes may be a ring."""
    seen, waiting = set(), [error]
    while waiting:
        each = waiting.pop()
        if each is not None and id(each) not in seen:
            seen.add(id(each))
            yield each
            waiting += [each.__cause__, each.__context__, *getattr(each, "exceptions", ())]


def _first_line(error: DatabaseError | PostgresError) -> str:
    first, _newline, rest = str(error).partition("\n")
    origin = error if isinstance(error, PostgresError) else error.__cause__
    is_of_data = isinstance(origin, PostgresError) and (origin.sqlstate or "").startswith(_CLASS_OF_DATA)
    first = _VALUE.sub(rf"\1{CUT}", first) if is_of_data else first
    return f"{first} {CUT}" if rest else first


def _without_rows(_logger: Any, _method: str, said: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Cut the rows out of others' texts about a database error, such as Celery's sentence on a failed task."""
    for name, value in said.items():
        if isinstance(value, str):
            said[name] = _OF_ROWS.sub(f" {CUT}", value)
        elif isinstance(value, BaseException):
            said[name] = _OF_ROWS.sub(f" {CUT}", str(value))
    return said
