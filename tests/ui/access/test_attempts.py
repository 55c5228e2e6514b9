"""How often a password may be tried."""

from ui.access.attempts import BY_ADDRESS, BY_NAME, KEPT, WINDOW, Attempts


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_an_address_waits_after_too_many_failures_and_may_try_again_later() -> None:
    clock = Clock()
    attempts = Attempts(clock)
    for number in range(BY_ADDRESS):
        assert attempts.wait("10.0.0.1", f"name{number}") == 0
        attempts.failed("10.0.0.1", f"name{number}")
    assert attempts.wait("10.0.0.1", "another") == WINDOW
    assert attempts.wait("10.0.0.2", "another") == 0
    clock.now += WINDOW + 1
    assert attempts.wait("10.0.0.1", "another") == 0


def test_a_name_is_guarded_against_many_addresses() -> None:
    attempts = Attempts(Clock())
    for number in range(BY_NAME):
        attempts.failed(f"10.0.{number}.1", "ada")
    assert attempts.wait("10.9.9.9", "ada") > 0
    assert attempts.wait("10.9.9.9", "grace") == 0


def test_addresses_of_one_network_count_together() -> None:
    attempts = Attempts(Clock())
    for number in range(BY_ADDRESS):
        attempts.failed(f"2001:db8:0:1::{number + 1:x}", f"name{number}")
    assert attempts.wait("2001:db8:0:1:ffff::1", "x") > 0
    assert attempts.wait("2001:db8:0:2::1", "x") == 0


def test_success_forgets_the_address_but_not_the_name() -> None:
    attempts = Attempts(Clock())
    for _ in range(BY_NAME):
        attempts.failed("10.0.0.1", "ada")
    attempts.succeeded("10.0.0.1")
    assert attempts.wait("10.0.0.1", "grace") == 0
    assert attempts.wait("10.0.0.1", "ada") > 0


def test_memory_is_bounded() -> None:
    attempts = Attempts(Clock())
    for number in range(KEPT):
        attempts.failed(f"address {number}", f"name {number}")
    assert len(attempts._failures) <= KEPT
