"""A packed action is a stored format: buttons live in old messages."""

from dataclasses import fields, replace
from pathlib import Path
from types import UnionType
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core import action as a

GOLDEN = Path(__file__).parent / "actions.golden"
KINDS: tuple[Any, ...] = get_args(a.Action)
SETTINGS = settings(derandomize=True, deadline=None, max_examples=200)

ids = st.text(alphabet="abcdef0123456789-åäö\"\\/<>'\u202e😀", max_size=20)
values = {
    "group": ids,
    "who": ids,
    "room": ids,
    "what": ids,
    "meeting": st.integers(0, 10_000),
    "page": st.integers(0, 10_000),
    "year": st.integers(0, 10_000),
    "revision": st.integers(0, 10_000),
    "weeks": st.integers(0, 100),
    "to": ids,
    "why": st.sampled_from(["day", "few"]),
    "part": st.integers(0, 10_000),
    "from_step": st.integers(0, 100),
    "by": st.sampled_from([1, -1]),
    "answer": st.sampled_from(["yes", "no", "late"]),
    "yes": st.booleans(),
    "pause": st.booleans(),
    "held": st.booleans(),
    "sure": st.booleans(),
    "version": st.integers(0, 10_000),
    "months": st.sampled_from([0, 3, 6]),
}
actions = st.sampled_from(KINDS).flatmap(
    lambda kind: st.builds(
        kind, **{one.name: values[one.name] for one in fields(kind) if one.name != "kind"}
    )
)


def golden() -> dict[str, str]:
    """Kind -> the packed example."""
    lines = GOLDEN.read_text(encoding="utf-8").splitlines()
    return dict(line.split(" ", 1) for line in lines if line)


def kind_of(action: type) -> str:
    return str(next(one.default for one in fields(action) if one.name == "kind"))


def test_a_refusal_does_not_tell_what_was_sent() -> None:
    with pytest.raises(a.CannotUnpack) as refused:
        a.unpack('{"kind":"unknown words of somebody"}')
    assert "somebody" not in str(refused.value)
    assert refused.value.__suppress_context__


def test_the_kinds_are_all_of_the_union() -> None:
    assert isinstance(a.Action, UnionType)
    assert len({kind_of(one) for one in KINDS}) == len(KINDS) == 75


def test_every_kind_has_its_golden_line_and_no_line_is_left_over() -> None:
    assert set(golden()) == {kind_of(one) for one in KINDS}
    assert list(golden()) == sorted(golden())


@pytest.mark.parametrize("kind", sorted(kind_of(one) for one in KINDS))
def test_a_button_of_old_is_still_understood_and_packed_as_it_was(kind: str) -> None:
    packed = golden()[kind]
    action = a.unpack(packed)
    assert action.kind == kind
    assert a.pack(action) == packed


def test_an_agreement_without_a_version_is_one_on_the_first() -> None:
    old = '{"group":"g1","meeting":1,"kind":"agree"}'
    assert a.unpack(old) == a.AgreeRules("g1", 1, version=1)


@SETTINGS
@given(actions)
def test_what_is_packed_is_unpacked(action: a.Action) -> None:
    try:
        packed = a.pack(action)
    except a.CannotPack:
        assert any(len(str(getattr(action, one.name))) > 10 for one in fields(action))
        return
    assert a.unpack(packed) == action
    assert len(packed.encode()) <= a.LIMIT
    assert a.unpack(packed).kind == action.kind


def test_ids_as_they_are_minted_always_fit() -> None:
    minted = {"group": "g" + "f" * 15, "who": "f" * 36, "room": "f" * 100, "meeting": 10}
    for packed in golden().values():
        action = a.unpack(packed)
        known = {name: value for name, value in minted.items() if hasattr(action, name)}
        a.pack(replace(action, **known))  # type: ignore[arg-type]


def test_what_is_too_long_is_refused_when_it_is_packed() -> None:
    with pytest.raises(a.CannotPack, match=r"^here: 2\d\d bytes, at most 255$"):
        a.pack(a.StartHere("g1", "x" * 230))
    long = a.pack(a.StartHere("g1", "x" * 200))
    with pytest.raises(a.CannotUnpack):
        a.unpack(long + " " * 100)


mangled = st.one_of(
    st.text(max_size=300),
    st.binary(max_size=100).map(lambda raw: raw.decode("utf-8", "surrogateescape")),
    st.tuples(actions, st.integers(0, 200), st.text(max_size=3)).map(
        lambda cut: _packed(cut[0])[: cut[1]] + cut[2] + _packed(cut[0])[cut[1] :]
    ),
    st.sampled_from(
        [
            "null",
            "[]",
            "{}",
            '{"kind":1}',
            '{"kind":"attend","group":1,"meeting":"1","answer":"yes"}',
            '{"kind":"attend","group":"g","meeting":1.5,"answer":"yes"}',
            '{"kind":"guide","group":"g","meeting":1,"from_step":0,"by":2}',
            "[" * 255,
            '{"kind":"rules","group":"\\ud800"}',
            '{"kind":"rules","group":NaN}',
        ]
    ),
)


def _packed(action: a.Action) -> str:
    try:
        return a.pack(action)
    except a.CannotPack:
        return ""


@SETTINGS
@given(mangled)
def test_whatever_comes_in_is_an_action_or_cannot_be_unpacked(text: str) -> None:
    try:
        action = a.unpack(text)
    except a.CannotUnpack:
        return
    assert isinstance(action, KINDS)
