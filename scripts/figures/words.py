"""The words by which a document asks for a figure: [@SET] [CASE] WHAT[:DIGITS][?] [over|minus OTHER]

    ns us ms s         the median time, without its unit; us/4096 is that for each of 4096
    time               the same with the unit that fits
    us_quartiles       its quartiles, "12 to 14"; likewise for the other units
    ratio, quartiles   to the case that the bench compares with, and its quartiles
    NAME               a counter of the bench
    context.KEY        of the run: date, cpu, compiler, commit ...
    WHAT over OTHER    the quotient of this case's and another one's
    WHAT minus OTHER   their difference

CASE and OTHER are added to the address in the marker's first line, unless they begin with `/`. DIGITS
are the significant digits of a time or a counter, and a ratio's decimals. With ? an unknown case, or a
bench that the set lacks, is no error but an empty cell.
"""

import re

from figures import data, numbers

units = {"ns": 1e-3, "us": 1, "ms": 1e3, "s": 1e6}
timed = re.compile(r"(ns|us|ms|s)(?:/(\d+))?(_quartiles)?")
wanted = re.compile(r"(?P<name>[\w./]+?)(?::(?P<digits>\d))?(?P<optional>\?)?")


def amount(case, address, name):
    """The number that a word stands for."""
    match = timed.fullmatch(name)
    if match and not match[3]:
        return case.get("us", address) / (units[match[1]] * int(match[2] or 1))
    value = case.get(name, address)
    if not isinstance(value, (int, float)):
        raise data.Error(f"{address}: '{name}' is no single number")
    return value


def pair(values, write):
    """'12 to 14', or nothing for the case that all are compared with."""
    low, high = (write(value) for value in values)
    return "" if low == high == "1" else f"{low} to {high}"


def written(case, address, name, digits):
    """A word's number as a document has it."""
    digits = min(digits or 2, case.values.get("digits", 9))
    match = timed.fullmatch(name)
    if name == "time":
        return numbers.with_unit(case.get("us", address), digits)
    if name == "ratio":
        return numbers.ratio(amount(case, address, name), digits)
    if name == "quartiles":
        values = case.get("ratio_quartiles", address)
        return pair(values, lambda value: numbers.ratio(value, digits))
    if match and match[3]:
        size = units[match[1]] * int(match[2] or 1)
        values = case.get("us_quartiles", address)
        return pair(values, lambda value: numbers.significant(value / size, digits))
    return numbers.significant(amount(case, address, name), digits)


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
        filled = re.sub(r"\{([^{}]*)\}", lambda match: self.figure(match[1]), line)
        return re.sub(r"\|  (?=\|)", "| ", filled).rstrip()  # an empty cell

    def figure(self, text):
        words = text.split()
        set_name = words.pop(0)[1:] if words and words[0].startswith("@") else ""
        how, other = "", ""
        if len(words) > 2 and words[-2] in ("over", "minus"):
            how, other = words[-2:]
            words = words[:-2]
        match = wanted.fullmatch(words[-1]) if words else None
        if not match or len(words) > 2:
            raise data.Error(f"'{text.strip()}' is not [@SET] [CASE] WHAT[:DIGITS][?]")
        address = self.resolved(words[0]) if len(words) == 2 else self.address
        digits = int(match["digits"] or 0)
        if match["name"].startswith("context."):
            return self.context(address, match["name"][len("context.") :], set_name)
        if match["optional"] and not self.figures.has(address, set_name):
            return ""
        case = self.figures.case(address, set_name)
        if not how:
            return written(case, address, match["name"], digits)
        own = amount(case, address, match["name"])
        address = self.resolved(other)
        others = amount(self.figures.case(address, set_name), address, match["name"])
        if how == "over":
            return numbers.ratio(own / others, digits or 2)
        return numbers.significant(own - others, digits or 2)

    def context(self, address, key, set_name):
        values = [context.get(key) for context in self.figures.contexts(address, set_name)]
        if None in values:
            raise data.Error(f"{address} has no 'context.{key}' in every run")
        return ", ".join(dict.fromkeys(str(value) for value in values))
