#!/usr/bin/env python3
"""How scripts/tables keeps figures and draws them, in trees of its own."""

import contextlib
import importlib.machinery
import importlib.util
import io
import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

script = Path(__file__).resolve().parent.parent.parent / "scripts" / "tables"
sys.path.insert(0, str(script.parent))
sys.dont_write_bytecode = True
loader = importlib.machinery.SourceFileLoader("tables", str(script))
tables = importlib.util.module_from_spec(importlib.util.spec_from_loader("tables", loader))
loader.exec_module(tables)

TABLE = """Before.

<!-- figures: a_bench/contest
| | µs | ratio | quartiles | earlier |
|---|---:|---:|---:|---:|
| = | {us} | {ratio} | {quartiles} | {@earlier us?} |
= peer: a peer
= ours: **pinfold**, `here`
-->
<!-- end -->

After <!-- figure: a_bench/contest/ours time:3 --><!-- end -->.
"""

DRAWN = """-->
| | µs | ratio | quartiles | earlier |
|---|---:|---:|---:|---:|
| a peer | 1,470 | 1 | | 9.0 |
| **pinfold**, `here` | 5.6 | 0.027 | 0.026 to 0.028 | |

<!-- end -->

After <!-- figure: a_bench/contest/ours time:3 -->5.62 µs<!-- end -->.
"""


def a_round(name, microseconds, ratio, **more):
    return {
        "name": f"{name}/iterations:3/manual_time",
        "run_name": f"{name}/iterations:3/manual_time",
        "run_type": "iteration",
        "real_time": microseconds * 1000,
        "cpu_time": 7,
        "time_unit": "ns",
        "ratio": ratio,
        **more,
    }


