"""Drawers open with their own key in their own place, and never again without it."""

import stat
from pathlib import Path

import pytest

from bot.keyring import Keyring, Lost, NoMasterKey, accept_loss, new_master, rotate_keys

TEXT = {"case/1": "Jag vågar inte säga ifrån", "half": "\ud83d"}


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "keys"


@pytest.fixture
def keyring(directory: Path) -> Keyring:
    return Keyring(directory)


def test_what_is_sealed_opens_also_after_a_restart(keyring: Keyring, directory: Path) -> None:
    key_id = keyring.make()
    sealed = keyring.seal(key_id, "g1/vote", TEXT)
    assert Keyring(directory).open(key_id, "g1/vote", sealed) == TEXT
    assert keyring.seal(key_id, "g1/vote", TEXT) != sealed


def test_lengths_come_in_steps(keyring: Keyring) -> None:
    key_id = keyring.make()
    lengths = [len(keyring.seal(key_id, "d", {"a": "x" * n})) for n in (0, 1, 200, 247, 248, 700)]
    overhead = 1 + 12 + 16
    assert [length - overhead for length in lengths] == [256, 256, 256, 256, 512, 768]


def test_files_are_for_nobody_else(keyring: Keyring, directory: Path) -> None:
    keyring.make()
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    files = [file for file in directory.iterdir() if file.name != "CACHEDIR.TAG"]
    assert len(files) == 2
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    tag = (directory / "CACHEDIR.TAG").read_text()
    assert tag.startswith("Signature: 8a477f597d28d172789f06886806bc55\n")


def test_every_changed_bit_is_noticed(keyring: Keyring) -> None:
    key_id = keyring.make()
    sealed = keyring.seal(key_id, "g1/vote", TEXT)
    for place in range(0, len(sealed), 7):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(Lost):
            keyring.open(key_id, "g1/vote", bytes(changed))
    for short in (b"", sealed[:1], sealed[:20], sealed[:-1]):
        with pytest.raises(Lost):
            keyring.open(key_id, "g1/vote", short)


def test_a_ciphertext_opens_nowhere_else(keyring: Keyring) -> None:
    one, other = keyring.make(), keyring.make()
    sealed = keyring.seal(one, "g1/vote", TEXT)
    for key_id, bound in ((one, "g2/vote"), (one, "g1/meeting"), (other, "g1/vote")):
        with pytest.raises(Lost):
            keyring.open(key_id, bound, sealed)


def test_keys_do_not_open_under_another_name(keyring: Keyring, directory: Path) -> None:
    one, other = keyring.make(), keyring.make()
    sealed = keyring.seal(one, "d", TEXT)
    (directory / f"{one}.key").replace(directory / f"{other}.key")
    with pytest.raises(Lost, match="its key is gone"):
        keyring.open(one, "d", sealed)
    with pytest.raises(Lost, match="its key is damaged"):
        keyring.open(other, "d", sealed)


@pytest.mark.parametrize(
    "spoil",
    [lambda key: b"", lambda key: b"\x02" + key[1:], lambda key: key[:1] + b"x" * 8 + key[9:]],
)
def test_a_spoiled_key_file_is_lost(keyring: Keyring, directory: Path, spoil) -> None:
    key_id = keyring.make()
    sealed = keyring.seal(key_id, "d", TEXT)
    file = directory / f"{key_id}.key"
    file.write_bytes(spoil(file.read_bytes()))
    with pytest.raises(Lost):
        keyring.open(key_id, "d", sealed)


def test_a_destroyed_key_is_gone(keyring: Keyring, directory: Path) -> None:
    key_id = keyring.make()
    sealed = keyring.seal(key_id, "g1/vote", TEXT)
    keyring.destroy(key_id)
    keyring.destroy(key_id)
    assert not (directory / f"{key_id}.key").exists()
    with pytest.raises(Lost, match="g1/vote") as lost:
        keyring.open(key_id, "g1/vote", sealed)
    assert "vågar" not in str(lost.value)
    with pytest.raises(Lost):
        keyring.seal(key_id, "g1/vote", TEXT)


