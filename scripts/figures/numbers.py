"""How a measured number is written: with as many digits as it deserves."""

import math


def significant(value, digits=2):
    """32, 5.6, 0.24; before the point no digit of three is lost, as in 116 and 1,470."""
    if value == 0:
        return "0"
    digits = max(digits, sum(abs(value) >= least for least in (0, 10, 100)))
    rounded = float(f"{value:.{digits - 1}e}")
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(rounded))))
    return f"{rounded:,.{decimals}f}"


def ratio(value, decimals=2):
    """0.52; 0.027 and 186 where that is little or much. What all are compared with is 1."""
    if value == 1:
        return "1"
    if value >= 10:
        return significant(value)
    if 0 < value < 0.1 and decimals == 2:
        return significant(value)
    return f"{value:.{decimals}f}"


def with_unit(microseconds, digits=2):
    """2.0 ms"""
    for unit, size in (("s", 1e6), ("ms", 1e3), ("µs", 1)):
        if microseconds >= 0.9995 * size:
            break
    if microseconds < 0.1:
        unit, size = "ns", 1e-3
    return f"{significant(microseconds / size, digits)} {unit}"
