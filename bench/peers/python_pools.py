"""One of Python's pools, played for task_bench.

python_pools.py POOL IN_FLIGHT

Each line of the standard input is a job, TASKS MICROSECONDS. The answer is a line, SECONDS SUM: what
the tasks took, with IN_FLIGHT of them submitted and not waited for, and the sum of their indices.
"""

import collections
import concurrent.futures
import multiprocessing
import multiprocessing.pool
import sys
import time

WORKERS = 2


def compute(value, steps):
    for _ in range(steps):
        value = value * 6364136223846793005 + 1442695040888963407 & 0xFFFFFFFFFFFFFFFF
    return value


def task(index, steps):
    compute(index, steps)
    return index


def steps_in_a_microsecond():
    steps = 100_000
    shortest = min(timed(compute, 1, steps) for _ in range(5))
    return steps / (shortest * 1e6)


def timed(function, *arguments):
    start = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - start


def submit_to(pool):
    """How to submit a task, which gives how to wait for its result."""
    if isinstance(pool, concurrent.futures.Executor):
        return lambda index, steps: pool.submit(task, index, steps).result
    return lambda index, steps: pool.apply_async(task, (index, steps)).get


def run(submit, tasks, steps, in_flight):
    waiting = collections.deque()
    total = 0
    for index in range(tasks):
        if len(waiting) == in_flight:
            total += waiting.popleft()()
        waiting.append(submit(index, steps))
    while waiting:
        total += waiting.popleft()()
    return total


POOLS = {
    "multiprocessing_pool": multiprocessing.Pool,
    "multiprocessing_thread_pool": multiprocessing.pool.ThreadPool,
    "thread_pool_executor": concurrent.futures.ThreadPoolExecutor,
    "process_pool_executor": concurrent.futures.ProcessPoolExecutor,
}


def main():
    name, in_flight = sys.argv[1], int(sys.argv[2])
    a_microsecond = steps_in_a_microsecond()
    with POOLS[name](WORKERS) as pool:
        submit = submit_to(pool)
        for line in sys.stdin:
            tasks, microseconds = map(int, line.split())
            steps = round(microseconds * a_microsecond)
            start = time.perf_counter()
            total = run(submit, tasks, steps, in_flight)
            print(time.perf_counter() - start, total, flush=True)


if __name__ == "__main__":
    main()
