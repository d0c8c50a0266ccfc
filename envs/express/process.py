"""TextWorld-Express in a Java process of its own, spoken to over the loopback; it knows neither files nor observations.

Java ends when it is closed, and by itself where this process ends in any other way: it reads what nobody writes until
nobody can. Ctrl-C does not reach it, nor does it reach the middle of a call.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ariadne.errors import GameError, MissingExtra

Told = dict[str, Any]
"""What a move came to: observation, inventory, validActions, score (1.0 at most), tasksuccess, taskfailure."""
_ENDS = 10  # seconds that Java may take to end


class ExpressProcess:
    """One game of TextWorld-Express at a time. Raises MissingExtra without the extra [express], and GameError where
    there is no Java, where it does not start, and where it does not answer any more."""

    def __init__(self) -> None:
        try:
            from py4j.java_gateway import GatewayParameters, JavaGateway, launch_gateway
            from textworld_express.constants import BASEPATH, JAR_PATH
        except ImportError as error:
            raise MissingExtra("playing TextWorld-Express's games", "express") from error
        if shutil.which("java") is None:
            raise GameError(
                "TextWorld-Express's games need Java, and there is no 'java' on the PATH: install a JRE (for Debian "
                "and Ubuntu: apt-get install default-jre-headless)"
            )
        try:
            port, self.java = launch_gateway(
                classpath=JAR_PATH, cwd=BASEPATH, die_on_exit=True, create_new_process_group=True, return_proc=True
            )
        except ValueError as error:  # it has not said at which port it listens
            raise GameError("Java did not start TextWorld-Express: see what 'java -version' says") from error
        self._gateway = JavaGateway(gateway_parameters=GatewayParameters(port=port))
        self._server = self._gateway.jvm.textworldexpress.runtime.PythonInterface()
        self._caller = ThreadPoolExecutor(1, "textworld-express")

    def close(self) -> None:
        """End Java, and wait until it has ended; nothing where that was done before."""
        if not self.java.stdin.closed:
            self._caller.shutdown()
            self._gateway.shutdown()
            self.java.stdin.close()
            self.java.wait(_ENDS)

    def load(self, game: str, parameters: str) -> None:
        """Choose the game; raises GameError for a name or parameters ("numLocations=1,includeDoors=0") that it does not
        know."""
        if wrong := self._call(lambda: self._server.load(game, parameters)):
            raise GameError(f"TextWorld-Express cannot make it: {str(wrong).strip()}")

    def begin(self, seed: int, fold: str) -> tuple[str, Told]:
        """Its task in words, and how it begins."""
        told = json.loads(self._call(lambda: self._server.generateNewGameJSON(seed, fold, False)))
        return str(self._call(lambda: self._server.getTaskDescription())), told

    def step(self, command: str) -> Told:
        """What a command came to."""
        told: Told = json.loads(self._call(lambda: self._server.stepJSON(command)))
        return told

    def _call(self, ask: Callable[[], Any]) -> Any:
        """Its answer, waited for beside the thread that asks: py4j loses a KeyboardInterrupt that comes upon it."""
        from py4j.protocol import Py4JError

        if self.java.poll() is not None:
            raise GameError(f"TextWorld-Express's Java process has ended (with {self.java.returncode})")
        try:
            return self._caller.submit(ask).result()
        except Py4JError as error:
            raise GameError(f"TextWorld-Express does not answer any more: {error}") from error
