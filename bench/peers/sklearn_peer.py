"""scikit-learn: RandomForestRegressor."""

from sklearn.ensemble import RandomForestRegressor

from forest_protocol import Array, FitSettings, Peer, serve
from protocol import THREADS


class ScikitLearn(Peer):
    """The reference: same bootstrap, same split criterion, exact thresholds."""

    def __init__(self) -> None:
        self._rows: dict[str, tuple[Array, Array]] = {}
        self._model = RandomForestRegressor()

    def load(self, name: str, x: Array, y: Array) -> None:
        self._rows[name] = (x, y)

    def forget(self, name: str) -> None:
        del self._rows[name]

    def fit(self, name: str, settings: FitSettings) -> None:
        x, y = self._rows[name]
        self._model = RandomForestRegressor(
            n_estimators=settings.trees,
            max_depth=settings.max_depth,
            max_features=settings.feature_fraction,
            min_samples_leaf=1,
            random_state=settings.seed,
            n_jobs=THREADS,
        ).fit(x, y)

    def predict(self, name: str) -> Array:
        return self._model.predict(self._rows[name][0])


if __name__ == "__main__":
    serve(ScikitLearn())
