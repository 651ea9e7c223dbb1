"""ONNX Runtime: scores scikit-learn's forest, converted; a fit is scikit-learn's."""

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from skl2onnx import to_onnx

from forest_protocol import Array, FitSettings, serve
from protocol import THREADS
from sklearn_peer import ScikitLearn


class OnnxRuntime(ScikitLearn):
    """The operator takes 32-bit floats."""

    def __init__(self) -> None:
        super().__init__()
        self._session: onnxruntime.InferenceSession | None = None
        self._floats: dict[str, NDArray[np.float32]] = {}

    def load(self, name: str, x: Array, y: Array) -> None:
        super().load(name, x, y)
        self._floats[name] = x.astype(np.float32)

    def forget(self, name: str) -> None:
        super().forget(name)
        del self._floats[name]

    def fit(self, name: str, settings: FitSettings) -> None:
        super().fit(name, settings)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = THREADS
        model = to_onnx(self.model, self.rows[name][0][:1].astype(np.float32))
        self._session = onnxruntime.InferenceSession(model.SerializeToString(), options)

    def predict(self, name: str) -> Array:
        if self._session is None:
            raise ValueError("there is no model")
        return self._session.run(None, {"X": self._floats[name]})[0].ravel().astype(np.float64)


if __name__ == "__main__":
    serve(OnnxRuntime())
