"""Serve one results file over HTTP on loopback, from a process of its own: as little as possible.

``python -m tests.benchmarks.serving FILE ROWS`` prints the base URL and serves until stdin closes.
"""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

BATCH_ID = "msgbatch_benchmark"


def make_handler(path: Path, rows: int) -> type[BaseHTTPRequestHandler]:
    """A handler that answers for one batch."""
    size = path.stat().st_size

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if "/results" in self.path:
                self._start("application/binary", size)
                with path.open("rb") as file:
                    self.connection.sendfile(file)
                return
            host = self.headers["host"]
            body = json.dumps(
                _batch(f"http://{host}{self.path.partition('?')[0]}/results")
            ).encode()
            self._start("application/json", len(body))
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

        def _start(self, kind: str, length: int) -> None:
            self.send_response(200)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(length))
            self.send_header("request-id", "req_benchmark")
            self.end_headers()

    def _batch(results_url: str) -> dict[str, object]:
        counts = {"processing": 0, "succeeded": rows, "errored": 0, "canceled": 0, "expired": 0}
        moment = "2026-01-01T00:00:00+00:00"
        return {
            "id": BATCH_ID,
            "type": "message_batch",
            "processing_status": "ended",
            "request_counts": counts,
            "created_at": moment,
            "expires_at": moment,
            "ended_at": moment,
            "cancel_initiated_at": None,
            "archived_at": None,
            "results_url": results_url,
        }

    return Handler


def main() -> None:
    """Serve until stdin closes."""
    server = ThreadingHTTPServer(
        ("127.0.0.1", 0), make_handler(Path(sys.argv[1]), int(sys.argv[2]))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    sys.stdin.read()
    server.shutdown()


if __name__ == "__main__":
    main()
