"""How often a password may be tried: a sliding window for each address and each account name."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address

WINDOW = 300.0
BY_ADDRESS = 10
BY_NAME = 20
KEPT = 10_000


class Attempts:
    """Failed logins of the last five minutes, in memory. Used from the event loop only.

    Args:
        clock: gives seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()

    def wait(self, address: str, name: str) -> float:
        """Seconds until another attempt is allowed; 0.0 for now."""
        return max(self._wait(f"address {_network(address)}", BY_ADDRESS), self._wait(f"name {name}", BY_NAME))

    def failed(self, address: str, name: str) -> None:
        """Remember a failure."""
        for key in (f"address {_network(address)}", f"name {name}"):
            self._failures.setdefault(key, deque(maxlen=BY_NAME)).append(self._clock())
            self._failures.move_to_end(key)
        while len(self._failures) > KEPT:
            self._failures.popitem(last=False)

    def succeeded(self, address: str) -> None:
        """Forget an address's failures; a name's stay, or one's own account would reset the guessing of another."""
        self._failures.pop(f"address {_network(address)}", None)

    def _wait(self, key: str, allowed: int) -> float:
        failures = self._failures.get(key, deque())
        now = self._clock()
        while failures and failures[0] <= now - WINDOW:
            failures.popleft()
        return failures[-allowed] + WINDOW - now if len(failures) >= allowed else 0.0


def _network(address: str) -> str:
    # One machine owns a whole /64 of IPv6 addresses.
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        return parsed.exploded[:19]
    return address
