"""docs/iam.md shows what functions may do now."""

from tests.privileges.page import PAGE, current


def test_the_page_is_current() -> None:
    """Whoever changes a role sees in the documentation what that comes to; `make iam` writes it."""
    page = PAGE.read_text(encoding="utf-8")
    assert page == current(page)


def test_a_page_that_is_not_current_is_found() -> None:
    """A function that is left out is put back, and what is before the table stays."""
    page = PAGE.read_text(encoding="utf-8")
    lines = page.splitlines(keepends=True)
    assert current("".join(line for line in lines if "`login`" not in line)) == page
