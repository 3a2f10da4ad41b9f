"""What Python's process pools do when a worker is killed in one of 100 tasks.

Task 37 kills its process with SIGKILL the first time that it runs, and would succeed the second time.
"""

import multiprocessing
import os
import pathlib
import signal
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor

TASKS = 100
SECONDS = 10  # how long the tasks, of 10 ms each, may take on two workers
killed_once = pathlib.Path(tempfile.mkdtemp()) / "killed_once"


def task(number):
    time.sleep(0.01)
    if number == 37 and not killed_once.exists():
        killed_once.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def pool():
    with multiprocessing.get_context("fork").Pool(2) as workers:
        results = [workers.apply_async(task, (n,)) for n in range(TASKS)]
        until = time.monotonic() + SECONDS
        while time.monotonic() < until and not all(r.ready() for r in results):
            time.sleep(0.01)
        done = sum(r.ready() for r in results)
    if done == TASKS:
        return f"{done} of {TASKS} results"
    return f"{done} of {TASKS} results; the rest is not ready after {SECONDS} s, and no error"


def executor():
    done, errors = 0, set()
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("fork")) as workers:
        for future in [workers.submit(task, n) for n in range(TASKS)]:
            try:
                future.result(timeout=SECONDS)
                done += 1
            except Exception as error:
                errors.add(type(error).__name__)
        try:
            workers.submit(task, 0)
            after = "takes new tasks"
        except Exception as error:
            after = f"refuses new tasks ({type(error).__name__})"
    return f"{done} of {TASKS} results, the rest {' '.join(sorted(errors))}; then it {after}"


print(f"Python {sys.version.split()[0]}, multiprocessing.Pool: {pool()}")
killed_once.unlink()
print(f"Python {sys.version.split()[0]}, ProcessPoolExecutor: {executor()}")
killed_once.unlink()
killed_once.parent.rmdir()
