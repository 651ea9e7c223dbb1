"""YDF: Yggdrasil Decision Forests' random forest."""

import ydf

from forest_protocol import Array, FitSettings, Peer, serve
from protocol import THREADS

LABEL = "label"


class Ydf(Peer):
    """Exact thresholds, like scikit-learn; it takes a dictionary of columns."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[str, Array]] = {}
        self._model: ydf.GenericModel | None = None

    def load(self, name: str, x: Array, y: Array) -> None:
        columns = {f"feature{i}": x[:, i].copy() for i in range(x.shape[1])}
        self._rows[name] = {**columns, LABEL: y}

    def forget(self, name: str) -> None:
        del self._rows[name]

    def fit(self, name: str, settings: FitSettings) -> None:
        learner = ydf.RandomForestLearner(
            label=LABEL,
            task=ydf.Task.REGRESSION,
            num_trees=settings.trees,
            max_depth=-1 if settings.max_depth is None else settings.max_depth,
            min_examples=1,
            num_candidate_attributes_ratio=settings.feature_fraction,
            compute_oob_performances=False,
            random_seed=settings.seed,
            num_threads=THREADS,
        )
        self._model = learner.train(self._rows[name], verbose=0)

    def predict(self, name: str) -> Array:
        if self._model is None:
            raise ValueError("there is no model")
        return self._model.predict(self._rows[name], num_threads=THREADS)


if __name__ == "__main__":
    serve(Ydf())
