"""TextWorld-Express in a Java process of its own, called over the loopback. It knows neither files nor observations.

Java ends when this object is closed. It also ends by itself when this process ends, because its standard input closes.
Ctrl-C does not reach Java, and does not interrupt a call.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ariadne.errors import GameError, MissingExtra

ExpressState = dict[str, Any]
"""The state after a move: observation, inventory, validActions, score (1.0 at most), tasksuccess, taskfailure."""
_END_TIMEOUT = 10  # seconds


class ExpressProcess:
    """A Java process that plays one game of TextWorld-Express at a time.

    Raises:
        GameError: Java is missing, does not start or stops answering.
        MissingExtra: The extra [express] is missing.
    """

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
        except ValueError as error:  # Java printed no port
            raise GameError("Java did not start TextWorld-Express: run 'java -version' to see why") from error
        self._gateway = JavaGateway(gateway_parameters=GatewayParameters(port=port))
        self._server = self._gateway.jvm.textworldexpress.runtime.PythonInterface()
        self._caller = ThreadPoolExecutor(1, "textworld-express")

    def close(self) -> None:
        """End Java and wait for its end; do nothing if it is closed already."""
        if not self.java.stdin.closed:
            self._caller.shutdown()
            self._gateway.shutdown()
            self.java.stdin.close()
            self.java.wait(_END_TIMEOUT)

    def load(self, game: str, parameters: str) -> None:
        """Choose the game.

        Args:
            game: TextWorld-Express's name of the game.
            parameters: Its parameters, such as "numLocations=1,includeDoors=0".

        Raises:
            GameError: The name or a parameter is unknown.
        """
        if problem := self._call(lambda: self._server.load(game, parameters)):
            raise GameError(f"TextWorld-Express cannot make the game: {str(problem).strip()}")

    def begin(self, seed: int, fold: str) -> tuple[str, ExpressState]:
        """Start the game; return its task in words and the first state."""
        state = json.loads(self._call(lambda: self._server.generateNewGameJSON(seed, fold, False)))
        return str(self._call(lambda: self._server.getTaskDescription())), state

    def step(self, command: str) -> ExpressState:
        """Play one command and return the state after it."""
        state: ExpressState = json.loads(self._call(lambda: self._server.stepJSON(command)))
        return state

    def _call(self, function: Callable[[], Any]) -> Any:
        """Call Java in another thread: py4j loses a KeyboardInterrupt in its own."""
        from py4j.protocol import Py4JError

        if self.java.poll() is not None:
            raise GameError(f"TextWorld-Express's Java process ended with status {self.java.returncode}")
        try:
            return self._caller.submit(function).result()
        except Py4JError as error:
            raise GameError(f"TextWorld-Express does not answer: {error}") from error
