"""A user's table of owners: read strictly, applied as a rollup with a version."""

from pathlib import Path

import pytest

from catalog.errors import BadInput, NotFound
from valuation.owners import KIND, load_owners


def table(folder: Path, text: str) -> Path:
    path = folder / "press.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_name_is_booked_to_its_owner_and_a_site_with_all_below_it(tmp_path: Path) -> None:
    owners = load_owners(
        table(tmp_path, "name,owner\nnytimes.com,The Times\nJ. Doe,Jane Doe\ncooking.org,Chef\n")
    )

    booked = owners.named(
        [("www.nytimes.com", ""), ("J. DOE", "author"), ("www.other.co.uk", ""), ("Ann", "user")]
    )

    assert booked == {
        ("www.nytimes.com", ""): ("The Times", KIND),
        ("J. DOE", "author"): ("Jane Doe", KIND),
        ("www.other.co.uk", ""): ("other.co.uk", ""),
        ("Ann", "user"): ("Ann", "user"),
    }


def test_the_nearest_site_above_a_host_decides(tmp_path: Path) -> None:
    owners = load_owners(table(tmp_path, "name,owner\nx.org,Whole\nblog.x.org,Part\n"))

    assert owners.of("a.blog.x.org") == "Part"
    assert owners.of("shop.x.org") == "Whole"
    assert owners.of("notx.org") is None


def test_subsidiaries_are_followed_to_the_end(tmp_path: Path) -> None:
    owners = load_owners(table(tmp_path, "name,owner\na.com,A Ltd\nA Ltd,Holding\n"))

    assert owners.of("a.com") == "Holding"


def test_the_version_is_that_of_what_the_table_says(tmp_path: Path) -> None:
    one = load_owners(table(tmp_path, "name,owner\na.com,A\nb.com,B\n"))
    other = load_owners(table(tmp_path, "owner,note,name\nB,x,b.com\nA,,A.COM\n"))
    changed = load_owners(table(tmp_path, "name,owner\na.com,A\nb.com,C\n"))

    assert str(one) == str(other)
    assert str(one) != str(changed)
    assert str(one).startswith("press@")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        pytest.param("site,owner\na,b\n", "no column name", id="missing column"),
        pytest.param("name,owner\na.com,\n", "line 2: name 'a.com', owner ''", id="no owner"),
        pytest.param("name,owner\na,B\nA,C\n", "two owners, 'B' and 'C'", id="two owners"),
        pytest.param("name,owner\na,b\nb,a\n", "circle", id="circle"),
        pytest.param("name,owner\n", "names nobody", id="empty"),
    ],
)
def test_a_table_that_contradicts_itself_is_refused(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(BadInput, match=fault):
        load_owners(table(tmp_path, text))


def test_a_table_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no table of owners"):
        load_owners(tmp_path / "gone.csv")
