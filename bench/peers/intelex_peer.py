"""scikit-learn-intelex: oneDAL's random forest behind scikit-learn's interface."""

import sys

from sklearnex.ensemble import RandomForestRegressor

from forest_protocol import Array, ArrayPeer, FitSettings, serve
from protocol import THREADS


class Intelex(ArrayPeer):
    """It bins the values once a forest: 256 bins a feature by default."""

    def __init__(self, max_bins: int) -> None:
        super().__init__()
        self._max_bins = max_bins
        self._model = RandomForestRegressor()

    def fit(self, name: str, settings: FitSettings) -> None:
        x, y = self.rows[name]
        self._model = RandomForestRegressor(
            n_estimators=settings.trees,
            max_depth=settings.max_depth,
            max_features=settings.feature_fraction,
            min_samples_leaf=1,
            max_bins=self._max_bins,
            min_bin_size=1,
            random_state=settings.seed,
            n_jobs=THREADS,
        ).fit(x, y)

    def predict(self, name: str) -> Array:
        return self._model.predict(self.rows[name][0])


if __name__ == "__main__":
    serve(Intelex(int(sys.argv[2])))
