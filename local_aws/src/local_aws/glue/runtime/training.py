"""What Delta jobs commonly do, once each: run with a JVM that archives the classes that it loads for this.

Executed by the Glue interpreter, which has no package of ours; the argument is a folder of an S3 that answers.
"""

import sys

from delta.tables import DeltaTable
from pyspark import SparkContext
from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F

DELTA = {
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
}
ROWS = 200
EXIT_SECONDS = 120


def train(spark: SparkSession, folder: str) -> None:
    """Make, write, merge and read Delta tables, and read files."""
    rows = _parsed_by_python(_rows(spark))
    table = f"{folder}/table"
    _create(spark, table)
    for mode in ("append", "overwrite"):
        rows.write.format("delta").mode(mode).save(table)
    rows.write.format("delta").mode("overwrite").option("replaceWhere", "day IN ('2025-01-02')").save(table)
    _merge(spark, table, rows)
    _query(spark.read.format("delta").option("versionAsOf", 1).load(table), rows, f"{folder}/answers")
    rows.drop("names").write.csv(f"{folder}/csv", header=True)
    spark.read.csv(f"{folder}/csv", header=True).write.parquet(f"{folder}/parquet")
    spark.read.parquet(f"{folder}/parquet").count()


def _rows(spark: SparkSession) -> DataFrame:
    numbers = spark.range(ROWS).selectExpr("id", "cast(id % 7 as string) as name", "id * 1.01 as share")
    return numbers.selectExpr(
        "id",
        "name",
        "cast(share as decimal(18, 2)) as amount",
        "try_cast('2025-01-02' as date) as day",
        "timestamp '2025-01-02 03:04:05' as at",
        "array(name) as names",
        "to_json(struct(id, name)) as text",
    ).where("day = '2025-01-02' or id > 0")


def _parsed_by_python(rows: DataFrame) -> DataFrame:
    return rows.repartition(2).mapInArrow(lambda batches: batches, rows.schema)


def _create(spark: SparkSession, path: str) -> None:
    builder = DeltaTable.createIfNotExists(spark).location(path).comment("Training")
    for column, kind in (("id", "bigint"), ("name", "string"), ("amount", "decimal(18,2)"), ("day", "date")):
        builder = builder.addColumn(column, kind, comment=column)
    for column, kind in (("at", "timestamp"), ("names", "array<string>"), ("text", "string")):
        builder = builder.addColumn(column, kind)
    builder.property("delta.enableDeletionVectors", "false").partitionedBy("day").execute()
    DeltaTable.isDeltaTable(spark, path)


def _merge(spark: SparkSession, path: str, rows: DataFrame) -> None:
    changed = rows.withColumn("name", F.lit("changed")).withColumn("id", F.col("id") + 100)
    for condition in ("TRUE", "target.day IN ('2025-01-02')"):
        (
            DeltaTable.forPath(spark, path)
            .alias("target")
            .merge(changed.alias("source"), f"target.id = source.id AND {condition}")
            .whenMatchedUpdateAll("NOT (target.name <=> source.name)")
            .whenMatchedDelete("source.id > 250")
            .whenNotMatchedInsertAll()
            .execute()
        )
    DeltaTable.forPath(spark, path).history(1).collect()


def _query(old: DataFrame, new: DataFrame, path: str) -> None:
    best = Window.partitionBy("name").orderBy(F.col("amount").desc(), "id")
    ranked = (
        old.withColumn("place", F.row_number().over(best))
        .withColumn("first", F.first(F.struct("amount", "id")).over(best))
        .withColumn("sum", F.sum("amount").over(Window.partitionBy("name")))
        .withColumn("parsed", F.from_json("text", "id bigint, name string"))
        .withColumn("rules", F.filter("names", lambda name: name.isNotNull()))
    )
    for kind in ("left", "left_semi", "left_anti", "full"):
        ranked.join(new.select("id", F.col("name").alias("other")), "id", kind).persist().count()
    totals = ranked.groupBy("name", "day").agg(
        F.count("*").alias("rows"),
        F.countDistinct("id").alias("ids"),
        F.sum(F.when(F.col("place") == 1, F.col("amount"))).alias("amount"),
        F.round(F.sum("amount") / F.count("*"), 2).alias("average"),
        F.min_by("id", "amount").alias("first"),
        F.max("at").alias("last"),
    )
    everything = totals.unionByName(totals.where("rows > 1")).distinct().orderBy(F.col("amount").desc())
    everything.write.format("delta").save(path)
    everything.collect()
    everything.isEmpty()


if __name__ == "__main__":
    session = SparkSession.builder.config(map=DELTA).getOrCreate()
    train(session, sys.argv[1])
    session.stop()
    # The JVM writes its archive when it ends, which pyspark does not wait for.
    jvm = SparkContext._gateway.proc
    jvm.stdin.close()
    sys.exit(jvm.wait(EXIT_SECONDS))