@pytest.mark.parametrize("name", ["../master", "", "A" * 32, "a" * 32 + "\n"])
def test_only_proper_names_are_looked_for(keyring: Keyring, directory: Path, name: str) -> None:
    (directory.parent / "master.key").touch()
    with pytest.raises(Lost):
        keyring.open(name, "d", b"\x01" + bytes(40))
    keyring.destroy(name)
    assert (directory.parent / "master.key").exists()


def test_orphans_are_swept(keyring: Keyring, directory: Path) -> None:
    known, orphan = keyring.make(), keyring.make()
    (directory / "half.part").touch()
    keyring.sweep({known})
    assert {file.name for file in directory.iterdir()} == {f"{known}.key", "master", "CACHEDIR.TAG"}
    assert orphan != known


def test_a_lost_master_key_stops_the_start(keyring: Keyring, directory: Path) -> None:
    keyring.make()
    master = (directory / "master").read_bytes()
    (directory / "master").unlink()
    with pytest.raises(NoMasterKey, match="is missing"):
        Keyring(directory)
    for damaged in (b"", b"1:x", b"1:AAAA:AAAA\n", b"\xff", master.replace(b"1:", b"2:", 1)):
        (directory / "master").write_bytes(damaged)
        with pytest.raises(NoMasterKey, match="is damaged"):
            Keyring(directory)


def test_somebody_elses_master_key_stops_the_start(
    keyring: Keyring, directory: Path, tmp_path: Path
) -> None:
    keyring.make()
    Keyring(tmp_path / "other")
    (tmp_path / "other" / "master").replace(directory / "master")
    with pytest.raises(NoMasterKey, match="another master"):
        Keyring(directory)


# --- secrets of platforms -----------------------------------------------------------------------


def test_a_secret_opens_also_after_a_restart_and_is_never_the_same_twice(
    keyring: Keyring, directory: Path
) -> None:
    sealed = keyring.seal_secret("slack/T1", "xoxb-canary")
    assert b"canary" not in sealed
    assert Keyring(directory).open_secret("slack/T1", sealed) == "xoxb-canary"
    assert keyring.seal_secret("slack/T1", "xoxb-canary") != sealed


def test_a_secret_opens_nowhere_else_and_with_no_bit_changed(
    keyring: Keyring, tmp_path: Path
) -> None:
    sealed = keyring.seal_secret("slack/T1", "xoxb-canary")
    with pytest.raises(Lost, match="slack/T2") as lost:
        keyring.open_secret("slack/T2", sealed)
    assert "canary" not in str(lost.value)
    with pytest.raises(Lost):
        Keyring(tmp_path / "others").open_secret("slack/T1", sealed)
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(Lost):
            keyring.open_secret("slack/T1", bytes(changed))
    for short in (b"", sealed[:1], sealed[:12], sealed[:-1]):
        with pytest.raises(Lost):
            keyring.open_secret("slack/T1", short)


def test_no_key_of_a_drawer_opens_a_secret(keyring: Keyring) -> None:
    sealed = keyring.seal_secret("slack/T1", "xoxb-canary")
    with pytest.raises(Lost):
        keyring.open(keyring.make(), "slack/T1", sealed)


# --- master keys --------------------------------------------------------------------------------

NEW, OLD = new_master().line, new_master().line


def quiet(done: int, of: int) -> None:
    assert done <= of


def test_a_given_master_key_leaves_none_beside_the_keys(directory: Path) -> None:
    keyring = Keyring(directory, [NEW])
    key_id = keyring.make()
    sealed = keyring.seal(key_id, "d", TEXT)
    assert not (directory / "master").exists()
    assert Keyring(directory, [OLD, NEW]).open(key_id, "d", sealed) == TEXT
    for given in ([OLD], [NEW[:-8] + "AAAAAAA="]):
        with pytest.raises(NoMasterKey, match=r"another master key.*accept-loss") as refused:
            Keyring(directory, given)
        assert NEW not in str(refused.value)
    with pytest.raises(NoMasterKey, match="is missing"):
        Keyring(directory)


