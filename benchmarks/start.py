"""How long `madang up` takes until the sign-in page is served, against bare imports.

The target is 5 seconds. The baseline is what no desk can do without: a Python that imports
Streamlit, Django, DuckDB and Arrow, and does nothing more.
"""

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from tests.instance import free_port

RUNS = 5
BARE = "import django, duckdb, pyarrow, streamlit, streamlit.web.server"


def seconds_to_first_page(home: Path) -> float:
    port = free_port()
    environment = {
        **os.environ,
        "MADANG_HOME": str(home),
        "MADANG__DESK__PORT": str(port),
        "MADANG__YARD__PORT": str(free_port()),
    }
    began = time.monotonic()
    process = subprocess.Popen(
        [str(Path(sys.executable).with_name("madang")), "up"],
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    try:
        while time.monotonic() - began < 60:
            try:
                page = httpx.get(f"http://127.0.0.1:{port}/", follow_redirects=True, timeout=5)
            except httpx.HTTPError:
                time.sleep(0.02)
                continue
            page.raise_for_status()
            return time.monotonic() - began
        raise SystemExit("the desk did not come up within a minute")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)


def seconds_to_import() -> float:
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", BARE], check=True)
    return time.monotonic() - began


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        seconds_to_first_page(Path(folder))  # makes the instance: not what is measured
        up = [seconds_to_first_page(Path(folder)) for _ in range(RUNS)]
        bare = [seconds_to_import() for _ in range(RUNS)]
    median, baseline = statistics.median(up), statistics.median(bare)
    print(f"madang up to first page  {median:6.2f} s  (from {min(up):.2f} to {max(up):.2f})")
    print(f"bare imports             {baseline:6.2f} s")
    print(f"ratio                    {median / baseline:6.2f}")


if __name__ == "__main__":
    main()
