"""Which names and addresses are accepted, and which count as the same."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from blog.accounts import names
from blog.lib import passwords, text


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Mia   Chen ", "Mia Chen"),
        ("Ｍｉａ", "Mia"),
        ("Zoe\u0308", "Zoë"),
        ("李小龍", "李小龍"),
        ("山田 たろう", "山田 たろう"),
        ("Ольга", "Ольга"),
        ("عمر", "عمر"),
        ("O’Neil-Smith, J. 3rd", "O'Neil-Smith, J. 3rd".replace("'", "’")),
        ("{{text}}", "{{text}}"),
    ],
)
def test_names_of_all_scripts_are_kept(typed: str, kept: str) -> None:
    assert names.clean_name(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "", "   ", "\u3164", "\u2800", "Mi\u200ba", "Mi\u00ada", "\u202eaiM", "\u2066Mia\u2069", "Mi\x00a", "Mi\na",
        "\ufeffMia", "Mi\U000e0041a", "Mіa", "Ada Лавлейс", "a" + "\u0301" * 20, "\ud800", "\ufdfa" * 10,
    ],
)  # fmt: skip
def test_names_that_mislead_are_refused(typed: str) -> None:
    with pytest.raises(names.BadName):
        names.clean_name(typed)


def test_the_refusal_of_what_cannot_be_seen_says_so() -> None:
    with pytest.raises(names.BadName, match="cannot be seen"):
        names.clean_name("Mi\u200ba")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Mia", "MIA"),
        ("Ian", "lan"),
        ("Paul", "PauI"),
        ("Bob", "B0b"),
        ("modern", "rnodern"),
        ("scope", "ѕсоре"),
        ("Ada", "Аda"),
    ],
)
def test_names_that_look_alike_have_one_key(one: str, other: str) -> None:
    assert names.key_of_name(one) == names.key_of_name(other)


@pytest.mark.parametrize(("one", "other"), [("NINA", "ΝΙΝΑ"), ("nova", "ΝΟVΑ"), ("MIA", "МІА")])
def test_capitals_of_another_script_are_looked_at_as_they_are_drawn(one: str, other: str) -> None:
    assert names.key_of_name(one) in names.look_alike_keys(other)


@pytest.mark.parametrize(("one", "other"), [("Mia", "Noor"), ("José", "Jose"), ("Ann", "Anna"), ("Ольга", "Олег")])
def test_other_names_have_other_keys(one: str, other: str) -> None:
    assert names.look_alike_keys(one).isdisjoint(names.look_alike_keys(other))


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=40))
@example("0\t0")
def test_a_name_that_was_accepted_stays_as_it_is(typed: str) -> None:
    try:
        name = names.clean_name(typed)
    except names.BadName:
        return
    assert names.clean_name(name) == name
    assert names.key_of_name(name) == names.key_of_name(typed)
    assert len(names.key_of_name(name)) <= names.MAX_KEY


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" mia@Mail.Example ", "mia@mail.example"),
        ("Mia@x.test", "Mia@x.test"),
        ("a@localhost", "a@localhost"),
        ("é@x.example", "é@x.example"),
    ],
)
def test_addresses_are_kept_as_mail_is_sent_to_them(typed: str, kept: str) -> None:
    assert names.clean_email(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "mia",
        "mia@",
        "@x.example",
        "a b@x.example",
        "a@x.example, b@x.example",
        "a@x.example\nBcc: b@x.example",
        "a" * 250 + "@x.example",
    ],
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(names.BadName):
        names.clean_email(typed)


TOWER = "a" + "\u0315\u0316" * 70_000


@pytest.fixture
def sizes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many characters each call put into a normal form, whose cost is the square of a run of marks."""
    found: list[int] = []

    def measured(form: str, given_text: str) -> str:
        found.append(len(given_text))
        return normalize(form, given_text)

    normalize = text.unicodedata.normalize
    monkeypatch.setattr(text.unicodedata, "normalize", measured)
    return found


@pytest.mark.parametrize("typed", [TOWER, TOWER[:300], "ﾞ\u0315" * 150, "Mia" + " " * 400_000 + "a"])
def test_a_name_that_costs_much_to_read_is_refused_unread(typed: str, sizes: list[int]) -> None:
    with pytest.raises(names.BadName):
        names.clean_name(typed)
    names.key_of_name(typed[: names.MAX_TYPED])
    names.look_alike_keys(typed[: names.MAX_TYPED])
    assert max(sizes, default=0) <= names.MAX_TYPED


def test_an_address_that_costs_much_to_read_is_refused_unread(sizes: list[int]) -> None:
    typed = f"{TOWER}@people.example"
    with pytest.raises(names.BadName):
        names.clean_email(typed)
    assert names.key_of_email(typed) == ""
    assert names.key_of_email("a" * 400 + "@people.example") == ""
    assert max(sizes, default=0) <= names.MAX_TYPED


def test_blanks_around_a_name_or_an_address_do_not_count() -> None:
    blanks = " " * 400
    assert names.clean_name(f"{blanks}Mia{blanks}") == "Mia"
    assert names.clean_email(f"{blanks}mia@people.example{blanks}") == "mia@people.example"
    assert names.key_of_email(f"{blanks}mia@people.example{blanks}") == "mia@people.example"


@pytest.mark.timeout(30)
def test_a_password_is_compared_with_a_long_name_in_one_pass() -> None:
    assert passwords.fault_of("a lake in the hills", names=("a" + "!" * 290_000 + "a", "a" + " " * 290_000)) is None
    assert passwords.fault_of("2024 Grey Ärmel Lane!", names=("grey ärmel lane",)) is not None
