"""Loads a CSV as often as asked: read, keep the numeric columns, drop rows with gaps. Prints one line of JSON."""

import json
import sys
import time

import pandas as pd


def load(path: str, target: str) -> tuple[int, int]:
    table = pd.read_csv(path)
    numbers = table.select_dtypes("number")
    if target not in numbers:
        raise ValueError(f"the target {target} is not numeric")
    complete = numbers.dropna()
    # As a training takes them.
    complete.to_numpy()
    return complete.shape


def peak_bytes() -> int:
    with open("/proc/self/status", encoding="ascii") as status:
        kibibytes = next(line.split()[1] for line in status if line.startswith("VmHWM"))
    return int(kibibytes) * 1024


def main(path: str, target: str, times: int) -> None:
    loaded_bytes = peak_bytes()
    seconds = []
    cpu_seconds = []
    shape = (0, 0)
    for _ in range(times):
        start, cpu = time.perf_counter(), time.process_time()
        shape = load(path, target)
        seconds.append(time.perf_counter() - start)
        cpu_seconds.append(time.process_time() - cpu)
    rows, columns = shape
    facts = {"rows": rows, "features": columns - 1, "startBytes": loaded_bytes, "peakBytes": peak_bytes()}
    print(json.dumps({"seconds": seconds, "cpuSeconds": cpu_seconds, **facts}))


main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
