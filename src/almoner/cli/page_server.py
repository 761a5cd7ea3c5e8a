"""Serves the built pages of a workspace to this machine: those folders and nothing else, with a strict policy."""

from __future__ import annotations

import html
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from almoner.profiles.frame import script_source

FOLDERS = ("profiles", "notice")
"""What may be shown: drafts and the notice, never records, keys or the lake."""

POLICY = (
    f"default-src 'none'; style-src 'unsafe-inline'; script-src {script_source()}; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
"""No request anywhere, and no script but the one that profiles come with."""


class _Pages(SimpleHTTPRequestHandler):
    """Gives the index and the files of the allowed folders."""

    def do_GET(self) -> None:
        """Answer a request."""
        # The path as it is going to be opened: decoded, and with every '..' worked out.
        root, file = Path(self.directory).resolve(), Path(self.translate_path(self.path)).resolve()
        parts = file.relative_to(root).parts if file.is_relative_to(root) else (".",)
        if not parts:
            self._index()
        elif parts[0] in FOLDERS and file.is_file() and not any(part.startswith(".") for part in parts):
            super().do_GET()
        else:
            self.send_error(404)

    def do_HEAD(self) -> None:
        """Answer a request for headers only as for the page: refused outside the folders."""
        self.send_error(405)

    def end_headers(self) -> None:
        """Add the policy to each answer."""
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Keep no log of requests."""

    def _index(self) -> None:
        root = Path(self.directory)
        pages = [p for folder in FOLDERS for p in sorted((root / folder).glob("*.*")) if p.is_file()]
        links = "".join(
            f'<li><a href="/{html.escape(p.relative_to(root).as_posix())}">{html.escape(p.name)}</a></li>'
            for p in pages
        )
        body = (
            '<!doctype html><html lang="en-GB"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1"><title>Almoner: built pages</title>'
            "<style>body{font:1.0625rem/1.6 system-ui,sans-serif;margin:2rem auto;padding:0 1rem;max-width:40rem}"
            "li{margin:.4rem 0}a{overflow-wrap:anywhere}</style></head>"
            f"<body><main><h1>Built pages</h1><ul>{links or '<li>Nothing is built yet.</li>'}</ul></main></body></html>"
        ).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def serve_pages(root: Path, port: int) -> None:
    """Serve until stopped, on loopback only."""
    with ThreadingHTTPServer(("127.0.0.1", port), partial(_Pages, directory=str(root))) as server:
        server.serve_forever()
