"""Read mutations of the hostile files; each must load or be refused, within memory.

`python -m tests.lakehouse.ingestion.fuzz --seed 1 --first 0 --count 1000`. An example depends on nothing but the seed
and its number, which is printed before it is read: a process that dies names what killed it.
"""

import argparse
import json
import resource
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO
from random import Random

from lakehouse.ingestion.tabular import UnreadableFileError
from tests.lakehouse.ingestion.hostile_cells import CELLS
from tests.lakehouse.ingestion.hostile_text import COMPRESSED, TEXT
from tests.lakehouse.ingestion.hostile_workbooks import WORKBOOKS
from tests.lakehouse.ingestion.raw_workbooks import packed
from tests.lakehouse.ingestion.reading import read

CASES = {**TEXT, **COMPRESSED, **WORKBOOKS, **CELLS}
_BIG = 100_000
_WORDS = [
    b"\0",
    b"\xff\xfe",
    b'"',
    b"\r",
    b"\n",
    b",",
    b"\x1f\x8b\x08",
    b"PK\x03\x04",
    b"-1",
    b"99999999999",
    b"<c>",
]
_WORDS += [
    b"</sheetData>",
    b'<row r="9999999">',
    b'<c r="XFD1"><v>1</v></c>',
    b't="s"',
    b"<!DOCTYPE x>",
    b"&lt;",
]

type Mutation = Callable[[Random, bytes], bytes]


def _flip(random: Random, content: bytes) -> bytes:
    made = bytearray(content)
    for _ in range(random.randint(1, 8)):
        made[random.randrange(len(made))] ^= 1 << random.randrange(8)
    return bytes(made)


def _cut(random: Random, content: bytes) -> bytes:
    return content[: random.randrange(len(content))]


def _drop(random: Random, content: bytes) -> bytes:
    start, end = sorted(random.choices(range(len(content)), k=2))
    return content[:start] + content[end:]


def _repeat_start(random: Random, content: bytes) -> bytes:
    end = content.find(b"\n") + 1 or random.randrange(len(content))
    at = random.randrange(len(content))
    return content[:at] + content[:end] * random.randint(1, 50) + content[at:]


def _insert(random: Random, content: bytes) -> bytes:
    at = random.randrange(len(content))
    return content[:at] + random.choice(_WORDS) * random.choice([1, 1, 1, 1000]) + content[at:]


MUTATIONS: list[Mutation] = [_flip, _cut, _drop, _repeat_start, _insert]


def _mutated(random: Random, content: bytes, others: list[bytes]) -> bytes:
    for _ in range(random.randint(1, 3)):
        if not content:
            return content
        if random.random() < 0.2:
            other = random.choice(others)
            start, end = sorted(random.choices(range(len(other) + 1), k=2))
            at = random.randrange(len(content))
            content = content[:at] + other[start:end] + content[at:]
        else:
            content = random.choice(MUTATIONS)(random, content)
    return content


def _mutated_inside(random: Random, content: bytes, others: list[bytes]) -> bytes:
    """Mutate what an archive holds, so that its checksums are right again."""
    try:
        if content.startswith(b"\x1f\x8b"):
            packer = zlib.compressobj(wbits=31)
            inside = zlib.decompress(content, wbits=31)
            return packer.compress(_mutated(random, inside, others)) + packer.flush()
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
    except (zipfile.BadZipFile, zlib.error):
        return _mutated(random, content, others)
    chosen = random.choice([name for name in parts if "sheet" in name.lower()] + list(parts))
    return packed({**parts, chosen: _mutated(random, parts[chosen], others)})


def _corpus() -> dict[str, tuple[str, bytes]]:
    """The small files by name; bombs, and what inflates, take too long to read again and again."""
    small = {name: case for name, case in CASES.items() if "50_mb" not in name and "bomb" not in name}
    made = {name: (case.file, case.content()) for name, case in small.items()}
    return {name: (file, content) for name, (file, content) in made.items() if len(content) < _BIG}


def fuzz(seed: int, first: int, count: int) -> dict[str, int]:
    """How many mutations loaded and how many were refused; raises what a reader must not raise."""
    corpus = _corpus()
    contents = [content for _, content in corpus.values()]
    told = {"loaded": 0, "refused": 0}
    for number in range(first, first + count):
        random = Random(f"{seed}/{number}")
        name = random.choice(list(corpus))
        file, content = corpus[name]
        if random.random() < 0.1:
            file = random.choice(["day.csv", "day.csv.gz", "day.xlsx"])
        inside = content.startswith((b"PK", b"\x1f\x8b")) and random.random() < 0.7
        print(f"seed {seed} example {number}: {name} as {file}", flush=True)  # noqa: T201
        told[_verdict(file, (_mutated_inside if inside else _mutated)(random, content, contents))] += 1
    return told


def _verdict(file: str, content: bytes) -> str:
    try:
        read(file, content)
    except UnreadableFileError:
        return "refused"
    return "loaded"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=0)
    parser.add_argument("--cases", action="store_true", help="read the hostile files themselves as well")
    parser.add_argument("--memory", type=int, default=2 << 30, help="bytes of address space")
    arguments = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (arguments.memory, arguments.memory))
    for name, case in CASES.items() if arguments.cases else ():
        print(f"case {name}", flush=True)  # noqa: T201
        _verdict(case.file, case.content())
    print(json.dumps(fuzz(arguments.seed, arguments.first, arguments.count)))  # noqa: T201


if __name__ == "__main__":
    main()
