"""The tables of the comparison say what the reports say."""
import importlib.util
import unittest
from importlib.machinery import SourceFileLoader
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "bench-compare"
loader = SourceFileLoader("bench_compare", str(SCRIPT))
spec = importlib.util.spec_from_loader("bench_compare", loader)
compare = importlib.util.module_from_spec(spec)
loader.exec_module(compare)


def report(deliveries, faults=None, limits=()):
    return {
        "figures": [{"name": "deliveries", "value": deliveries, "unit": "per_second"}],
        "latencies": [{"name": "delivery", "count": 3, "points": [[0, 1e6], [0.5, 2e6], [0.99, 7e6], [1, 9e6]]}],
        "faults": faults or {},
        "limits": list(limits),
    }


class BenchCompare(unittest.TestCase):
    column = compare.Column("deliveries", "rate", "deliveries", baseline="floor")

    def cell(self, reports, server="hubbub", column=None):
        return compare.cell(reports, column or self.column, server)

    def test_a_figure_is_the_median_of_the_runs_and_a_share_of_the_baseline(self):
        reports = {
            ("rate", "floor"): [report(2000)],
            ("rate", "hubbub"): [report(1), report(1500), report(9000)],
        }
        self.assertEqual(self.cell(reports), "1,500 (75%)")
        self.assertEqual(self.cell(reports, "floor"), "2,000")

    def test_a_latency_is_the_quantile_that_was_asked_for(self):
        column = compare.Column("p99", "rate", "delivery@0.99", 1e-6, 1)
        self.assertEqual(self.cell({("rate", "hubbub"): [report(1)]}, column=column), "7.0")

    def test_what_was_not_run_and_what_failed_are_told_apart(self):
        unknown = compare.Column("cycles", "rate", "cycles")
        self.assertEqual(self.cell({}), "–")
        self.assertEqual(self.cell({("rate", "hubbub"): [report(1)]}, column=unknown), "failed")

    def test_a_run_with_faults_or_a_driver_at_its_limit_is_marked_and_explained(self):
        reports = {("rate", "hubbub"): [report(10, {"lost": 2}, ["the driver was late"])]}
        self.assertEqual(self.cell(reports), "10 † ‡")
        self.assertEqual(
            compare.remarks(reports),
            "- † Hubbub, rate: 2 lost\n- ‡ Hubbub, rate: the driver was late\n",
        )

    def test_a_target_is_met_by_a_figure_or_by_its_share_of_the_baseline(self):
        reports = {("rate", "floor"): [report(2000)], ("rate", "hubbub"): [report(1500)]}
        share = compare.Target("deliveries", "rate", "deliveries", at_least=0.75, baseline="floor")
        self.assertEqual(compare.reached(reports, share), (0.75, True))
        latency = compare.Target("p99", "rate", "delivery@0.99", at_most=5, scale=1e-6, unit="ms")
        self.assertEqual(compare.reached(reports, latency), (7.0, False))
        self.assertIsNone(compare.reached({("rate", "hubbub"): [report(1)]}, share))

    def test_targets_stand_beside_what_was_measured(self):
        reports = {("connect", "hubbub"): [report(1)]}
        reports["connect", "hubbub"][0]["figures"] = [{"name": "connects", "value": 9000}]
        self.assertEqual(
            compare.target_rows(reports)[1:], [["connects a second", "≥ 10,000", "9,000", "NOT MET"]]
        )

    def test_a_figure_stands_beside_that_of_the_build_before(self):
        reports = {("rate", "hubbub"): [report(1500)], ("rate", "before"): [report(2000)], ("idle", "hubbub"): [report(1)]}
        self.assertIn(
            ["rate: deliveries a second", "2,000", "1,500", "0.750"], compare.before_rows(reports)[1:]
        )
        self.assertTrue(all(row[0].startswith("rate: ") for row in compare.before_rows(reports)[1:]))
        self.assertEqual(compare.before_rows({("rate", "hubbub"): [report(1500)]}), [])

    def test_some_servers_run_in_some_scenarios_unless_they_are_asked_for(self):
        self.assertTrue(compare.runnable("floor-thread", "lone"))
        self.assertFalse(compare.runnable("floor-thread", "rate"))
        self.assertTrue(compare.runnable("floor-thread", "rate", ["floor-thread"]))
        self.assertFalse(compare.runnable("floor", "idle-polling", ["floor"]))

    def test_options_of_the_load_take_the_place_of_the_scenarios(self):
        self.assertEqual(
            compare.with_options(["idle", "--duration", "30s", "--connections", "9"], ["--duration", "1s"]),
            ["idle", "--duration", "1s", "--connections", "9"],
        )

    def test_the_server_has_its_cores_and_the_load_what_is_left(self):
        one, rest = compare.cores_for(1)
        self.assertEqual(len(one), 1)
        self.assertFalse(set(one) & set(rest))

    def test_every_column_has_a_scenario_and_every_server_its_dialect(self):
        for columns in compare.TABLES.values():
            for column in columns:
                self.assertIn(column.scenario, compare.SCENARIOS)
                self.assertIn(column.baseline or "floor", compare.SERVERS)
        for target in compare.TARGETS:
            self.assertIn(target.scenario, compare.SCENARIOS)
            self.assertNotEqual(bool(target.at_least), bool(target.at_most))
        for server in compare.SERVERS.values():
            if server.dialect:
                self.assertTrue((compare.PEERS / f"{server.dialect}.toml").is_file())


if __name__ == "__main__":
    unittest.main()
