"""The HTTP face of the house: every channel's routes on one app."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool

import jiuding
from jiuding.base import http
from jiuding.base.logs import configure_logs
from jiuding.base.settings import read_secret
from jiuding.bootstrap import House, demonstration
from jiuding.channels import console
from jiuding.channels.assistant import routes as assistant_routes
from jiuding.kernel import ledger
from jiuding.kernel.decisions import routes as decisions_routes
from jiuding.kernel.ledger import routes as ledger_routes
from jiuding.services import abuse
from jiuding.services.abuse import routes as abuse_routes
from jiuding.services.cases import routes as cases_routes
from jiuding.services.offers import routes as offers_routes
from jiuding.services.risk import routes as risk_routes
from jiuding.services.signals import routes as signals_routes


def create_app(house: House) -> FastAPI:
    """Return the app that serves a house: `/v1` for programs, pages for people, `/health`."""
    poster = ledger.Poster(house.engine, house.bank.bank_id)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        # What was taken is posted before the database is let go.
        await run_in_threadpool(poster.stop)

    app = FastAPI(
        title="Jiuding",
        version=jiuding.__version__,
        summary="An open bank: one sentence in, the best way to pay, funded and explained.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/v1/openapi.json",
        lifespan=lifespan,
    )
    configure_logs()
    http.install(
        app,
        bytes_max={
            ledger_routes.PATH: ledger_routes.TRANSFERS_BYTES_MAX,
            console.DRAFT_PATH: console.DRAFT_BYTES_MAX,
            cases_routes.PATH: cases_routes.EVIDENCE_BYTES_MAX,
            risk_routes.PATH: risk_routes.EVENTS_BYTES_MAX,
            assistant_routes.SPEECH_PATH: assistant_routes.SPEECH_BYTES_MAX,
        },
        proxies=house.settings.proxies,
    )

    @app.get("/health", include_in_schema=False)
    def health() -> dict[str, Any]:
        """Say that the bank serves; the doctor asks this."""
        return {"service": "jiuding", "version": jiuding.__version__, "status": "serving"}

    app.state.branch = house.branch
    app.state.poster = poster
    assistant_routes.equip(app, house.settings.home)
    app.state.operator_token = read_secret(house.settings.home, "operator").hex()
    app.state.staff_key = read_secret(house.settings.home, "staff")
    app.state.lists = house.lists
    app.include_router(assistant_routes.router)
    app.include_router(cases_routes.router)
    app.include_router(decisions_routes.router)
    app.include_router(offers_routes.router)
    app.include_router(ledger_routes.router)
    app.state.gatekeeper = abuse.Gatekeeper(house.bank.bank_id)
    app.include_router(abuse_routes.router)
    app.include_router(risk_routes.router)
    app.include_router(signals_routes.router)
    console.install(
        app, house.branch, pin_hint=demonstration.PIN, operator_token=app.state.operator_token,
        staff_key=app.state.staff_key,
    )  # fmt: skip
    return app
