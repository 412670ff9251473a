"""The list of what tables hold of a person knows every table and every column with somebody's number."""

import re

from sqlalchemy import Column

from blog.lib.database import Base
from blog.my_data.holdings import HOLDINGS, OTHERS, Fate

OF_A_PERSON = re.compile(r"(^|_)(user|owner|actor|reviewer|writer|author|member|moderator|person|follower)_id$|_by_id$")
ASK = "say in blog/my_data/holdings.py what an export takes out of it and what erasing leaves"


def columns() -> list[Column]:  # type: ignore[type-arg]
    return [column for table in Base.metadata.tables.values() for column in table.columns]


def test_every_table_is_known_to_export_and_erasure() -> None:
    known = {holding.table for holding in HOLDINGS} | set(OTHERS)
    assert set(Base.metadata.tables) - known == set(), ASK
    assert known - set(Base.metadata.tables) == set(), "these tables are gone"


def test_every_column_with_the_number_of_a_person_is_known_to_export_and_erasure() -> None:
    known = {(holding.table, holding.column) for holding in HOLDINGS}
    to_users = {
        (column.table.name, column.name)
        for column in columns()
        if any(key.target_fullname == "users.id" for key in column.foreign_keys) or OF_A_PERSON.search(column.name)
    }
    assert to_users - known == set(), ASK


def test_no_column_is_told_twice() -> None:
    places = [(holding.table, holding.column) for holding in HOLDINGS]
    titles = [holding.title for holding in HOLDINGS if holding.title]
    assert len(places) == len(set(places))
    assert len(titles) == len(set(titles))


def test_what_is_blanked_and_left_out_are_columns_of_the_table() -> None:
    for holding in HOLDINGS:
        names = set(Base.metadata.tables[holding.table].columns.keys())
        assert {holding.column, *holding.blank, *holding.left_out} <= names, holding.table
        assert holding.fate == Fate.BLANK or not holding.blank, holding.table


def test_no_secret_is_exported() -> None:
    for holding in HOLDINGS:
        kept = set(Base.metadata.tables[holding.table].columns.keys()) - set(holding.left_out)
        secrets = {name for name in kept if re.search(r"token_hash|password|secret|code_hash|key_hash", name)}
        assert not holding.title or secrets == set(), holding.table
