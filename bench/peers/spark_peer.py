"""Apache Spark: MLlib's RandomForestRegressor, local[2], rows cached."""

import csv
import os
import sys
from pathlib import Path

import numpy as np

# Another Spark on this machine must not replace the pinned one. Removed before pyspark reads them.
for variable in ("SPARK_HOME", "SPARK_CONF_DIR", "PYSPARK_SUBMIT_ARGS"):
    os.environ.pop(variable, None)
os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"

from pyspark.ml.feature import VectorAssembler  # noqa: E402
from pyspark.ml.regression import RandomForestRegressionModel, RandomForestRegressor  # noqa: E402
from pyspark.sql import DataFrame, SparkSession  # noqa: E402

from forest_protocol import Array, FitSettings, Peer, serve  # noqa: E402
from protocol import THREADS  # noqa: E402

DRIVER_MEMORY = "4g"


class Spark(Peer):
    """Its Java process ends with this one: Spark watches a pipe."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._rows: dict[str, DataFrame] = {}
        self._model: RandomForestRegressionModel | None = None
        self._session = (
            SparkSession.builder.master(f"local[{THREADS}]")
            .appName("bench-forest")
            .config("spark.driver.memory", DRIVER_MEMORY)
            .config("spark.local.dir", str(directory))
            .config("spark.ui.enabled", "false")
            .config("spark.sql.shuffle.partitions", str(THREADS))
            .getOrCreate()
        )
        self._session.sparkContext.setLogLevel("ERROR")

    def load(self, name: str, x: Array, y: Array) -> None:
        """Uses a CSV file, which needs neither pandas nor Python workers; a partition for each core."""
        features = [f"feature{i}" for i in range(x.shape[1])]
        file = self._directory / f"{name}.csv"
        with file.open("w", encoding="ascii", newline="") as out:
            csv.writer(out).writerows(np.column_stack((np.arange(len(y)), x, y)).tolist())
        schema = ", ".join(f"{column} double" for column in ["row", *features, "label"])
        table = self._session.read.csv(str(file), schema=schema)
        vectors = VectorAssembler(inputCols=features, outputCol="features").transform(table)
        self._rows[name] = vectors.select("row", "features", "label").repartition(THREADS).cache()
        self._rows[name].count()
        file.unlink()

    def forget(self, name: str) -> None:
        self._rows.pop(name).unpersist()

    def fit(self, name: str, settings: FitSettings) -> None:
        forest = RandomForestRegressor(
            numTrees=settings.trees,
            maxDepth=settings.max_depth,
            featureSubsetStrategy="all" if settings.feature_fraction == 1 else "onethird",
            seed=settings.seed,
        )
        self._model = forest.fit(self._rows[name])

    def predict(self, name: str) -> Array:
        if self._model is None:
            raise ValueError("there is no model")
        predicted = self._model.transform(self._rows[name]).orderBy("row").select("prediction")
        return np.array([row.prediction for row in predicted.collect()])


if __name__ == "__main__":
    serve(Spark(Path(sys.argv[1])))
