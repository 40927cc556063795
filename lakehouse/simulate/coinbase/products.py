"""What the simulated exchange trades."""

from dataclasses import dataclass

LOTS = 10**8
"""Quantities are whole numbers of 0.00000001 of the base currency."""


@dataclass(frozen=True, slots=True)
class Product:
    """A pair of currencies.

    Attributes:
        product_id: Such as `BTC-USD`.
        price: Where its price starts, in ticks.
        decimals: Of a price: a tick is 10 to the power of -decimals of the quote currency.
    """

    product_id: str
    price: int
    decimals: int

    @property
    def typical_size(self) -> int:
        """Lots that are worth about 2,000 of the quote currency."""
        return max(1, 2_000 * self.unit * LOTS // self.price)

    @property
    def unit(self) -> int:
        """Ticks in one of the quote currency."""
        return int(10**self.decimals)

    def price_text(self, ticks: int) -> str:
        """The price as the feed writes it, such as `68900.50`."""
        units, rest = divmod(ticks, self.unit)
        return f"{units}.{rest:0{self.decimals}d}"


def size_text(lots: int) -> str:
    """A quantity as the feed writes it, such as `0.00150000`."""
    return f"{lots // LOTS}.{lots % LOTS:08d}"


LISTED = (
    Product("BTC-USD", 68_900_00, 2),
    Product("ETH-USD", 3_520_00, 2),
    Product("SOL-USD", 168_40, 2),
    Product("XRP-USD", 2_3140, 4),
    Product("DOGE-USD", 17_250, 5),
    Product("ADA-USD", 6_820, 4),
    Product("AVAX-USD", 24_31, 2),
    Product("LINK-USD", 15_820, 3),
    Product("LTC-USD", 92_40, 2),
    Product("DOT-USD", 4_615, 3),
    Product("BCH-USD", 412_30, 2),
    Product("UNI-USD", 7_405, 3),
    Product("ATOM-USD", 4_790, 3),
    Product("XLM-USD", 283_100, 6),
    Product("ETH-BTC", 5_109, 5),
    Product("ETH-EUR", 3_255_00, 2),
)


def list_products(count: int) -> tuple[Product, ...]:
    """The first products of the exchange; behind the well-known ones come `SIM017-USD` and so on."""
    made = (
        Product(f"SIM{number:03d}-USD", 10_00 + number, 2) for number in range(len(LISTED) + 1, count + 1)
    )
    return (*LISTED[:count], *made)
