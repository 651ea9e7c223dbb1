"""LightGBM: boosting_type "rf", as close to full-depth trees as possible."""

import lightgbm

from forest_protocol import Array, ArrayPeer, FitSettings, serve
from protocol import THREADS

# LightGBM's own limit. Its trees grow leaf by leaf, so this limits them, and not the depth.
MAX_LEAVES = 131_072
# Without a limit it keeps a histogram for every leaf: 8 GB at that many leaves.
HISTOGRAM_POOL_MB = 2048


class LightGbm(ArrayPeer):
    """Bags without replacement, and splits on at most 255 bins a feature at every node."""

    def __init__(self) -> None:
        super().__init__()
        self._model = lightgbm.LGBMRegressor()

    def fit(self, name: str, settings: FitSettings) -> None:
        x, y = self.rows[name]
        self._model = lightgbm.LGBMRegressor(
            boosting_type="rf",
            n_estimators=settings.trees,
            subsample=0.632,
            subsample_freq=1,
            colsample_bytree=settings.feature_fraction,
            num_leaves=min(len(y), MAX_LEAVES),
            max_depth=-1 if settings.max_depth is None else settings.max_depth,
            min_child_samples=1,
            min_child_weight=0.0,
            histogram_pool_size=HISTOGRAM_POOL_MB,
            random_state=settings.seed,
            n_jobs=THREADS,
            verbose=-1,
        ).fit(x, y)

    def predict(self, name: str) -> Array:
        return self._model.predict(self.rows[name][0])


if __name__ == "__main__":
    serve(LightGbm())
