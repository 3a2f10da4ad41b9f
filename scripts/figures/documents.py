"""Finds the markers of documents, and writes what they ask for behind them.

A block is a table or a paragraph. What stands in the comment is the pattern:

    <!-- figures: job_bench/4096_empty_chunks
    | two workers | µs | ratio |
    |---|---:|---:|
    | = | {us} | {ratio} |
    = tbb_reduce: oneTBB
    = pinfold_processes: **pinfold `processes`**
    -->
    (drawn)

    <!-- end -->

Each line that begins with `=` becomes a row like the last `| = |`. A single figure in a sentence is
<!-- figure: job_bench/4096_empty_chunks/tbb_reduce us -->116<!-- end -->. figures.words has the words.
"""

import difflib
import re
import sys

from figures import data, words

code = re.compile(r"^```.*?^```$|`[^`\n]*<!--[^`\n]*`", re.MULTILINE | re.DOTALL)
comment = re.compile(r"<!--\s*(figures?:|end\b)(.*?)-->", re.DOTALL)
row = re.compile(r"= *([^:\s]+): *(.*)")


def blanked(match):
    """As many spaces and the same lines."""
    return re.sub(r"[^\n]", " ", match[0])


def line_of(text, place):
    return text.count("\n", 0, place) + 1


class Marker:
    """A comment with a pattern, and the text behind it up to the comment that ends it."""

    def __init__(self, begin, end, text):
        self.is_block = begin[1] == "figures:"
        self.pattern = text[begin.start(2) : begin.end(2)]
        self.drawn = slice(begin.end(), end.start())
        self.line = line_of(text, begin.start())


def fault_of(match, begin, hidden):
    """What is wrong with a comment, where `begin` is the one that waits for its end, or None."""
    if (match[1] == "end") == (begin is None):
        return "this marker " + ("begins before the last one has ended" if begin else "ends nothing")
    if "<!--" in match[2]:
        return "this marker's comment has no end"
    # Markdown takes a line that begins with a comment for the end of the paragraph.
    begins_line = not hidden[: match.start()].rpartition("\n")[2].strip()
    if match[1] == "figure:" and begins_line:
        return "a figure in a sentence must not begin the line"
    if match[1] == "figures:" and not begins_line:
        return "a block of figures must begin the line"
    return ""


def markers(text):
    """All markers of a document; a broken one is an error that begins with its line."""
    hidden = code.sub(blanked, text)  # code may speak of markers
    found = []
    begin = None
    for match in comment.finditer(hidden):
        if fault := fault_of(match, begin, hidden):
            raise data.Error(f"{line_of(text, match.start())}: {fault}")
        if match[1] == "end":
            found.append(Marker(begin, match, text))
        begin = None if match[1] == "end" else match
    if begin is not None:
        raise data.Error(f"{line_of(text, begin.start())}: this marker lacks its <!-- end -->")
    rest = re.search(r"<!--\s*(figures?|end)\b", comment.sub(blanked, hidden))
    if rest:
        raise data.Error(f"{line_of(text, rest.start())}: this marker is broken")
    return found


def row_of(line, shape, where):
    match = row.fullmatch(line)
    if not match:
        raise data.Error("a row is written `= CASE: what the first column says`")
    if shape is None:
        raise data.Error("no line `| = | ...` stands before this row")
    cells = where.at(match[1])
    return cells.filled(shape.replace("| = |", f"| {match[2]} |", 1))


def drawn_block(marker, figures):
    first, _, pattern = marker.pattern.partition("\n")
    where = words.Place(figures, first.strip())
    shape = None
    lines = []
    for offset, line in enumerate(pattern.strip("\n").split("\n")):
        try:
            if line.startswith("| = |"):
                shape = line
            elif line.startswith("="):
                lines.append(row_of(line, shape, where))
            else:
                lines.append(where.filled(line))
        except data.Error as error:
            raise data.Error(f"{marker.line + 1 + offset}: {error}") from error
    return "\n" + "\n".join(lines) + "\n\n"


def drawn(marker, figures):
    if marker.is_block:
        return drawn_block(marker, figures)
    try:
        return words.Place(figures, "").figure(marker.pattern)
    except data.Error as error:
        raise data.Error(f"{marker.line}: {error}") from error


def differences(name, marker, old, new):
    """For the reader of a failed check: where, and which lines."""
    told = [f"{name}:{marker.line}: what is drawn here differs from docs/figures"]
    changes = list(difflib.unified_diff(old.strip().split("\n"), new.strip().split("\n"), n=0))
    return told + [line for line in changes if not line.startswith(("---", "+++", "@@"))]


def draw(name, text, figures):
    """The document as it should be, and the differences in lines."""
    told = []
    try:
        found = markers(text)
        parts = [(marker, drawn(marker, figures)) for marker in found]
    except data.Error as error:
        raise data.Error(f"{name}:{error}") from error
    for marker, new in reversed(parts):
        old = text[marker.drawn]
        if old != new:
            told = differences(name, marker, old, new) + told
            text = text[: marker.drawn.start] + new + text[marker.drawn.stop :]
    return text, told


def draw_all(tree, figures, only_check):
    """Exit status: 1 when a check found a difference."""
    differs = False
    for document in [tree / "README.md", *sorted((tree / "docs").glob("*.md"))]:
        name = str(document.relative_to(tree))
        old = document.read_text(encoding="utf-8")
        new, told = draw(name, old, figures)
        if new == old:
            continue
        if only_check:
            differs = True
            print("\n".join(told), file=sys.stderr)
        else:
            document.write_text(new, encoding="utf-8")
            print(f"wrote {name}")
    if differs:
        print("tables: run scripts/tables, or keep the figures that were meant", file=sys.stderr)
    return 1 if differs else 0
