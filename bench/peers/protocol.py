"""The protocol of a peer: one JSON object a line, requests on stdin, one reply each on stdout."""

import json
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

THREADS = 2

Request = dict[str, Any]


def serve_requests(answer: Callable[[Request], Any]) -> None:
    """Answers until stdin ends."""
    replies = _reserve_stdout()
    # Ctrl-C reaches the whole process group. The parent handles it, and its end closes stdin.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for request in _requests():
        try:
            reply: dict[str, Any] = {"ok": answer(request)}
        except Exception as error:  # every error is reported to the benchmark
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), file=replies, flush=True)


def _reserve_stdout() -> Any:
    """Redirects stdout to stderr, because libraries and Spark's Java process print to it."""
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return replies


def _requests() -> Iterator[dict[str, Any]]:
    """Reads stdin in a thread, so that the process ends with its parent, even during a fit."""
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()

    def read() -> None:
        for line in sys.stdin:
            lines.put(line)
        os._exit(0)

    threading.Thread(target=read, daemon=True).start()
    while True:
        yield json.loads(lines.get())
