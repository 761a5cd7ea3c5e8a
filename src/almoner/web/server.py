"""Gunicorn as the application needs it: no log of requests, and a workspace opened anew in each process."""

from __future__ import annotations

from typing import Any

from gunicorn.app.base import BaseApplication


class Server(BaseApplication):
    """A server of one workspace."""

    def __init__(self, address: str, port: int, workers: int, threads: int) -> None:
        shown = f"[{address}]" if ":" in address else address
        self._options = {
            "bind": f"{shown}:{port}",
            "workers": workers,
            "threads": threads,
            "worker_class": "gthread",
            "timeout": 120,
            "graceful_timeout": 20,
            "keepalive": 5,
            "accesslog": None,
            "errorlog": "-",
            "loglevel": "warning",
            "limit_request_line": 2000,
            "limit_request_fields": 60,
            "forwarded_allow_ips": "127.0.0.1,::1",
            "preload_app": False,
            "control_socket_disable": True,
        }
        super().__init__()

    def load_config(self) -> None:
        """Give gunicorn its settings."""
        for name, value in self._options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        """Give the application, in the process that will answer."""
        from django.core.wsgi import get_wsgi_application

        return get_wsgi_application()
