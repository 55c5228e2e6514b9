"""The parent's side: starts the child when it is needed, asks it, and replaces it when it hangs or dies."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from operators.configure.protocol import Answer, Batch, Finding, FindingKind, Question, Schemas
from operators.configure.speaker import Gone, NotReady, Speaker

# Questions sent at a time: the child answers some while the next ones are made.
CHUNK = 32


class ConfigureProcess:
    """A child process that runs `configure` of operators, so that their code never runs in this one.

    Started by the first question and kept for the next ones. Any thread may use it; they wait for one another.

    Args:
        seconds: how long one node may take. A child that needs longer is killed, and the other nodes are asked anew.
        total_seconds: how long one `ask` may take altogether; nodes that are not reached then are not known.
        warm: modules that many operators need, imported by the child while it waits, where they are installed.
    """

    def __init__(self, seconds: float = 15.0, total_seconds: float = 60.0, warm: Sequence[str] = ("polars",)) -> None:
        self._seconds = seconds
        self._total_seconds = total_seconds
        self._warm = tuple(warm)
        self._lock = threading.Lock()
        self._child: Speaker | None = None
        self._codes: dict[tuple[str, str, str], str] = {}

    def start(self) -> None:
        """Begin to start the child, if none is there, and do not wait for it."""
        with self._lock:
            self._started()

    def ask(self, questions: Iterable[Question], known: Mapping[str, Schemas] | None = None) -> list[Answer]:
        """What comes out of each node; one answer a question, in their order. Never raises for what operators do.

        Args:
            questions: nodes, each after those that feed it. May be made while earlier ones are being answered.
            known: outputs, by node and port, of nodes that feed these and are not asked about.
        """
        with self._lock:
            asking = _Asking(known or {}, time.monotonic() + self._total_seconds)
            for chunk in _chunks(iter(questions)):
                self._leave_old_code(chunk, asking)
                self._send(chunk, asking)
                self._receive(asking, wait=False)
            while asking.waiting:
                self._receive(asking, wait=True)
            return asking.answers

    def close(self) -> None:
        """End the child. It is started again if something is asked."""
        with self._lock:
            self._stop()

    def _send(self, questions: Sequence[Question], asking: _Asking) -> None:
        asking.waiting += questions
        self._started().send(asking.batch(questions))

    def _receive(self, asking: _Asking, wait: bool) -> None:
        """Take answers: all that wait to be given, or those that are there already."""
        child = self._started()
        while asking.waiting:
            left = asking.until - time.monotonic()
            if wait and left <= 0:
                asking.give_up("timed_out", f"All nodes together took longer than {self._total_seconds:g} seconds.")
                return self._stop()
            limit = min(self._seconds, left) if wait else 0.0
            try:
                asking.take(child.answer(limit))
            except TimeoutError:
                if wait:
                    self._replace(asking, Finding("timed_out", f"It did not finish within {limit:.0f} seconds."))
                return None
            except NotReady as error:
                asking.give_up("unavailable", f"The process that asks operators did not start ({error}).")
                return self._stop()
            except Gone as error:
                return self._replace(asking, Finding("crashed", f"It ended the process that asked it ({error})."))
        return None

    def _replace(self, asking: _Asking, finding: Finding) -> None:
        """Say of the node that is being asked about what happened, and ask about the rest in a new child."""
        self._stop()
        asking.take(Answer(asking.waiting[0].id, finding=finding))
        if asking.waiting:
            self._started().send(asking.batch(asking.waiting))

    def _started(self) -> Speaker:
        if self._child is None:
            self._child = Speaker(self._warm)
        return self._child

    def _stop(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()

    def _leave_old_code(self, questions: Sequence[Question], asking: _Asking) -> None:
        """End a child that has imported code which has changed since, as Python does not import it again.

        One that has died since it was last asked is left too.
        """
        operators = [question.operator for question in questions]
        current = {(operator.folder, operator.id, operator.version): operator.code for operator in operators}
        changed = any(self._codes.get(place, code) != code for place, code in current.items())
        self._codes |= current
        if changed or (not asking.waiting and self._child is not None and not self._child.alive()):
            self._stop()
            if asking.waiting:
                self._started().send(asking.batch(asking.waiting))


class _Asking:
    """One `ask` on its way."""

    def __init__(self, known: Mapping[str, Schemas], until: float) -> None:
        self.until = until
        self.waiting: deque[Question] = deque()
        self.answers: list[Answer] = []
        self._known = known
        self._answered: dict[str, Schemas] = {}

    def batch(self, questions: Iterable[Question]) -> Batch:
        """These questions, with what is known of the nodes that feed them."""
        asked = list(questions)
        feeding = {node for question in asked for feeds in question.inputs.values() for node, _ in feeds}
        known = {node: self._answered.get(node) or self._known.get(node) or {} for node in feeding}
        return Batch(asked, {node: schemas for node, schemas in known.items() if schemas})

    def take(self, answer: Answer) -> None:
        self.waiting.popleft()
        self.answers.append(answer)
        self._answered[answer.id] = answer.schemas

    def give_up(self, kind: FindingKind, reason: str) -> None:
        """Answer all that is left; the reason stands with the first one only."""
        finding: Finding | None = Finding(kind, reason)
        while self.waiting:
            self.take(Answer(self.waiting[0].id, finding=finding))
            finding = None


def _chunks(questions: Iterator[Question]) -> Iterator[list[Question]]:
    while chunk := list(islice(questions, CHUNK)):
        yield chunk
