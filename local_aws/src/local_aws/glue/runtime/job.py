"""Runs one Glue script; executed by the Glue interpreter, which has no package of ours.

The task is a JSON file: ``script``, ``arguments`` (argv after the script), ``directory``, ``environment``,
``python_path``, ``conf`` (Spark settings, for a borrowed JVM only) and ``result`` (a file for the error).
"""

import contextlib
import json
import os
import sys
import time
import traceback
import types

BASELINE = "local_aws.baseline"
FILE_SYSTEMS = "local_aws.file_systems"
ERROR_CHARACTERS_MAX = 10_000


def run(task_path):
    """Run a task; returns the exit code."""
    with open(task_path) as file:
        task = json.load(file)
    _enter(task)
    error = None
    try:
        jvm = _borrow(task["conf"]) if task["borrow"] else None
        _execute(task["script"])
    except SystemExit as exit_:
        error = _of_exit(exit_)
    except BaseException as raised:  # noqa: BLE001 - whatever the script raises is its result
        frames = raised.__traceback__.tb_next if raised.__traceback__ else None
        while frames is not None and frames.tb_frame.f_code.co_filename == __file__:
            frames = frames.tb_next
        traceback.print_exception(type(raised), raised, frames)
        error = f"{type(raised).__name__}: {raised}"
    if task["borrow"]:
        with contextlib.suppress(Exception):
            _stop_sessions(jvm)
    if error is not None:
        with open(task["result"], "w") as file:
            json.dump({"error": error[:ERROR_CHARACTERS_MAX]}, file)
    return 0 if error is None else 1


def _enter(task):
    """Become the process that the script expects."""
    os.environ.clear()
    os.environ.update(task["environment"])
    time.tzset()
    os.chdir(task["directory"])
    sys.path[:0] = task["python_path"]
    sys.argv = [task["script"], *task["arguments"]]
    for number, name in ((1, "stdout"), (2, "stderr")):
        stream = open(number, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    numpy = sys.modules.get("numpy")
    if numpy is not None:  # a fork would repeat its parent's random numbers
        numpy.random.seed()


def _execute(path):
    """Run a file as ``__main__``, without frames of ours in its tracebacks."""
    module = types.ModuleType("__main__")
    module.__file__ = path
    sys.modules["__main__"] = module
    sys.path.insert(0, os.path.dirname(path))
    with open(path, "rb") as file:
        code = compile(file.read(), path, "exec")
    exec(code, module.__dict__)  # noqa: S102 - running the user's script is the purpose


def _of_exit(exit_):
    """Error of a SystemExit, None if it says success."""
    if exit_.code in (None, 0):
        return None
    if not isinstance(exit_.code, int):
        print(exit_.code, file=sys.stderr)
    return f"SystemExit: {exit_.code}"


def _borrow(conf):
    """Give the resident JVM the settings of this job, and nothing of the job before; returns the JVM."""
    from pyspark import SparkContext

    SparkContext._ensure_initialized()
    jvm = SparkContext._jvm
    _stop_sessions(jvm)
    _forget(jvm)
    system = jvm.java.lang.System
    properties = system.getProperties()
    if properties.get(BASELINE) is None:
        properties.put(BASELINE, properties.clone())
    baseline = properties.get(BASELINE)
    fresh = baseline.clone()
    fresh.load(jvm.java.io.StringReader(_as_properties(conf)))
    fresh.put(BASELINE, baseline)
    file_systems = _as_properties({k: v for k, v in conf.items() if k.startswith("spark.hadoop.")})
    # Hadoop caches its clients by host alone: other credentials or options need new ones.
    if properties.getProperty(FILE_SYSTEMS) not in (None, file_systems):
        jvm.org.apache.hadoop.fs.FileSystem.closeAll()
    fresh.setProperty(FILE_SYSTEMS, file_systems)
    system.setProperties(fresh)
    return jvm


def _as_properties(conf):
    """Settings in the text form of java.util.Properties."""
    return "".join(f"{_escaped(key)}={_escaped(value)}\n" for key, value in sorted(conf.items()))


def _escaped(text):
    units = text.encode("utf-16-be")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))


def _stop_sessions(jvm):
    """Stop what a script left behind."""
    sessions = jvm.org.apache.spark.sql.classic.SparkSession
    active = getattr(getattr(jvm.org.apache.spark, "SparkContext$"), "MODULE$").getActive()
    if active.isDefined():
        active.get().stop()
    sessions.clearActiveSession()
    sessions.clearDefaultSession()


def _forget(jvm):
    """Drop caches of table states: another writer may have removed and remade a table since."""
    with contextlib.suppress(Exception):
        jvm.org.apache.spark.sql.delta.DeltaLog.clearCache()


if __name__ == "__main__":
    sys.exit(run(sys.argv[1]))
