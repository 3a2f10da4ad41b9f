"""Takes from a bench's JSON, which is large and differs with each run, what documents need."""

import json
import re

from figures import data

# What Google Benchmark itself writes of a case; the rest are the bench's counters.
own_keys = set(
    "name family_index per_family_instance_index run_name run_type repetitions repetition_index threads"
    " aggregate_name aggregate_unit iterations real_time cpu_time time_unit label".split()
)
microseconds = {"ns": 1e-3, "us": 1, "ms": 1e3, "s": 1e6}
# The names of the ratio to the case that a bench compares with.
ratios = ("vs_first", "vs_peer", "vs_bare", "ratio")
# Told otherwise: the time, and what can be computed from it.
repeated = {"median_us", "median_ms", "vs_first_q1", "vs_first_q3", "chunk_ns", *ratios}


def short(value):
    """Four digits say more than any of these figures is worth."""
    rounded = float(f"{value:.4g}")
    return int(rounded) if rounded.is_integer() else rounded


def quartiles(values):
    """As the benches take them: each is one of the values."""
    values = sorted(values)
    quarter = len(values) // 4
    return [short(values[quarter]), short(values[len(values) - 1 - quarter])]


def stripped_name(run_name):
    name = re.sub(r"/(iterations|repeats|min_time|min_warmup_time):[0-9.]+", "", run_name)
    return re.sub(r"/(manual_time|real_time|process_time)", "", name)


def case_of(entries):
    """One case from its rounds and from what they come to."""
    rounds = [entry for entry in entries if entry["run_type"] == "iteration"]
    medians = [entry for entry in entries if entry.get("aggregate_name") == "median"]
    whole = (medians or rounds)[0]
    scale = microseconds[whole["time_unit"]]
    case = {"name": stripped_name(whole["run_name"]), "us": short(whole["real_time"] * scale)}
    if len(rounds) > 1:
        case["us_quartiles"] = quartiles(entry["real_time"] * scale for entry in rounds)
        case["rounds"] = len(rounds)
    for key in ratios:
        if key in whole:
            case["ratio"] = short(whole[key])
    if len(rounds) > 1 and "ratio" in rounds[0]:
        case["ratio_quartiles"] = quartiles(entry["ratio"] for entry in rounds)
    for key in sorted(whole.keys() - own_keys - repeated):
        if isinstance(whole[key], (int, float)):
            case[key] = short(whole[key])
    return case


def context_of(context):
    """Where and when, without what only that moment knows."""
    kept = {"date": context["date"][:10], "cpus": context["num_cpus"]}
    kept["ghz"] = context["mhz_per_cpu"] / 1000
    unwanted = "date host_name executable num_cpus mhz_per_cpu cpu_scaling_enabled caches load_avg"
    unwanted += " library_build_type library_version json_schema_version aslr_enabled"
    kept.update({k: v for k, v in context.items() if k not in unwanted.split()})
    return dict(sorted(kept.items()))


def written(whole):
    """JSON with a case a line, so that a change is seen in a diff."""
    line = lambda value: json.dumps(value, ensure_ascii=False)
    runs = []
    for run in whole["runs"]:
        cases = ",\n".join(f"     {line(case)}" for case in run["cases"])
        runs.append(f'  {{"context": {line(run["context"])},\n   "cases": [\n{cases}\n   ]}}')
    joined = ",\n".join(runs)
    return f'{{"bench": {line(whole["bench"])},\n "runs": [\n{joined}\n ]}}\n'


def merged(runs, new):
    """The new run's cases take the place of older ones; a run of which none is left goes."""
    names = {case["name"] for case in new["cases"]}
    kept = []
    for run in runs:
        cases = [case for case in run["cases"] if case["name"] not in names]
        if cases:
            kept.append({"context": run["context"], "cases": cases})
    if kept and kept[-1]["context"] == new["context"]:
        kept[-1]["cases"] += new["cases"]
        return kept
    return [*kept, new]


def run_of(file):
    try:
        raw = json.loads(file.read_text(encoding="utf-8"))
        entries = {}
        for entry in raw["benchmarks"]:
            if not entry.get("error_occurred"):
                entries.setdefault(entry["run_name"], []).append(entry)
        cases = [case_of(entries_of_one) for entries_of_one in entries.values()]
        run = {"context": context_of(raw["context"]), "cases": cases}
    except OSError as error:
        raise data.Error(f"{file}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise data.Error(f"{file} holds no figures of Google Benchmark: {error!r}") from error
    if not run["cases"]:
        raise data.Error(f"{file} holds no case")
    return run


def keep(file, folder):
    """Takes the run that `file` holds into folder/NAME.json, and returns that."""
    run = run_of(file)
    target = folder / f"{file.stem}.json"
    runs = data.read(target)["runs"] if target.exists() else []
    folder.mkdir(parents=True, exist_ok=True)
    target.write_text(written({"bench": file.stem, "runs": merged(runs, run)}), encoding="utf-8")
    return target
