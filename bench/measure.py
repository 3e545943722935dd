"""What bench/run and bench/growth share: build, generate, measure, print.

Python 3.9 or later, standard library only. CPU seconds are user + system of the
process and its children; peak memory is the resident set, both from wait4.
A process started from Python counts at least Python's own 10 MB or so.
"""

import collections
import hashlib
import os
import pathlib
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent

# unwritten: wall seconds of a run of the program before it begins to write, by
# its own --timings; else those of the whole.
Sample = collections.namedtuple("Sample", "wall user sys mb others unwritten")


def default_dir():
    """Where generated files are kept between runs."""
    return pathlib.Path(tempfile.gettempdir()) / "focalaudit-bench"


def build(where):
    """Builds the program and the generator; gives their paths."""
    where.mkdir(parents=True, exist_ok=True)
    analyze, generate = where / "analyze", where / "generate"
    subprocess.run(["go", "build", "-o", analyze, "./cmd/analyze"], cwd=ROOT, check=True)
    subprocess.run(["go", "build", "-o", generate, "./bench/generate"], cwd=ROOT, check=True)
    return analyze, generate


def generated(generate, path, *flags):
    """The path of a generated file or directory, made unless it is there
    already, from these flags and this generator."""
    flags = [str(f) for f in flags]
    source = b"".join(p.read_bytes() for p in sorted((ROOT / "bench/generate").glob("*.go")))
    want = " ".join(flags) + " " + hashlib.sha256(source).hexdigest()
    stamp = path.with_name(path.name + ".stamp")
    if path.exists() and stamp.exists() and stamp.read_text() == want:
        return path
    remove(path)
    note(f"generating {path}")
    subprocess.run([generate, *flags, "-o", path], check=True)
    stamp.write_text(want)
    return path


def remove(path):
    """Removes a generated file or directory and its stamp, if they are there."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    path.with_name(path.name + ".stamp").unlink(missing_ok=True)


def size(path):
    """Bytes of a file, or of the files of a directory."""
    if path.is_dir():
        return sum(p.stat().st_size for p in path.iterdir())
    return path.stat().st_size


def busy():
    """CPU seconds that all processes have used since the start, or None."""
    try:
        with open("/proc/stat") as f:
            ticks = [int(t) for t in f.readline().split()[1:]]
    except OSError:
        return None
    idle = ticks[3] + ticks[4]
    return (sum(ticks[:8]) - idle) / os.sysconf("SC_CLK_TCK")


def measure(command):
    """Runs a command to its end and measures it. Anything but status 0 ends
    the whole run: figures of a failure are worth nothing."""
    with tempfile.TemporaryFile() as err:
        before, start = busy(), time.perf_counter()
        process = subprocess.Popen([str(c) for c in command], stdout=subprocess.DEVNULL, stderr=err)
        _, status, used = os.wait4(process.pid, 0)
        wall, after = time.perf_counter() - start, busy()
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            err.seek(0)
            sys.exit(f"{' '.join(map(str, command))}\nended with {process.returncode}: {err.read().decode(errors='replace')}")
        err.seek(0)
        writing = re.search(rb"^timings: .*writing ([0-9.]+) s$", err.read(), re.M)
    others = 0.0
    if before is not None:
        others = max(0.0, after - before - used.ru_utime - used.ru_stime) / wall
    unit = 1 if sys.platform == "darwin" else 1024
    return Sample(wall, used.ru_utime, used.ru_stime, used.ru_maxrss * unit / 1e6, others,
                  wall - (float(writing[1]) if writing else 0))


def alternate(commands, rounds):
    """Measures commands, a dictionary, in turn; gives a list of samples of each.
    Turns, so that a slow minute of the machine falls on all of them."""
    samples = {name: [] for name in commands}
    for k in range(rounds):
        for name, command in commands.items():
            note(f"round {k + 1} of {rounds}: {name}")
            samples[name].append(measure(command))
    note("")
    return samples


def median(samples):
    """The median of each figure."""
    return Sample(*(statistics.median(column) for column in zip(*samples)))


def cpu(sample):
    """CPU seconds of a sample or of medians."""
    return sample.user + sample.sys


def table(head, rows):
    """Prints a Markdown table with aligned columns."""
    rows = [[str(c) for c in row] for row in rows]
    widths = [max(len(row[k]) for row in [head, *rows]) for k in range(len(head))]
    line = lambda row: "| " + " | ".join(
        c.ljust(w) if k == 0 else c.rjust(w) for k, (c, w) in enumerate(zip(row, widths))) + " |"
    print(line(head))
    print("|" + "|".join("-" * (w + 2) if k == 0 else "-" * (w + 1) + ":" for k, w in enumerate(widths)) + "|")
    for row in rows:
        print(line(row))
    print(flush=True)


def note(text):
    """Shows on a terminal what is going on."""
    if sys.stderr.isatty():
        print("\r\033[K" + text, end="", file=sys.stderr, flush=True)


def machine():
    """Describes the machine, the program's revision and the time."""
    model = platform.processor() or platform.machine()
    memory = 0
    try:
        with open("/proc/cpuinfo") as f:
            model = next((l.split(":", 1)[1].strip() for l in f if l.startswith("model name")), model)
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    except (OSError, ValueError):
        pass
    git = lambda *a: subprocess.run(["git", *a], cwd=ROOT, capture_output=True, text=True).stdout.strip()
    revision = git("rev-parse", "--short", "HEAD") + (" with changes" if git("status", "--porcelain") else "")
    go = subprocess.run(["go", "version"], capture_output=True, text=True).stdout.split()[2:]
    print(f"{os.cpu_count()} × {model}, {memory:.0f} GiB, {platform.system()} {platform.release()}, "
          f"{' '.join(go)}, Python {platform.python_version()}")
    print(f"revision {revision}, {time.strftime('%Y-%m-%d %H:%M')}, load {os.getloadavg()[0]:.1f} at the start\n")
