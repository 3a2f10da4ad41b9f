"""The words by which a document asks for a figure: {[@SET] [CASE] WHAT[:DIGITS][?]}

    ns us ms s         the median time, without its unit; us/4096 is that for each of 4096
    time               the same with the unit that fits
    us_quartiles       its quartiles, "12 to 14"; likewise for the other units
    ratio, quartiles   to the case that the bench compares with, and its quartiles
    over OTHER         this case's median time, divided by that of OTHER
    context.KEY        of the run: date, cpu, compiler, commit ...
    NAME               a counter of the bench

CASE is added to the address in the marker's first line, unless it begins with `/`. DIGITS are the
significant digits of a time or a counter, and a ratio's decimals. With ? an unknown case is no error
but an empty cell.
"""

import re

from figures import data, numbers

units = {"ns": 1e-3, "us": 1, "ms": 1e3, "s": 1e6}
timed = re.compile(r"(ns|us|ms|s)(?:/(\d+))?(_quartiles)?")
word = re.compile(r"(?P<what>[\w./]+?)(?::(?P<digits>\d))?(?P<optional>\?)?")


def pair(values, write):
    """'12 to 14', or nothing for the case that all are compared with."""
    low, high = (write(value) for value in values)
    return "" if low == high == "1" else f"{low} to {high}"


def time_of(case, address, match, digits):
    size = units[match[1]] * int(match[2] or 1)
    write = lambda microseconds: numbers.significant(microseconds / size, digits or 2)
    if match[3]:
        return pair(case.get("us_quartiles", address), write)
    return write(case.get("us", address))


def value_of(case, address, what, digits):
    match = timed.fullmatch(what)
    if match:
        return time_of(case, address, match, digits)
    if what == "time":
        return numbers.with_unit(case.get("us", address), digits or 2)
    if what in ("ratio", "quartiles"):
        write = lambda value: numbers.ratio(value, digits or 2)
        if what == "quartiles":
            return pair(case.get("ratio_quartiles", address), write)
        return write(case.get("ratio", address))
    value = case.get(what, address)
    if not isinstance(value, (int, float)):
        raise data.Error(f"{address}: '{what}' is no single number")
    return numbers.significant(value, digits or 2)


class Place:
    """Where a pattern's words look: an address, to which a case may be added."""

    def __init__(self, figures, address):
        self.figures = figures
        self.address = address

    def resolved(self, case):
        if case.startswith("/"):
            return case[1:]
        return "/".join(part for part in (self.address, case) if part)

    def at(self, case):
        return Place(self.figures, self.resolved(case))

    def filled(self, line):
        """The line with a figure for each pair of braces."""
        return re.sub(r"\{([^{}]*)\}", lambda match: self.figure(match[1]), line).rstrip()

    def figure(self, text):
        tokens = text.split()
        set_name = tokens.pop(0)[1:] if tokens and tokens[0].startswith("@") else ""
        if len(tokens) >= 2 and tokens[-2] == "over":
            return self.quotient(tokens[:-2], tokens[-1], set_name)
        match = word.fullmatch(tokens[-1]) if tokens else None
        if not match or len(tokens) > 2:
            raise data.Error(f"'{text.strip()}' is not [@SET] [CASE] WHAT[:DIGITS][?]")
        address = self.resolved(tokens[0]) if len(tokens) == 2 else self.address
        if match["what"].startswith("context."):
            return self.context(address, match["what"][len("context.") :], set_name)
        if match["optional"] and not self.figures.has(address, set_name):
            return ""
        case = self.figures.case(address, set_name)
        return value_of(case, address, match["what"], int(match["digits"] or 0))

    def quotient(self, case, other, set_name):
        other, _, digits = other.partition(":")
        own = self.resolved(case[0]) if case else self.address
        times = [
            self.figures.case(address, set_name).get("us", address)
            for address in (own, self.resolved(other))
        ]
        return numbers.ratio(times[0] / times[1], int(digits or 2))

    def context(self, address, key, set_name):
        values = [context.get(key) for context in self.figures.contexts(address, set_name)]
        if None in values:
            raise data.Error(f"{address} has no 'context.{key}' in every run")
        return ", ".join(dict.fromkeys(str(value) for value in values))
