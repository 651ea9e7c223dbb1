"""Apache Spark with its Kafka source and sink: a session that does the work of a run, step by step or as a whole."""

import json
import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any

# Another Spark on this machine must not replace the pinned one. Removed before pyspark reads them.
for variable in ("SPARK_HOME", "SPARK_CONF_DIR", "PYSPARK_SUBMIT_ARGS"):
    os.environ.pop(variable, None)
os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"

from pyspark.ml import Pipeline, PipelineModel  # noqa: E402
from pyspark.ml.evaluation import RegressionEvaluator  # noqa: E402
from pyspark.ml.feature import VectorAssembler  # noqa: E402
from pyspark.ml.regression import RandomForestRegressor  # noqa: E402
from pyspark.sql import DataFrame, SparkSession  # noqa: E402
from pyspark.sql import functions as F  # noqa: E402
from pyspark.sql.streaming import StreamingQuery  # noqa: E402
from pyspark.sql.types import DoubleType, NumericType, StructField, StructType  # noqa: E402

from protocol import THREADS, Request, serve_requests  # noqa: E402

DRIVER_MEMORY = "4g"
TARGET = "imdb_score"


class Session:
    """Its Java process ends with this one: Spark watches a pipe."""

    def __init__(self, directory: Path, brokers: str, jars: Path) -> None:
        self._directory = directory
        self._brokers = brokers
        self._model: PipelineModel | None = None
        self._schema = StructType()
        self._rows: DataFrame | None = None
        self._query: StreamingQuery | None = None
        self._spark = (
            SparkSession.builder.master(f"local[{THREADS}]")
            .appName("bench")
            .config("spark.driver.memory", DRIVER_MEMORY)
            .config("spark.local.dir", str(directory))
            .config("spark.ui.enabled", "false")
            .config("spark.sql.shuffle.partitions", str(THREADS))
            .config("spark.jars", ",".join(str(jar) for jar in sorted(jars.glob("*.jar"))))
            .getOrCreate()
        )
        self._spark.sparkContext.setLogLevel("ERROR")

    def answer(self, request: Request) -> Any:
        command = request.pop("command")
        if command not in ("ready", "train", "job", "score", "cache", "publish", "follow", "unfollow"):
            raise ValueError(f"unknown command: {command}")
        return getattr(self, command)(**request)

    def ready(self) -> dict[str, Any]:
        return {"version": self._spark.version}

    def train(self, csv: str, trees: int, depth: int, seed: int) -> dict[str, Any]:
        """Keeps a model for `score` and `follow`; that of a job will do."""
        if self._model is not None:
            return {}
        rows = self._read_csv(csv)
        self._schema = _as_doubles(rows)
        self._model = _pipeline(rows, trees, depth, seed).fit(rows)
        return {}

    def job(self, csv: str, topic: str, output: str, trees: int, depth: int, seed: int) -> dict[str, Any]:
        """A whole run: load, split, publish and read back a batch, train, evaluate, publish and score a stream."""
        start = time.perf_counter()
        seconds: dict[str, float] = {}

        def step(name: str) -> None:
            seconds[name] = time.perf_counter() - start - sum(seconds.values())

        rows = self._read_csv(csv)
        schema = _as_doubles(rows)
        train, batch, stream = (part.cache() for part in rows.randomSplit([0.8, 0.1, 0.1], seed))
        counts = [part.count() for part in (train, batch, stream)]
        step("load and split")
        self._write(batch, topic, "batch")
        consumed = self._read(topic, schema, "batch").cache()
        if consumed.count() != counts[1]:
            raise ValueError(f"published {counts[1]} records, read {consumed.count()}")
        step("publish and consume batch")
        model = _pipeline(train, trees, depth, seed).fit(train)
        step("train")
        rmse = RegressionEvaluator(labelCol=TARGET).evaluate(model.transform(consumed))
        step("evaluate")
        self._write(stream, topic, "stream")
        step("publish stream")
        self._score(topic, output, model, schema, "stream")
        step("score stream")
        predicted = self._records(output, {}).count()
        if predicted != counts[2]:
            raise ValueError(f"published {counts[2]} records, predicted {predicted}")
        step("reconcile")
        for part in (train, batch, stream, consumed):
            part.unpersist()
        self._model, self._schema = model, schema
        return {"rows": sum(counts), "rmse": rmse, "seconds": time.perf_counter() - start, "steps": seconds}

    def score(self, topic: str, output: str) -> dict[str, Any]:
        """Scores all that a topic has, as a streaming query that ends."""
        if self._model is None:
            raise ValueError("there is no model")
        start = time.perf_counter()
        self._score(topic, output, self._model, self._schema)
        return {"seconds": time.perf_counter() - start}

    def cache(self, csv: str) -> dict[str, Any]:
        """Loads what `publish` publishes; not timed."""
        self._rows = self._read_csv(csv).repartition(THREADS).cache()
        return {"rows": self._rows.count()}

    def publish(self, topic: str) -> dict[str, Any]:
        """Writes the cached rows and reads them back, every number parsed."""
        if self._rows is None:
            raise ValueError("there are no rows")
        start = time.perf_counter()
        self._write(self._rows, topic, "batch")
        published = time.perf_counter()
        schema = _as_doubles(self._rows)
        # Sums need every value, and a count alone would parse none.
        sums = [F.sum(name) for name in schema.names]
        counted = self._read(topic, schema, "batch").agg(F.count("*"), *sums).first()
        return {
            "rows": counted[0] if counted else 0,
            "publishSeconds": published - start,
            "seconds": time.perf_counter() - start,
        }

    def follow(self, topic: str, output: str, milliseconds: int) -> dict[str, Any]:
        """Scores what is appended to an empty topic, at every tick of a processing-time trigger."""
        if self._model is None:
            raise ValueError("there is no model")
        records = self._stream(topic)
        checkpoint = self._new_directory("follow")
        self._query = (
            _predictions(records, self._model, self._schema)
            .writeStream.format("kafka")
            .option("kafka.bootstrap.servers", self._brokers)
            .option("topic", output)
            .option("checkpointLocation", checkpoint)
            .trigger(processingTime=f"{milliseconds} milliseconds")
            .start()
        )
        return {}

    def unfollow(self) -> dict[str, Any]:
        if self._query is not None:
            self._query.stop()
            self._query.awaitTermination()
        return {}

    def _read_csv(self, csv: str) -> DataFrame:
        """The numeric columns of the rows without a gap."""
        table = self._spark.read.csv(csv, header=True, inferSchema=True, escape='"')
        numeric = [field.name for field in table.schema if isinstance(field.dataType, NumericType)]
        return table.select(numeric).dropna()

    def _write(self, rows: DataFrame, topic: str, split: str) -> None:
        key = F.concat(F.lit(f"{split}/"), F.monotonically_increasing_id().cast("string"))
        (
            rows.select(key.alias("key"), F.to_json(F.struct(*rows.columns)).alias("value"))
            .write.format("kafka")
            .option("kafka.bootstrap.servers", self._brokers)
            .option("topic", topic)
            .save()
        )

    def _records(self, topic: str, options: dict[str, str]) -> DataFrame:
        reader = self._spark.read.format("kafka").option("kafka.bootstrap.servers", self._brokers)
        return reader.option("subscribe", topic).options(**options).load()

    def _read(self, topic: str, schema: StructType, split: str) -> DataFrame:
        records = self._records(topic, {}).where(F.col("key").cast("string").startswith(f"{split}/"))
        return records.select(F.from_json(F.col("value").cast("string"), schema).alias("row")).select("row.*")

    def _stream(self, topic: str) -> DataFrame:
        reader = self._spark.readStream.format("kafka").option("kafka.bootstrap.servers", self._brokers)
        return reader.option("subscribe", topic).option("startingOffsets", "earliest").load()

    def _score(
        self, topic: str, output: str, model: PipelineModel, schema: StructType, split: str | None = None
    ) -> None:
        records = self._stream(topic)
        if split is not None:
            records = records.where(F.col("key").cast("string").startswith(f"{split}/"))
        checkpoint = self._new_directory("score")
        query = (
            _predictions(records, model, schema)
            .writeStream.format("kafka")
            .option("kafka.bootstrap.servers", self._brokers)
            .option("topic", output)
            .option("checkpointLocation", checkpoint)
            .trigger(availableNow=True)
            .start()
        )
        query.awaitTermination()
        shutil.rmtree(checkpoint, ignore_errors=True)

    def _new_directory(self, name: str) -> str:
        return str(self._directory / f"{name}-{time.monotonic_ns()}")


def _as_doubles(rows: DataFrame) -> StructType:
    return StructType([StructField(name, DoubleType()) for name in rows.columns])


def _pipeline(rows: DataFrame, trees: int, depth: int, seed: int) -> Pipeline:
    features = [name for name in rows.columns if name != TARGET]
    forest = RandomForestRegressor(
        labelCol=TARGET, numTrees=trees, maxDepth=depth, featureSubsetStrategy="onethird", seed=seed
    )
    return Pipeline(stages=[VectorAssembler(inputCols=features, outputCol="features"), forest])


def _predictions(records: DataFrame, model: PipelineModel, schema: StructType) -> DataFrame:
    """Key, and as JSON what a prediction of ours has, too."""
    parsed = records.select(
        "key",
        F.from_json(F.col("value").cast("string"), schema).alias("row"),
        F.struct("topic", "partition", "offset").alias("source"),
    ).select("key", "source", "row.*")
    value = F.struct("prediction", F.col(TARGET).alias("actual"), "source")
    return model.transform(parsed).select("key", F.to_json(value).alias("value"))


if __name__ == "__main__":
    facts = json.loads(sys.argv[1])
    serve_requests(Session(Path(facts["directory"]), facts["brokers"], Path(facts["jars"])).answer)
