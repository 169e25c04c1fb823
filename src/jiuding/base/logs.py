"""Logs: one JSON object a line on standard error, and no values of local variables, ever."""

from __future__ import annotations

import sys

import structlog


def configure_logs() -> None:
    """Set up logging for a program that serves; tracebacks are plain text.

    The library's own traceback prints what local variables hold: it is slow, and it would write
    customers' data into a log.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
