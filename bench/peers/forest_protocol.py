"""What the forest's peers answer: load rows, fit, predict, forget, memory."""

import resource
import sys
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from protocol import Request, serve_requests

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


class ArrayPeer(Peer):
    """A library that takes NumPy arrays as they are."""

    def __init__(self) -> None:
        self.rows: dict[str, tuple[Array, Array]] = {}

    def load(self, name: str, x: Array, y: Array) -> None:
        self.rows[name] = (x, y)

    def forget(self, name: str) -> None:
        del self.rows[name]


def serve(peer: Peer) -> None:
    """Answers until stdin ends."""
    targets: dict[str, Array] = {}
    serve_requests(lambda request: _answer(peer, targets, request))


def _answer(peer: Peer, targets: dict[str, Array], request: Request) -> dict[str, float]:
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


def _peak_memory_bytes() -> int:
    """On Linux not ru_maxrss: a child's begins with the peak of the process that forked it."""
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            kibibytes = next(line.split()[1] for line in status if line.startswith("VmHWM"))
        return int(kibibytes) * 1024
    except FileNotFoundError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024
