"""`krets methods`: check, list and show, as people and programs read them."""

import json
from pathlib import Path

import pytest

from bot import methods
from bot.__main__ import main
from bot.core.model import LANGUAGES
from bot.methods import read_methods
from tests.shell.stage import METHOD

JONKOPING = Path(methods.__file__).parent / "jonkoping.toml"
SHIPPED = sorted(read_methods())


@pytest.fixture
def krets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> "Krets":
    monkeypatch.delenv("KRETS_BROWSER", raising=False)  # of the tests, and no setting
    monkeypatch.setenv("KRETS_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setattr("bot.logs.catch_faults", lambda: None)
    monkeypatch.setattr("bot.logs.set_up", lambda *_: None)
    return Krets(capsys)


class Krets:
    """The command line: what is written, and what it says."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, *words: object) -> tuple[int, str, str]:
        code = main(["methods", *map(str, words)])
        said = self.capsys.readouterr()
        return code, said.out, said.err


# --- check --------------------------------------------------------------------------------------


def test_a_right_file_is_said_to_be_right(krets: Krets) -> None:
    assert krets("check", JONKOPING) == (0, f"{JONKOPING}: nothing is wrong\n", "")


def test_every_fault_is_said_at_once_with_its_line(krets: Krets, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    wrong = METHOD.replace("meetings = 3", "meetings = 0\ncolour = 1").replace(', nb = "Slutt"', "")
    file.write_text(wrong)
    code, said, _ = krets("check", file)
    assert code == 1
    assert said.splitlines() == [
        f"{file}:5: meetings: from 1 to 60",
        f"{file}:6: colour: is not a key that Krets knows",
        f"{file}:37: last/end/title: no text in nb",
    ]
    code, said, _ = krets("check", file, "--json")
    assert code == 1
    assert json.loads(said) == {
        "file": str(file),
        "ok": False,
        "faults": [
            {"line": 5, "where": "meetings", "reason": "from 1 to 60"},
            {"line": 6, "where": "colour", "reason": "is not a key that Krets knows"},
            {"line": 37, "where": "last/end/title", "reason": "no text in nb"},
        ],
    }


def test_a_file_that_is_not_there_is_one_sentence(krets: Krets, tmp_path: Path) -> None:
    code, said, wrong = krets("check", tmp_path / "none.toml")
    assert (code, said) == (1, "")
    assert wrong == f"krets: {tmp_path / 'none.toml'}: No such file or directory\n"


# --- list ---------------------------------------------------------------------------------------


def test_all_methods_are_listed_with_one_s_own(
    krets: Krets, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "small.toml").write_text(METHOD)
    monkeypatch.setenv("KRETS_METHODS_DIR", str(tmp_path / "mine"))
    code, said, _ = krets("list", "--language", "sv")
    assert code == 0
    assert [line.split()[0] for line in said.splitlines()] == [*SHIPPED, "small"]
    assert "jonkoping       10 × 180 min    sponsor" in said
    assert len({line.index(" × ") < 30 for line in said.splitlines()}) == 1
    listed = json.loads(krets("list", "--json")[1])
    assert listed[-1] == {
        "id": "small",
        "title": "Small",
        "meetings": [3],
        "minutes": 60,
        "opens": "sponsor",
    }


def test_a_wrong_method_of_one_s_own_is_one_sentence(
    krets: Krets, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.toml").write_text("id = 3")
    monkeypatch.setenv("KRETS_METHODS_DIR", str(tmp_path))
    code, _, wrong = krets("list")
    assert code == 1
    assert wrong.startswith("krets: mine.toml: line 1: ")
    assert wrong.count("\n") == 1


# --- show ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SHIPPED)
def test_each_method_is_a_page_in_each_language(krets: Krets, name: str, language: str) -> None:
    code, said, wrong = krets("show", name, "--language", language)
    assert (code, wrong) == (0, "")
    method = read_methods()[name][2]
    for step in (*method.first, *method.ordinary, *method.last):
        assert step.title[language] in said
    for passage in (*method.exercises, *method.themes):
        assert passage.title[language] in said
    assert "{" not in said


def test_the_steps_stand_in_a_table_with_their_times(krets: Krets) -> None:
    said = krets("show", "jonkoping", "--language", "sv")[1].splitlines()
    at = said.index("Träff 2 till 9")
    rows = [line for line in said[at + 2 :] if line[:2].strip() and not line.startswith(" ")][:12]
    assert rows[0].split() == ["1", "13.00–13.15", "15", "min", "Incheckning", "alla"]
    assert [row.split()[0] for row in rows] == [*"123456", "-", *"789", "10", "11"]
    assert len({row.index(" min  ") for row in rows}) == 1, "the columns stand under each other"
    assert rows[-1].split()[1] == "15.40–16.00"


def test_another_start_moves_every_time(krets: Krets) -> None:
    said = krets("show", "jonkoping", "--start", "08:30")[1]
    assert "08:30–08:45" in said
    assert "11:10–11:30" in said
    with pytest.raises(SystemExit) as refused:
        krets("show", "jonkoping", "--start", "25")
    assert refused.value.code == 2


def test_the_same_for_programs(krets: Krets) -> None:
    found = json.loads(krets("show", "guide-training", "--language", "nb", "--json")[1])
    assert found["title"] == "Opplæring av samtaleledere"
    assert set(found["agendas"]) == {"first", "last"}
    last = found["agendas"]["last"][-1]
    assert (last["number"], last["from"], last["until"]) == (5, "11.40", "12.00")
    assert found["agendas"]["first"][2]["number"] is None, "a break has no number"


def test_a_method_without_votes_has_no_moment_for_questions(krets: Krets) -> None:
    shown = {name: json.loads(krets("show", name, "--json")[1]) for name in SHIPPED}
    assert "Bring a question" in shown["jonkoping"]["moments"]
    assert "Bring a question" not in shown["helsingborg"]["moments"]
    assert shown["jonkoping"]["moments"]["Bring a question"] == "3 working days before, 09:00"


def test_questions_are_shown_with_the_answers_that_can_be_tapped(krets: Krets) -> None:
    found = json.loads(krets("show", "jonkoping", "--json")[1])["questions"]
    assert found["take"] == "What are you taking with you into your own leadership?"
    assert found["arriving"].endswith("(I'm here / A lot on my mind / Something heavy / Skip)")
    assert found["pulse/worth"] == "Was it worth the time? (Yes / Partly / No)"
    assert "closing" in found
    training = json.loads(krets("show", "guide-training", "--json")[1])["questions"]
    assert "closing" not in training, "nothing is closed there"


def test_a_method_that_is_not_there_is_one_sentence(krets: Krets) -> None:
    code, said, wrong = krets("show", "none")
    assert (code, said) == (1, "")
    assert wrong == f"krets: No method is called none; there are: {', '.join(SHIPPED)}.\n"


def test_the_language_is_that_of_the_settings_unless_one_is_given(
    krets: Krets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KRETS_LANGUAGE", "sv")
    assert krets("show", "helsingborg")[1].startswith("Kollegial handledning (Helsingborg)\n===")
    assert krets("show", "helsingborg", "--language", "nb")[1].startswith("Kollegaveiledning (H")
