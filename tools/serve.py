"""Serve the built site on the next free port, and say which: `make serve`."""

import argparse
import errno
import functools
import http.server
from pathlib import Path

SITE = Path(__file__).resolve().parent.parent / "_build" / "html"


class Handler(http.server.SimpleHTTPRequestHandler):
    """Static files, with the type that browsers demand of a JavaScript module, and without a line per request."""

    extensions_map = {**http.server.SimpleHTTPRequestHandler.extensions_map, ".mjs": "text/javascript"}  # noqa: RUF012

    def log_message(self, *args):
        pass


def server(folder=SITE, port=0):
    """A threading server of `folder` on this machine alone, at `port` or (0) at any free one."""
    return http.server.ThreadingHTTPServer(("127.0.0.1", port), functools.partial(Handler, directory=str(folder)))


def first_free(folder, port):
    """A server at `port`, or at the next port that is free."""
    for candidate in range(port, port + 100):
        try:
            return server(folder, candidate)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
    raise SystemExit(f"no free port between {port} and {port + 99}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    port = parser.parse_args().port
    if not (SITE / "index.html").exists():
        raise SystemExit("there is no built site yet: run `make book` first")
    site = first_free(SITE, port)
    print(f"http://127.0.0.1:{site.server_address[1]}/  (Ctrl+C stops it)", flush=True)
    try:
        site.serve_forever()
    except KeyboardInterrupt:
        print()


if __name__ == "__main__":
    main()
