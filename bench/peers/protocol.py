"""The protocol of a peer: one JSON object a line, requests on stdin, one reply each on stdout."""

import json
import os
import queue
import resource
import signal
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

THREADS = 2

Array = NDArray[np.float64]


@dataclass(frozen=True)
class FitSettings:
    """What to grow; the rest is the library's default unless the peer says otherwise."""

    trees: int
    max_depth: int | None
    feature_fraction: float
    seed: int


class Peer(ABC):
    """An implementation of random forest regression, with the rows and the model that it holds."""

    @abstractmethod
    def load(self, name: str, x: Array, y: Array) -> None:
        """Loads rows in the form that suits the library best; not timed."""

    @abstractmethod
    def fit(self, name: str, settings: FitSettings) -> None:
        """Trains on loaded rows and keeps the model; timed."""

    @abstractmethod
    def predict(self, name: str) -> Array:
        """Predictions of the kept model for loaded rows; timed."""

    @abstractmethod
    def forget(self, name: str) -> None:
        """Frees loaded rows."""


def serve(peer: Peer) -> None:
    """Answers until stdin ends."""
    replies = _reserve_stdout()
    # Ctrl-C reaches the whole process group. The parent handles it, and its end closes stdin.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    targets: dict[str, Array] = {}
    for request in _requests():
        try:
            reply: dict[str, Any] = {"ok": _answer(peer, targets, request)}
        except Exception as error:  # every error is reported to the benchmark
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), file=replies, flush=True)


def _answer(peer: Peer, targets: dict[str, Array], request: dict[str, Any]) -> dict[str, float]:
    match request["command"]:
        case "load":
            name = request["name"]
            y = np.fromfile(request["targets"], dtype=np.float64)
            x = np.fromfile(request["features"], dtype=np.float64).reshape(len(y), -1)
            peer.load(name, x, y)
            targets[name] = y
            return {}
        case "forget":
            peer.forget(request["name"])
            del targets[request["name"]]
            return {}
        case "fit":
            # JSON's 1 arrives as an int, which scikit-learn takes for one feature.
            fraction = float(request["featureFraction"])
            settings = FitSettings(request["trees"], request["maxDepth"], fraction, request["seed"])
            start = time.perf_counter()
            peer.fit(request["name"], settings)
            return {"seconds": time.perf_counter() - start}
        case "predict":
            start = time.perf_counter()
            predictions = peer.predict(request["name"])
            seconds = time.perf_counter() - start
            rmse = float(np.sqrt(np.mean((predictions - targets[request["name"]]) ** 2)))
            return {"seconds": seconds, "rmse": rmse}
        case "memory":
            return {"peakBytes": _peak_memory_bytes()}
        case command:
            raise ValueError(f"unknown command: {command}")


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


def _peak_memory_bytes() -> int:
    """On Linux not ru_maxrss: a child's begins with the peak of the process that forked it."""
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            kibibytes = next(line.split()[1] for line in status if line.startswith("VmHWM"))
        return int(kibibytes) * 1024
    except FileNotFoundError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024
