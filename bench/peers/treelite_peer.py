"""treelite: scores scikit-learn's forest by its general inference library; a fit is scikit-learn's."""

import treelite

from forest_protocol import Array, FitSettings, serve
from protocol import THREADS
from sklearn_peer import ScikitLearn


class Treelite(ScikitLearn):
    """Without a compiler: GTIL walks the trees as they are."""

    def __init__(self) -> None:
        super().__init__()
        self._forest: treelite.Model | None = None

    def fit(self, name: str, settings: FitSettings) -> None:
        super().fit(name, settings)
        self._forest = treelite.sklearn.import_model(self.model)

    def predict(self, name: str) -> Array:
        if self._forest is None:
            raise ValueError("there is no model")
        return treelite.gtil.predict(self._forest, self.rows[name][0], nthread=THREADS).ravel()


if __name__ == "__main__":
    serve(Treelite())
