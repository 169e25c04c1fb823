"""The HTTP face of the house: every channel's routes on one app."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

import jiuding
from jiuding.base import http
from jiuding.bootstrap import House, demonstration
from jiuding.channels import console
from jiuding.channels.assistant import routes as assistant_routes


def create_app(house: House) -> FastAPI:
    """Return the app that serves a house: `/v1` for programs, pages for people, `/health`."""
    app = FastAPI(
        title="Jiuding",
        version=jiuding.__version__,
        summary="An open bank: one sentence in, the best way to pay, funded and explained.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/v1/openapi.json",
    )
    http.install(app)

    @app.get("/health", include_in_schema=False)
    def health() -> dict[str, Any]:
        """Say that the bank serves; the doctor asks this."""
        return {"service": "jiuding", "version": jiuding.__version__, "status": "serving"}

    app.state.branch = house.branch
    app.include_router(assistant_routes.router)
    console.install(app, house.branch, pin_hint=demonstration.PIN)
    return app
