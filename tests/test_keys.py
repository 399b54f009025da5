"""Keys as a running function holds them."""

import pytest
from keyfob.errors import Unavailable
from keyfob.service.keys import MAX_AGE_SECONDS, MIN_RELOAD_SECONDS, Keys
from keyfob.service.rotation import PUBLISHED_BEFORE_SIGNING_SECONDS

from tests.fakes import FakeClock, Shelf


class Held:
    """Keys over a shelf, whose text is the key itself."""

    def __init__(self, text: str = "first") -> None:
        """Hold nothing yet."""
        self.clock, self.shelf = FakeClock(), Shelf(text)
        self.keys = Keys(self.shelf.read, str, self.clock)


def test_nothing_is_read_before_it_is_needed() -> None:
    """A function that is only started, or only answers what needs no keys, calls no secret."""
    assert Held().shelf.reads == 0


def test_keys_are_read_once_while_they_are_fresh() -> None:
    """Keys are used for `MAX_AGE_SECONDS` and then read again."""
    held = Held()
    assert [held.keys.get() for _ in range(3)] == ["first"] * 3
    held.shelf.text = "second"
    held.clock.time += MAX_AGE_SECONDS - 1
    assert (held.keys.get(), held.shelf.reads) == ("first", 1)
    held.clock.time += 1
    assert (held.keys.get(), held.shelf.reads) == ("second", 2)


def test_a_new_key_is_known_everywhere_before_it_signs() -> None:
    """The age of what a function holds is far below the time that a key is public before it signs."""
    assert 10 * MAX_AGE_SECONDS < PUBLISHED_BEFORE_SIGNING_SECONDS


def test_reloads_are_bounded_however_many_are_asked_for() -> None:
    """A flood of tokens with unknown keys reads the secret once in `MIN_RELOAD_SECONDS`."""
    held = Held()
    held.keys.get()
    for second in range(1, 3 * MIN_RELOAD_SECONDS + 1):
        held.clock.time += 1
        for _ in range(5):
            held.keys.reload()
        assert held.shelf.reads == 1 + second // MIN_RELOAD_SECONDS


def test_a_reload_gives_what_is_there_now() -> None:
    """A key that appeared since is found at the next reload that is allowed."""
    held = Held()
    held.keys.get()
    held.shelf.text = "second"
    assert held.keys.reload() == "first"
    held.clock.time += MIN_RELOAD_SECONDS
    assert held.keys.reload() == "second"


def test_old_keys_serve_while_new_ones_cannot_be_read() -> None:
    """An outage of the secrets is not an outage of everything, nor a storm of calls to them."""
    held = Held()
    held.keys.get()
    held.shelf.away = True
    for age in (1, 2, 3):
        held.clock.time += MAX_AGE_SECONDS
        assert (held.keys.get(), held.keys.get()) == ("first", "first")
        assert held.shelf.reads == 1 + age
    held.shelf.away, held.shelf.text = False, "second"
    held.clock.time += MAX_AGE_SECONDS
    assert held.keys.get() == "second"


def test_old_keys_serve_while_a_document_has_none() -> None:
    """A set that was emptied by mistake is not taken for a set that verifies nothing."""
    held = Held()
    held.keys.get()
    held.shelf.text = ""
    held.clock.time += MAX_AGE_SECONDS
    assert held.keys.get() == "first"


@pytest.mark.parametrize("shelf", [Shelf("first", away=True), Shelf("")], ids=["away", "empty"])
def test_without_any_keys_there_is_no_service(shelf: Shelf) -> None:
    """What never had keys is unavailable, and has them as soon as there are any."""
    keys = Keys(shelf.read, str, FakeClock())
    for _ in range(2):
        with pytest.raises(Unavailable):
            keys.get()
    shelf.away, shelf.text = False, "first"
    assert keys.get() == "first"


def test_a_document_that_is_none_is_a_fault() -> None:
    """A document that cannot be parsed is raised, so that it is seen."""
    with pytest.raises(ValueError, match="invalid literal"):
        Keys(Shelf("broken").read, int, FakeClock()).get()
