"""Functions under their own environment."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from local.runtime import Runtime, running
from tests.local.conftest import Write


def test_a_function_sees_its_own_environment_when_it_is_imported(write_function: Write) -> None:
    """Settings are read at import, and the process's environment is as before afterwards."""
    code = """
        import os
        SEEN = os.environ["COLOUR"], os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        def handler(event, context):
            return [*SEEN, os.environ.get("COLOUR")]
    """
    runtime = Runtime(write_function(code, {"COLOUR": "red"}))
    assert runtime.invoke("echo", {}) == ["red", "keyfob-EchoFunction", None]
    assert "COLOUR" not in os.environ


def test_each_runtime_imports_its_functions_afresh(write_function: Write) -> None:
    """Two runtimes share no function's module, so each keeps its own settings and state."""
    code = """
        import os
        CALLS = []
        def handler(event, context):
            CALLS.append(os.environ.get("COLOUR"))
            return [COLOUR, len(CALLS), __name__]
        COLOUR = os.environ["COLOUR"]
    """
    red = Runtime(write_function(code, {"COLOUR": "red"}))
    blue = Runtime(write_function(code, {"COLOUR": "blue"}))
    red.invoke("echo", {})
    assert red.invoke("echo", {}) == ["red", 2, "functions.echo.app"]
    assert blue.invoke("echo", {}) == ["blue", 1, "functions.echo.app"]
    assert "functions.echo.app" not in sys.modules


def test_it_is_known_which_function_runs(write_function: Write) -> None:
    """A function runs while it is imported and while it is invoked, even if it fails, and none does otherwise."""
    code = """
        from local.runtime import running
        SEEN = running.get().name
        def handler(event, context):
            return [SEEN, running.get().name][event["n"]]
    """
    runtime = Runtime(write_function(code))
    assert [runtime.invoke("echo", {"n": n}) for n in (0, 1)] == ["echo", "echo"]
    assert Runtime(write_function(code)).start().invoke("echo", {"n": 0}) == "echo"
    with pytest.raises(IndexError):
        runtime.invoke("echo", {"n": 2})
    assert running.get(None) is None


def test_events_and_answers_pass_through_json(write_function: Write) -> None:
    """A function gets what JSON can carry, and an answer that JSON cannot carry is an error as on Lambda."""
    runtime = Runtime(write_function("def handler(event, context): return event['n'], event.setdefault('m', 1)"))
    event = {"n": (1, 2)}
    assert runtime.invoke("echo", event) == [[1, 2], 1]
    assert event == {"n": (1, 2)}
    binary = Runtime(write_function("def handler(event, context): return b''"))
    with pytest.raises(TypeError):
        binary.invoke("echo", {})


def test_a_handler_is_told_of_its_invocation(write_function: Write) -> None:
    """The context has the attributes of Lambda's, and a request id of its own for each invocation."""
    code = """
        def handler(event, context):
            return {
                "name": context.function_name,
                "arn": context.invoked_function_arn,
                "memory": context.memory_limit_in_mb,
                "left": context.get_remaining_time_in_millis(),
                "id": context.aws_request_id,
            }
    """
    runtime = Runtime(write_function(code))
    first, second = runtime.invoke("echo", {}), runtime.invoke("echo", {})
    assert first["name"] == "keyfob-EchoFunction"
    assert first["arn"].endswith(":function:keyfob-EchoFunction")
    assert first["memory"] == "512"
    assert 0 < first["left"] <= 10_000
    assert first["id"] != second["id"]


def test_what_a_function_raises_is_raised(write_function: Write) -> None:
    """A test sees the failure itself."""
    runtime = Runtime(write_function("def handler(event, context): raise ZeroDivisionError"))
    with pytest.raises(ZeroDivisionError):
        runtime.invoke("echo", {})


def test_an_unknown_function_is_an_error(write_function: Write) -> None:
    """Only what is deployed can be invoked."""
    runtime = Runtime(write_function("def handler(event, context): return 1"))
    with pytest.raises(KeyError):
        runtime.invoke("ehco", {})


def test_a_function_may_run_several_times_at_once(write_function: Write) -> None:
    """Two invocations that wait for each other both finish."""
    code = """
        import threading
        BARRIER = threading.Barrier(2, timeout=30)
        def handler(event, context):
            BARRIER.wait()
            return event["n"]
    """
    runtime = Runtime(write_function(code))
    with ThreadPoolExecutor(2) as threads:
        answers = threads.map(lambda n: runtime.invoke("echo", {"n": n}), range(2))
        assert list(answers) == [0, 1]
