"""XGBoost: its random forest, without a limit of depth."""

import xgboost

from forest_protocol import Array, ArrayPeer, FitSettings, serve
from protocol import THREADS


class XgBoost(ArrayPeer):
    """Bags without replacement, and splits on at most 256 bins a feature."""

    def __init__(self) -> None:
        super().__init__()
        self._model = xgboost.XGBRFRegressor()

    def fit(self, name: str, settings: FitSettings) -> None:
        x, y = self.rows[name]
        self._model = xgboost.XGBRFRegressor(
            n_estimators=settings.trees,
            max_depth=0 if settings.max_depth is None else settings.max_depth,
            tree_method="hist",
            subsample=0.632,
            colsample_bynode=settings.feature_fraction,
            min_child_weight=0,
            reg_lambda=0,
            random_state=settings.seed,
            n_jobs=THREADS,
        ).fit(x, y)

    def predict(self, name: str) -> Array:
        return self._model.predict(self.rows[name][0])


if __name__ == "__main__":
    serve(XgBoost())
