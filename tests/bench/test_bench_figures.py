from __future__ import annotations

import json
import os
from dataclasses import replace

import pytest
from msgspec.structs import replace as replace_struct

from bench.errors import BenchError
from bench.generator import FAULTS, End, Load, Ready, Step, arguments, parse, verify
from bench.processes import busy_s, listening_ports
from bench.report import as_json, tables
from bench.runner import Results, Run, figures_of
from bench.scenarios import CLOSED, OPEN, SLOW, STEADY, all_scenarios
from bench.servers import BOUND, INSPIRCD, JSON, TEXT, Server, another
from bench.statistics import aligned, middle, short, spread
from bench.targets import TARGETS, judge

STEP = Step("closed", 8.0, 2.0, 1.0, 0.5, 4_000_000, 40_000, 1, 0.5, 1.5, 2.0, followed=True)
END = End(
    messages=100,
    deliveries=900,
    missing=0,
    lost=0,
    doubled=0,
    damaged=0,
    disorder=0,
    refused=0,
    closed=0,
    ejected=0,
)


def results(*rates: tuple[str, str, float], figure: str = "rate") -> Results:
    return Results([Run(scenario, server, [{figure: rate}]) for scenario, server, rate in rates])


class StatisticsTests:
    def test_the_middle_is_the_median(self) -> None:
        assert middle([5.0, 1.0, 3.0]) == 3.0
        assert middle([]) is None

    def test_the_spread_is_a_share_of_the_middle(self) -> None:
        assert spread([8.0, 10.0, 11.0]) == pytest.approx(0.3)
        assert spread([]) == 0.0

    @pytest.mark.parametrize(
        ("value", "words"),
        [(None, "-"), (9_234_567, "9.23 M"), (16_800_000, "16.8 M"), (830_000, "830 k"), (0.151, "0.15")],
    )
    def test_three_digits_count(self, value: float | None, words: str) -> None:
        assert short(value) == words

    def test_a_table_stands_in_columns(self) -> None:
        assert aligned([["a", "b"], ["long", "1"]]) == "| a    | b |\n|------|--:|\n| long | 1 |"


class ReportsTests:
    def test_each_line_is_one_report(self) -> None:
        lines: list[bytes | str] = ['{"at":"ready","wall_s":0.5,"cpu_s":0.25}\n', b'{"at":"hold"}']
        ready, _ = parse(lines)
        assert ready == Ready(0.5, 0.25)

    def test_a_step_is_told_per_second_of_server_cpu(self) -> None:
        figures = figures_of(STEP)
        assert figures["rate"] == 4_000_000
        assert figures["us"] == 0.25
        assert figures["core"] == 0.5
        assert figures["messages_per_s"] == 20_000

    def test_acks_are_told_by_the_clock_and_per_second_of_server_cpu(self) -> None:
        figures = figures_of(replace_struct(STEP, acks=30_000))
        assert (figures["acks_per_s"], figures["ack_rate"]) == (15_000, 30_000)
        assert "acks_per_s" not in figures_of(STEP)

    def test_a_step_that_nobody_heard_has_no_latency(self) -> None:
        step = Step("blast", 40_000.0, 2.0, 1.0, 0.5, 0, 40_000, 1, 0.0, 0.0, 0.0, followed=True)
        figures = figures_of(step)
        assert "p99_ms" not in figures
        assert figures["us_message"] == 25.0

    @pytest.mark.parametrize("fault", [*FAULTS, "disorder"])
    def test_any_fault_is_loud(self, fault: str) -> None:
        end = End(**{name: int(name == fault) for name in End.__struct_fields__})
        with pytest.raises(BenchError, match=f"{fault} 1"):
            verify(end, ordered=True)

    def test_a_server_without_an_order_may_mix(self) -> None:
        verify(END, ordered=True)
        verify(End(**{name: int(name == "disorder") for name in End.__struct_fields__}), ordered=False)

    def test_whoever_listens_is_found_in_the_kernels_table(self) -> None:
        table = (
            "  sl  local_address rem_address   st\n"
            "   0: 0100007F:1F90 00000000:0000 0A 0\n"
            "   1: 0100007F:1F91 0100007F:C350 01 0\n"
        )
        assert listening_ports(table) == {8080}

    def test_a_processor_is_busy_when_it_is_neither_idle_nor_waiting(self) -> None:
        table = "cpu  9 9 9 9 9 9 9 9 9 9\ncpu0 100 0 200 5000 600 0 50 50 0 0\n"
        assert busy_s(0, table) == pytest.approx(400 / os.sysconf("SC_CLK_TCK"))


class ServersTests:
    def test_one_from_the_command_line_bears_what_the_bound_does(self) -> None:
        server = another("mine=json+echo:./mine --port {port}")
        assert (server.name, server.dialect, server.echo) == ("mine", "json", True)
        bearing = {each.name for each in all_scenarios(1, 5000) if each.meant_for(server)}
        assert bearing >= {*CLOSED, OPEN}
        assert SLOW not in bearing

    @pytest.mark.parametrize("words", ["mine", "mine=text", "mine=text:./mine 55555"])
    def test_one_without_a_port_is_refused(self, words: str) -> None:
        with pytest.raises(BenchError, match="not NAME="):
            another(words)

    def test_the_generator_is_told_how_to_speak(self) -> None:
        server = Server("x", "text", lambda _, port: [str(port)], echo=True, together=8)
        words = arguments(Load(10, ("closed:1:2",), senders=2), server, 5000, [7, 8])
        assert {"port=5000", "dialect=text", "echo=1", "together=8", "pids=7,8", "step=closed:1:2"} < set(words)
        silent = arguments(replace(Load(10, ()), dialect="silent"), server, 5000, [7])
        assert "dialect=silent" in silent
        assert "acks=1" in arguments(Load(1, (), acks=True), server, 5000, [7])


class TargetsTests:
    def test_a_ratio_is_taken_of_medians_in_one_run(self) -> None:
        measured = results(
            (CLOSED[0], TEXT, 1.0), (CLOSED[0], TEXT, 3.0), (CLOSED[0], TEXT, 2.0), (CLOSED[0], INSPIRCD, 4.0)
        )
        (verdict,) = judge(measured)
        assert (verdict.server, verdict.value, verdict.met) == (TEXT, 0.5, False)

    def test_memory_is_compared_by_what_is_more(self) -> None:
        measured = results((STEADY, JSON, 50.0), (SLOW, JSON, 65.0), figure="peak_mb")
        (verdict,) = judge(measured)
        assert (verdict.value, verdict.met) == (15.0, True)

    def test_what_was_not_run_is_not_judged(self) -> None:
        assert judge(Results([])) == []

    def test_each_target_is_of_a_scenario_that_there_is(self) -> None:
        assert {target.scenario for target in TARGETS} <= {each.name for each in all_scenarios(1, 5000)}


class ReportTests:
    def test_tables_show_medians_and_whether_targets_are_met(self) -> None:
        shown = tables(results((CLOSED[0], TEXT, 1_200_000.0), (CLOSED[0], BOUND, 1_600_000.0)))
        assert "| tcpchat text |   1.20 M |" in shown
        assert "yes" in shown

    def test_json_holds_every_run(self) -> None:
        whole = json.loads(as_json(results((CLOSED[0], TEXT, 1.0), (CLOSED[0], TEXT, 3.0))))
        assert [run["points"] for run in whole["runs"]] == [[{"rate": 1.0}], [{"rate": 3.0}]]
        assert whole["medians"][0]["figures"]["rate"] == {"median": 2.0, "spread": 1.0}
