"""Runs one Glue script; executed by the Glue interpreter, which has no package of ours.

The task is a JSON file: ``script``, ``arguments`` (argv after the script), ``directory``, ``environment``,
``python_path``, ``borrow`` (whether to use the resident JVM), ``conf`` and ``jars`` (what that JVM is given) and
``result`` (a file for the error, written only if there is one).
"""

import contextlib
import json
import os
import signal
import sys
import threading
import time
import traceback
import types
from pathlib import Path
from typing import Any

BASELINE = "local_aws.baseline"
FILE_SYSTEMS = "local_aws.file_systems"
ERROR_CHARACTERS_MAX = 10_000


def run(task_path: str) -> int:
    """Run a task; returns the exit code."""
    task = json.loads(Path(task_path).read_text())
    _enter(task)
    error, jvm = None, None
    try:
        jvm = _borrow(task["conf"], task["jars"]) if task["borrow"] else None
        _execute(task["script"])
    except SystemExit as exit_:
        error = _of_exit(exit_)
    except BaseException as raised:  # noqa: BLE001 - whatever the script raises is its result
        traceback.print_exception(type(raised), raised, _frames_of_script(raised))
        error = f"{type(raised).__name__}: {raised}"
    if jvm is not None:
        with contextlib.suppress(Exception):
            _stop_sessions(jvm)
    if error is not None:
        Path(task["result"]).write_text(json.dumps({"error": error[:ERROR_CHARACTERS_MAX]}))
    return 0 if error is None else 1


def _enter(task: dict[str, Any]) -> None:
    """Become the process that the script expects."""
    os.environ.clear()
    os.environ.update(task["environment"])
    time.tzset()
    os.chdir(task["directory"])
    sys.path[:0] = task["python_path"]
    sys.argv = [task["script"], *task["arguments"]]
    for number, name in ((1, "stdout"), (2, "stderr")):
        stream = os.fdopen(
            number, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False
        )
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    numpy = sys.modules.get("numpy")
    if numpy is not None:  # a fork would repeat its parent's random numbers
        numpy.random.seed()


def _execute(path: str) -> None:
    """Run a file as ``__main__``."""
    module = types.ModuleType("__main__")
    module.__file__ = path
    sys.modules["__main__"] = module
    sys.path.insert(0, str(Path(path).parent))
    code = compile(Path(path).read_bytes(), path, "exec")
    exec(code, module.__dict__)  # noqa: S102 - running the user's script is the purpose


def _frames_of_script(raised: BaseException) -> types.TracebackType | None:
    """The traceback without frames of this file."""
    frames = raised.__traceback__
    while frames is not None and frames.tb_frame.f_code.co_filename == __file__:
        frames = frames.tb_next
    return frames


def _of_exit(exit_: SystemExit) -> str | None:
    """Error of a SystemExit, None if it says success."""
    if exit_.code in {None, 0}:
        return None
    if not isinstance(exit_.code, int):
        sys.stderr.write(f"{exit_.code}\n")
    return f"SystemExit: {exit_.code}"


def _borrow(conf: dict[str, str], jars: list[str]) -> Any:
    """Give the resident JVM the settings of this job, and nothing of the job before; returns the JVM."""
    from pyspark import SparkContext  # noqa: PLC0415 - a job with a JVM of its own may not want it

    SparkContext._ensure_initialized()
    jvm = SparkContext._jvm
    _stop_sessions(jvm)
    _forget_tables(jvm)
    _add_jars(jvm, jars)
    system = jvm.java.lang.System
    properties = system.getProperties()
    if properties.get(BASELINE) is None:
        properties.put(BASELINE, properties.clone())
    baseline = properties.get(BASELINE)
    fresh = baseline.clone()
    fresh.load(jvm.java.io.StringReader(_as_properties(conf)))
    fresh.put(BASELINE, baseline)
    file_systems = _as_properties(
        {key: value for key, value in conf.items() if key.startswith("spark.hadoop.")}
    )
    # Hadoop caches its clients by host alone: other credentials or options need new ones.
    if properties.getProperty(FILE_SYSTEMS) not in {None, file_systems}:
        jvm.org.apache.hadoop.fs.FileSystem.closeAll()
    fresh.setProperty(FILE_SYSTEMS, file_systems)
    system.setProperties(fresh)
    return jvm


def _add_jars(jvm: Any, jars: list[str]) -> None:
    """Put jars on the class path of the JVM, as ``--jars`` does when a JVM starts."""
    loader = jvm.java.lang.Thread.currentThread().getContextClassLoader()
    held = {url.toString() for url in loader.getURLs()}
    for jar in jars:
        url = jvm.java.io.File(jar).toURI().toURL()
        if url.toString() not in held:
            loader.addURL(url)


def _as_properties(conf: dict[str, str]) -> str:
    """Settings in the text form of java.util.Properties: one call to the JVM instead of dozens."""
    return "".join(f"{_escaped(key)}={_escaped(value)}\n" for key, value in sorted(conf.items()))


def _escaped(text: str) -> str:
    units = text.encode("utf-16-be")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))


def _stop_sessions(jvm: Any) -> None:
    """Stop what a script left behind."""
    # Scala gives the class no static forwarder for this method.
    active = getattr(getattr(jvm.org.apache.spark, "SparkContext$"), "MODULE$").getActive()
    if active.isDefined():
        active.get().stop()
    sessions = jvm.org.apache.spark.sql.classic.SparkSession
    sessions.clearActiveSession()
    sessions.clearDefaultSession()


def _forget_tables(jvm: Any) -> None:
    """Drop cached states of tables: another writer may have removed and made one anew since."""
    with contextlib.suppress(Exception):
        jvm.org.apache.spark.sql.delta.DeltaLog.clearCache()


def _end_with(descriptor: int) -> None:
    """Kill this process and its JVM when the other end of a pipe closes: when the server is gone."""
    os.read(descriptor, 1)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    threading.Thread(target=_end_with, args=(int(sys.argv[2]),), daemon=True).start()
    sys.exit(run(sys.argv[1]))
