"""What several connections knew of a book in a minute, counted once."""

from pyspark.sql import Column
from pyspark.sql import functions as F


def valid_time(stretches: Column) -> Column:
    """How much time lies in valid stretches, one or more at once."""
    in_order = F.array_sort(F.filter(stretches, lambda one: one["is_valid"]))
    nothing = F.lit(0).cast("bigint")
    total = F.aggregate(
        in_order,
        F.struct(nothing.alias("until"), nothing.alias("time")),
        lambda so_far, one: F.struct(
            F.greatest(so_far["until"], one["ends"]).alias("until"),
            (
                so_far["time"] + F.greatest(one["ends"] - F.greatest(one["begins"], so_far["until"]), nothing)
            ).alias("time"),
        ),
    )
    return total["time"]


def counted_once(books: Column, moments: str) -> Column:
    """How many moments the connections' books have, but for those in which a book before it was known as well.

    `books` are in order: the one that was known first in the minute is the first.
    """
    counts = F.transform(
        books,
        lambda book, place: F.size(
            F.filter(
                book[moments],
                lambda moment: (
                    ~F.exists(
                        F.flatten(F.slice(books["stretches"], 1, place)),
                        lambda one: (one["begins"] <= moment) & (moment < one["ends"]),
                    )
                ),
            )
        ),
    )
    return F.aggregate(counts, F.lit(0).cast("bigint"), lambda total, count: total + count)
