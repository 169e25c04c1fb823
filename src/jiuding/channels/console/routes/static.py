"""Static files: our styles and scripts in one file each, and the vendored ones, by content hash.

An address holds the hash of what it names, so a browser may keep it for a year; nothing outside the
list below can be asked for.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fastapi import APIRouter, Request, Response

from jiuding.base.problems import NotFound
from jiuding.base.settings import WEB

_YEAR = "public, max-age=31536000, immutable"
_JAVASCRIPT = "text/javascript; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is sent: its bytes, also compressed."""

    name: str
    kind: str
    body: bytes
    small: bytes

    @property
    def path(self) -> str:
        """The address, with the hash of the content in it."""
        stem, _, suffix = self.name.rpartition(".")
        return f"/static/{stem}.{hashlib.sha256(self.body).hexdigest()[:12]}.{suffix}"


def _joined(*patterns: str) -> bytes:
    files: list[Path] = []
    for pattern in patterns:
        files += sorted(WEB.glob(pattern))
    return b"\n".join(file.read_bytes() for file in files)


@lru_cache
def assets() -> dict[str, Asset]:
    """Return every static file by its plain name; read once."""
    vendor = WEB / "vendor"
    bodies = {
        "house.css": (
            "text/css; charset=utf-8",
            _joined("css/tokens.css", "css/base.css", "css/layout.css", "components/*.css"),
        ),
        "house.js": (_JAVASCRIPT, _joined("js/*.js")),
        "ear.js": (_JAVASCRIPT, _joined("worklets/ear.js")),
        "htmx.js": (_JAVASCRIPT, (vendor / "htmx/htmx.min.js").read_bytes()),
        "alpine.js": (_JAVASCRIPT, (vendor / "alpine/alpine-csp.min.js").read_bytes()),
        "echarts.js": (_JAVASCRIPT, (vendor / "echarts/echarts.min.js").read_bytes()),
        "favicon.svg": ("image/svg+xml", (WEB / "favicon.svg").read_bytes()),
    }
    return {
        name: Asset(name, kind, body, gzip.compress(body, 6, mtime=0))
        for name, (kind, body) in bodies.items()
    }


@lru_cache
def _by_path() -> dict[str, Asset]:
    return {asset.path: asset for asset in assets().values()}


router = APIRouter(include_in_schema=False)


@router.get("/static/{name}")
def send_asset(name: str, request: Request) -> Response:
    """Send a static file.

    Refuses: NotFound for a name that we do not have.
    """
    asset = _by_path().get(f"/static/{name}")
    if asset is None:
        raise NotFound(f"there is no file {name[:60]!r}")
    headers = {"Cache-Control": _YEAR, "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(asset.small, media_type=asset.kind, headers=headers)
    return Response(asset.body, media_type=asset.kind, headers=headers)


@router.get("/favicon.ico")
def send_icon(request: Request) -> Response:
    """Send the icon to browsers that ask for it by its old name."""
    return send_asset(assets()["favicon.svg"].path.removeprefix("/static/"), request)
