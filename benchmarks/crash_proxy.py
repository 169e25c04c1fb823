"""A stretch of wire that forwards a request, waits until it was answered, and loses the answer."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable

CHUNK = 65_536


class LosingWire:
    """Listens on a local port and carries bytes to a server, TCP or unix; `lose` breaks it once.

    After `lose` the first request that `is_it` recognises goes through whole; when the server has
    answered it, the answer is dropped and the caller's connection is closed.
    """

    def __init__(self, address: str | tuple[str, int]) -> None:
        self.address = address
        self.lost_count = 0
        self._is_it: Callable[[bytes], bool] | None = None
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def __enter__(self) -> LosingWire:
        return self

    def __exit__(self, *_: object) -> None:
        # Closing alone does not wake the one who waits for a caller.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def lose(self, is_it: Callable[[bytes], bool]) -> None:
        """Lose the answer to the next such request."""
        self._is_it = is_it

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                caller, _ = self._listener.accept()
                family = socket.AF_UNIX if isinstance(self.address, str) else socket.AF_INET
                server = socket.socket(family, socket.SOCK_STREAM)
                try:
                    server.connect(self.address)
                except OSError:
                    caller.close()
                    continue
                is_losing = threading.Event()
                for ends in ((caller, server), (server, caller)):
                    threading.Thread(
                        target=self._carry, args=(*ends, is_losing, ends[0] is caller), daemon=True
                    ).start()

    def _carry(
        self,
        source: socket.socket,
        target: socket.socket,
        is_losing: threading.Event,
        is_request: bool,
    ) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(CHUNK):
                if is_request and self._is_it is not None and self._is_it(data):
                    self._is_it = None
                    is_losing.set()
                elif not is_request and is_losing.is_set():
                    self.lost_count += 1
                    break
                target.sendall(data)
        for each in (source, target):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