def a_case(name, times, ratios, **counters):
    """As a bench writes it: its rounds, and what they come to."""
    median = a_round(name, sorted(times)[len(times) // 2], 0)
    median.update(run_type="aggregate", aggregate_name="median", vs_first=sorted(ratios)[1], **counters)
    del median["ratio"]
    return [*(a_round(name, t, r) for t, r in zip(times, ratios)), median]


def a_file_of_a_bench(*cases, commit="abc1234"):
    context = {"date": "2026-11-29T22:37:17+00:00", "host_name": "vm", "num_cpus": 2}
    context.update(mhz_per_cpu=2300, load_avg=[1.0], compiler="g++ 12", commit=commit)
    return {"context": context, "benchmarks": [entry for case in cases for entry in case]}


class Tree(unittest.TestCase):
    """A tree with a document and the figures of one bench."""

    def setUp(self):
        kept = tempfile.TemporaryDirectory()
        self.addCleanup(kept.cleanup)
        self.tree = Path(kept.name)
        (self.tree / "docs" / "figures").mkdir(parents=True)
        self.document = self.tree / "docs" / "page.md"
        self.document.write_text(TABLE, encoding="utf-8")
        (self.tree / "README.md").write_text("Nothing measured.\n", encoding="utf-8")
        self.keep(
            a_case("contest/peer", [1465, 1470, 1480], [1, 1, 1]),
            a_case("contest/ours", [5.61, 5.62, 5.9], [0.026, 0.027, 0.028], share=0.5),
        )
        self.keep(a_case("contest/peer", [8, 9, 10], [1, 1, 1]), options=["--set", "earlier"])

    def tables(self, *options):
        """Its exit status and what it said."""
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            status = tables.main(["--tree", str(self.tree), *options])
        return status, said.getvalue()

    def keep(self, *cases, options=(), **more):
        file = self.tree / "a_bench.json"
        file.write_text(json.dumps(a_file_of_a_bench(*cases, **more)), encoding="utf-8")
        self.assertEqual(self.tables("--keep", str(file), *options)[0], 0)

    def kept(self):
        return json.loads((self.tree / "docs" / "figures" / "a_bench.json").read_text(encoding="utf-8"))


class Tables(Tree):
    def test_are_drawn_behind_their_patterns(self):
        self.assertEqual(self.tables(), (0, "wrote docs/page.md\n"))
        text = self.document.read_text(encoding="utf-8")
        self.assertTrue(text.startswith(TABLE.partition("-->")[0] + DRAWN), text)

    def test_agree_once_they_are_drawn(self):
        self.tables()
        self.assertEqual(self.tables("--check"), (0, ""))
        self.assertEqual(self.tables(), (0, ""))

    def test_that_differ_fail_the_check_which_writes_nothing(self):
        self.tables()
        text = self.document.read_text(encoding="utf-8").replace("| 5.6 |", "| 5.5 |")
        self.document.write_text(text, encoding="utf-8")
        status, said = self.tables("--check")
        self.assertEqual(status, 1)
        self.assertIn("docs/page.md:3: ", said)
        self.assertIn("-| **pinfold**, `here` | 5.5 |", said)
        self.assertIn("+| **pinfold**, `here` | 5.6 |", said)
        self.assertEqual(self.document.read_text(encoding="utf-8"), text)

    def test_fail_the_check_when_the_figures_have_changed(self):
        self.tables()
        self.keep(a_case("contest/ours", [7, 7, 7], [0.1, 0.1, 0.1]))
        status, said = self.tables("--check")
        self.assertEqual(status, 1)
        self.assertIn("docs/page.md:17: ", said)
        self.assertIn("+7.00 µs", said)

    def test_are_the_script_s_own_result(self):
        command = [sys.executable, str(script), "--check", "--tree", str(self.tree)]
        self.assertEqual(subprocess.run(command, capture_output=True, check=False).returncode, 1)

    def test_leave_examples_in_code_alone(self):
        text = "```\n<!-- figures: none -->\n```\nWrite `<!-- figure: none us -->`.\n"
        self.document.write_text(text, encoding="utf-8")
        self.assertEqual(self.tables("--check"), (0, ""))


class Errors(Tree):
    def expect(self, text, line, error):
        self.document.write_text(text, encoding="utf-8")
        status, said = self.tables("--check")
        self.assertEqual(status, 2, said)
        self.assertIn(f"tables: docs/page.md:{line}: ", said)
        self.assertIn(error, said)

    def test_name_the_line_of_an_unknown_bench(self):
        self.expect(TABLE.replace("figures: a_bench", "figures: b_bench"), 7, "no figures of 'b_bench'")

    def test_name_the_line_of_an_unknown_case_and_the_one_that_was_meant(self):
        self.expect(TABLE.replace("= ours", "= our"), 8, "did you mean 'contest/ours'?")

    def test_name_the_line_of_an_unknown_figure_and_those_that_there_are(self):
        self.expect(TABLE.replace("time:3", "timing"), 12, "has no 'timing'; it has ratio")

    def test_name_the_line_of_a_marker_without_end(self):
        self.expect("\n" + TABLE.replace("<!-- end -->", "", 1), 13, "begins before the last one")
        self.expect(TABLE.rpartition("<!-- end -->")[0], 12, "lacks its <!-- end -->")
        self.expect("a\n<!-- end -->\n", 2, "ends nothing")
        self.expect("a\n<!-- figures: a_bench\n", 2, "broken")
        self.expect(TABLE + "a\n<!-- figures a_bench -->\n", 14, "broken")
        self.expect("a\n\n<!-- figures: a\n<!-- end -->\n", 3, "comment has no end")

    def test_name_the_line_of_a_pattern_that_says_nothing(self):
        self.expect(TABLE.replace("| = | {us}", "| {us}"), 6, "contest")
        self.expect(TABLE.replace("= ours:", "= ours"), 8, "= CASE:")
        self.expect(TABLE.replace("{us}", "{a b us}"), 7, "'a b us' is not")

    def test_name_the_line_of_a_sentence_that_markdown_would_end(self):
        self.expect("a\n<!-- figure: a_bench/contest/ours us --><!-- end -->", 2, "must not begin the line")

    def test_name_a_file_of_figures_that_is_none(self):
        file = self.tree / "docs" / "figures" / "a_bench.json"
        for text, error in (("{", "is no JSON"), ('{"runs": [{"cases": [{}]}]}', "is no file of figures")):
            file.write_text(text, encoding="utf-8")
            self.expect(TABLE, 7, error)


class Numbers(unittest.TestCase):
    def test_have_the_digits_that_they_deserve(self):
        from figures import numbers

        for value, digits, text in (
            (0, 2, "0"),
            (0.137, 2, "0.14"),
            (0.996, 2, "1.0"),
            (5.62, 2, "5.6"),
            (9.96, 2, "10"),
            (31.8, 1, "32"),
            (99.6, 2, "100"),
            (1058, 2, "1,060"),
            (2022, 4, "2,022"),
            (3.9, 3, "3.90"),
        ):
            self.assertEqual(numbers.significant(value, digits), text)
        for value, decimals, text in ((1, 3, "1"), (0.516, 2, "0.52"), (0.027, 2, "0.027"), (186, 2, "186")):
            self.assertEqual(numbers.ratio(value, decimals), text)
        for value, text in ((0.0137, "14 ns"), (5.69, "5.7 µs"), (999.9, "1.0 ms"), (2.5e6, "2.5 s")):
            self.assertEqual(numbers.with_unit(value), text)


class Words(Tree):
    def figure(self, text):
        place = tables.documents.words.Place(tables.data.Figures(self.tree / "docs" / "figures"), "a_bench")
        return place.filled(text)

    def test_find_a_case_from_the_marker_s_address(self):
        self.assertEqual(self.figure("{contest/ours us}, {/a_bench/contest/ours us:3}"), "5.6, 5.62")

    def test_compare_two_cases(self):
        self.assertEqual(self.figure("{contest/peer us over contest/ours}"), "262")
        self.assertEqual(self.figure("{contest/peer us:4 minus contest/ours}"), "1,464")
        self.assertEqual(self.figure("{contest/ours ns/10:3}"), "562")

    def test_tell_the_quartiles_the_counters_and_the_machine(self):
        self.assertEqual(self.figure("{contest/ours us_quartiles}"), "5.6 to 5.9")
        self.assertEqual(self.figure("{contest/ours share}"), "0.50")
        self.assertEqual(self.figure("{contest context.compiler}"), "g++ 12")

    def test_leave_a_cell_empty_only_when_told_to(self):
        self.assertEqual(self.figure("| {@earlier contest/ours us?} |"), "| |")
        self.assertEqual(self.figure("| {@never contest/ours us?} |"), "| |")  # the set has no such bench
        with self.assertRaises(tables.data.Error):
            self.figure("| {@never contest/ours us} |")
        with self.assertRaises(tables.data.Error):
            self.figure("| {@earlier contest/ours us} |")


class Keeping(Tree):
    def test_takes_medians_quartiles_and_counters(self):
        self.assertEqual(
            self.kept()["runs"][0]["cases"][1],
            {
                "name": "contest/ours",
                "us": 5.62,
                "us_quartiles": [5.61, 5.9],
                "rounds": 3,
                "ratio": 0.027,
                "ratio_quartiles": [0.026, 0.028],
                "share": 0.5,
            },
        )

    def test_takes_what_the_run_depends_on_and_nothing_of_the_moment(self):
        context = {"commit": "abc1234", "compiler": "g++ 12", "cpus": 2, "date": "2026-11-29", "ghz": 2.3}
        self.assertEqual(self.kept()["runs"][0]["context"], context)

    def test_replaces_the_cases_that_ran_and_keeps_the_others(self):
        self.keep(a_case("contest/ours", [1, 2, 3], [1, 1, 1]), commit="def5678")
        runs = self.kept()["runs"]
        self.assertEqual([run["context"]["commit"] for run in runs], ["abc1234", "def5678"])
        self.assertEqual([[case["name"] for case in run["cases"]] for run in runs],
                         [["contest/peer"], ["contest/ours"]])
        self.keep(a_case("contest/peer", [1, 2, 3], [1, 1, 1]), commit="def5678")
        self.assertEqual([run["context"]["commit"] for run in self.kept()["runs"]], ["def5678"])

    def test_refuses_what_no_bench_has_written(self):
        for text in ("{", "{}", '{"context": {}, "benchmarks": []}'):
            (self.tree / "x.json").write_text(text, encoding="utf-8")
            status, said = self.tables("--keep", str(self.tree / "x.json"))
            self.assertEqual(status, 2)
            self.assertIn("x.json", said)
        self.assertEqual(self.tables("--keep", "none.json")[0], 2)


if __name__ == "__main__":
    unittest.main()
