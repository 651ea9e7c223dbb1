"""scikit-learn: RandomForestRegressor."""

from sklearn.ensemble import RandomForestRegressor

from forest_protocol import Array, ArrayPeer, FitSettings, serve
from protocol import THREADS


class ScikitLearn(ArrayPeer):
    """The reference: same bootstrap, same split criterion, exact thresholds."""

    def __init__(self) -> None:
        super().__init__()
        self.model = RandomForestRegressor()

    def fit(self, name: str, settings: FitSettings) -> None:
        x, y = self.rows[name]
        self.model = RandomForestRegressor(
            n_estimators=settings.trees,
            max_depth=settings.max_depth,
            max_features=settings.feature_fraction,
            min_samples_leaf=1,
            random_state=settings.seed,
            n_jobs=THREADS,
        ).fit(x, y)

    def predict(self, name: str) -> Array:
        return self.model.predict(self.rows[name][0])


if __name__ == "__main__":
    serve(ScikitLearn())
