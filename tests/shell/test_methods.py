"""Methods are read whole or refused with one sentence."""

from pathlib import Path

import pytest

from bot.methods import BadMethod, parse, read_methods
from tests.shell.stage import HASH, METHOD


def test_our_own_methods_are_right() -> None:
    methods = read_methods()
    assert "jonkoping" in methods
    for hash, text, method in methods.values():
        assert parse(text) == method
        assert len(hash) == 64


def test_an_extra_directory_adds_and_wins(tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text(METHOD)
    own = METHOD.replace('id = "small"', 'id = "jonkoping"')
    (tmp_path / "jonkoping.toml").write_text(own)
    methods = read_methods(tmp_path)
    assert methods["small"] == (HASH, METHOD, parse(METHOD))
    assert methods["jonkoping"][1] == own


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("", "=", "not TOML"),
        ("meetings = 3", "meetings = 0", "meetings: at least one"),
        ("meetings = 3", 'meetings = "x"', "meetings: Input should be a valid integer"),
        ("meetings = 3", "meetings = 3\ncolour = 1", "colour: Unexpected"),
        ("votes = true", "", "votes: "),
        ("size = [3, 8]", "size = [8, 3]", "size: from 2 to 30"),
        ("size = [3, 8]", "size = [3, 800]", "size: from 2 to 30"),
        ("leaders = 1", "leaders = 0", "leaders: at least one"),
        ('id = "small"', 'id = "a/b"', "id: small letters"),
        ('id = "talk"', 'id = "a/b"', "ordinary: the step id 'a/b'"),
        ('[[last]]\nid = "end"\nminutes = 60', '[[last]]\nid = "end"\nminutes = 50', "last: its"),
        ('nb = "Begynn"', 'nb = " "', "first/begin/title: no text in nb"),
        (', nb = "leder"', "", "leader: no text in nb"),
        ('nb = "Liten"', 'nb = "Liten", da = "Lille"', "title: da is not a language"),
        ('does = "vote"', "", "ordinary: 1 step(s) must do the vote"),
        ("votes = true", "votes = false", "ordinary: 0 step(s) must do the vote"),
        (
            "[[ordinary]]",
            '[[ordinary]]\nid = "talk"\nminutes = 0\ntitle = { en = "a", sv = "b", nb = "c" }\n'
            "[[ordinary]]",
            "ordinary: a step takes at least a minute",
        ),
        (
            'nb = "Slutt" }',
            'nb = "Slutt" }\nsay = { en = "x", sv = "y" }',
            "last/end/say: no text in nb",
        ),
    ],
)
def test_a_bad_method_is_one_sentence(tmp_path: Path, old: str, new: str, reason: str) -> None:
    (tmp_path / "mine.toml").write_text(METHOD.replace(old, new, 1))
    with pytest.raises(BadMethod) as bad:
        read_methods(tmp_path)
    sentence = str(bad.value)
    assert sentence.startswith("mine.toml: ")
    assert reason in sentence
    assert "\n" not in sentence


def test_two_files_with_one_id(tmp_path: Path) -> None:
    for name in ("a.toml", "b.toml"):
        (tmp_path / name).write_text(METHOD)
    with pytest.raises(BadMethod, match=r"b.toml: another file has the id small already\."):
        read_methods(tmp_path)
    (tmp_path / "a.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(BadMethod, match=r"a.toml: not TOML"):
        read_methods(tmp_path)
