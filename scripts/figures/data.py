"""What docs/figures holds.

docs/figures/BENCH.json has the runs of a bench, and docs/figures/SET/BENCH.json what another machine or
an earlier time has measured. A run has a context (date, CPU, compiler, commit) and cases, one a line.
A case has, as far as its bench measured it:

    name, us, us_quartiles, rounds, ratio, ratio_quartiles, and the bench's own counters

`us` is the median time in microseconds, `ratio` the one to the case that its bench compares it with.
`digits` says how many a figure has that comes from an older document; its context says from which.
"""

import difflib
import json


class Error(Exception):
    """What is wrong with a figure, a file or a marker, in a sentence."""


class Case:
    def __init__(self, values, context):
        self.values = values
        self.context = context

    def get(self, key, address):
        if key not in self.values:
            has = ", ".join(sorted(self.values.keys() - {"name"}))
            raise Error(f"{address} has no '{key}'; it has {has}")
        return self.values[key]


def read(file):
    """The runs of a file, and the name of their bench."""
    try:
        whole = json.loads(file.read_text(encoding="utf-8"))
        for run in whole["runs"]:
            for case in run["cases"]:
                case["name"].split("/")
            run["context"].items()
        return whole
    except OSError as error:
        raise Error(f"{file}: {error.strerror}") from error
    except ValueError as error:
        raise Error(f"{file} is no JSON: {error}") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise Error(f"{file} is no file of figures: a run has a context and cases with names") from error


class Figures:
    """Finds cases by their addresses: BENCH/CASE, or within a set."""

    def __init__(self, folder):
        self.folder = folder
        self.benches = {}

    def cases_of(self, bench, set_name=""):
        file = self.folder / set_name / f"{bench}.json"
        if file not in self.benches:
            if not file.is_file():
                raise Error(f"there are no figures of '{bench}': {file} is missing")
            self.benches[file] = {
                case["name"]: Case(case, run["context"])
                for run in read(file)["runs"]
                for case in run["cases"]
            }
        return self.benches[file]

    def has(self, address, set_name=""):
        bench, _, name = address.partition("/")
        if set_name and not (self.folder / set_name / f"{bench}.json").is_file():
            return False  # the set need not have run every bench
        return name in self.cases_of(bench, set_name)

    def case(self, address, set_name=""):
        bench, _, name = address.partition("/")
        cases = self.cases_of(bench, set_name)
        if name not in cases:
            close = difflib.get_close_matches(name, cases, 1)
            hint = f"; did you mean '{close[0]}'?" if close else ""
            raise Error(f"{bench} has no case '{name}'{hint}")
        return cases[name]

    def contexts(self, address, set_name=""):
        """Those of all cases whose addresses begin so."""
        bench, _, name = address.partition("/")
        cases = self.cases_of(bench, set_name)
        found = [case.context for key, case in cases.items() if key.startswith(name)]
        if not found:
            raise Error(f"{bench} has no case that begins with '{name}'")
        return found
