"""A writer in a JVM of its own: appends one row a commit, and says which commits were acknowledged.

`python append_writer.py <table uri> <name> <commits> <Spark options as JSON>`; each commit waits for a line on stdin,
so that writers can be made to commit at the same instant. Prints `ready`, then for each commit its number or
`refused`.
"""

import json
import sys

from pyspark.sql import SparkSession


def main(uri: str, name: str, commits: int, options: dict[str, str]) -> None:
    """Append rows (writer string, number bigint)."""
    spark = SparkSession.builder.master("local[1]").config(map=options).getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    spark.read.format("delta").load(uri).count()
    tell("ready")
    for number in range(commits):
        sys.stdin.readline()
        row = spark.createDataFrame([(name, number)], "writer string, number bigint")
        try:
            row.write.format("delta").mode("append").save(uri)
        except Exception as error:  # noqa: BLE001 - not acknowledged, whatever the reason
            tell(f"refused {type(error).__name__}")
        else:
            tell(str(number))


def tell(answer: str) -> None:
    """Answer whoever started this process."""
    sys.stdout.write(f"{answer}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), json.loads(sys.argv[4]))