def test_the_first_wraps_what_is_new_and_all_of_them_open(directory: Path) -> None:
    own = Keyring(directory)
    before = own.make()
    sealed = own.seal(before, "d", TEXT)
    both = Keyring(directory, [NEW])
    after = both.make()
    assert both.open(before, "d", sealed) == TEXT
    (directory / "master").unlink()
    with pytest.raises(NoMasterKey):
        Keyring(directory, [NEW])
    (directory / f"{before}.key").unlink()
    assert Keyring(directory, [NEW]).holds(after)


def test_a_damaged_key_does_not_stop_the_start(directory: Path) -> None:
    keyring = Keyring(directory, [NEW])
    keyring.make()
    for spoil in (lambda whole: whole[:30], lambda whole: whole[:-1] + b"x"):
        file = directory / f"{keyring.make()}.key"
        file.write_bytes(spoil(file.read_bytes()))
    Keyring(directory, [NEW])


def test_a_rotation_brings_every_key_under_the_first(directory: Path) -> None:
    old = Keyring(directory, [OLD])
    keys = [old.make() for _ in range(70)]
    sealed = {key_id: old.seal(key_id, "d", TEXT) for key_id in keys}
    (directory / f"{keys[0]}.key").write_bytes(b"cut")
    done = rotate_keys(Keyring(directory, [NEW, OLD]), quiet)
    assert (done.keys, done.turned, done.damaged) == (70, 69, 1)
    new = Keyring(directory, [NEW])
    assert all(new.open(key_id, "d", sealed[key_id]) == TEXT for key_id in keys[1:])
    again = rotate_keys(Keyring(directory, [NEW, OLD]), quiet)
    assert (again.keys, again.turned, again.damaged) == (69, 0, 0)


def test_a_rotation_that_was_cut_short_goes_on_where_it_was(directory: Path) -> None:
    old = Keyring(directory, [OLD])
    sealed = {}
    for _ in range(130):
        key_id = old.make()
        sealed[key_id] = old.seal(key_id, "d", TEXT)
    both = Keyring(directory, [NEW, OLD])

    def cut(done: int, of: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotate_keys(both, cut)
    for keyring in (both, Keyring(directory, [OLD, NEW])):
        assert all(keyring.open(key_id, "d", sealed[key_id]) == TEXT for key_id in sealed)
    assert rotate_keys(both, quiet).turned == 130 - 64
    assert all(Keyring(directory, [NEW]).holds(key_id) for key_id in sealed)


def test_a_rotation_brings_no_key_back_that_was_destroyed(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = Keyring(directory, [OLD])
    gone = both.make()
    both = Keyring(directory, [NEW, OLD])
    # Cut short between writing the new file and putting it in the place of the old one.
    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            rotate_keys(both, quiet)
    assert len(list(directory.glob(f"{gone}.*"))) == 2
    both.destroy(gone)
    assert list(directory.glob(f"{gone}.*")) == []
    assert rotate_keys(both, quiet).keys == 0


def test_giving_up_keeps_what_opens(directory: Path) -> None:
    lost = Keyring(directory, [OLD]).make()
    kept = Keyring(directory, [NEW, OLD]).make()
    assert accept_loss(directory, [NEW]) == 1
    keyring = Keyring(directory, [NEW])
    assert keyring.holds(kept)
    assert not keyring.holds(lost)


@pytest.mark.parametrize("master", [None, b"damaged"])
def test_giving_up_a_master_key_of_our_own_makes_another(
    directory: Path, master: bytes | None
) -> None:
    Keyring(directory).make()
    (directory / "master").unlink()
    if master is not None:
        (directory / "master").write_bytes(master)
    assert accept_loss(directory, ()) == 1
    assert Keyring(directory).make()
