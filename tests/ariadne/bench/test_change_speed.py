"""`ariadne bench changes`: the time of forget and merge, and the waits of another writer."""

from __future__ import annotations

import json

from click.testing import CliRunner

from ariadne.cli.main import main


def test_each_call_and_each_wait_of_another_writer_is_measured() -> None:
    result = CliRunner().invoke(main, ["bench", "changes", "--facts", "100", "--calls", "3", "--json"])
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert (report["facts"], len(report["forget"])) == (100, 3)
    assert report["waits_of_forget"]
    assert report["waits_of_merge"]
    assert all(wait > 0 for wait in (*report["forget"], *report["waits_of_forget"], report["merge"]))


def test_the_table_names_the_longest_wait_and_a_change_of_the_whole_space_on_request() -> None:
    result = CliRunner().invoke(main, ["bench", "changes", "--facts", "100", "--calls", "1", "--whole"])
    assert result.exit_code == 0, result.output
    assert "longest" in result.stdout
    assert "change the ontology" in result.stdout
    assert result.stdout.count("a write of another meanwhile") == 3
