"""What the peers share: the protocol, and how a round is timed.

Each line of standard input is `workload seconds`. The answer is one line of JSON:
{"us": mean time of a call, "peak_bytes": n or null}, {"unknown": workload} or {"error": text}.
A workload that is not the last one is prepared and warmed up first; 0 seconds do only that.
Between lines the process waits for its standard input and uses no processor.
"""

import gc
import json
import sys
import time

WARMUP_SECONDS = 0.3


class Prepared:
    """A workload that is ready to run.

    run: computes the workload once and waits for the result.
    peak_bytes: the most memory that a call holds beyond its inputs, None if it cannot be known.
    """

    def __init__(self, run, peak_bytes=None):
        self.run = run
        self.peak_bytes = peak_bytes


def time_round(run, seconds):
    """Returns the mean seconds of a call over calls that take about so many seconds."""
    calls = 0
    batch = 1
    start = time.perf_counter()
    while True:
        for _ in range(batch):
            run()
        calls += batch
        elapsed = time.perf_counter() - start
        if elapsed >= seconds:
            return elapsed / calls
        # The clock is read rarely beside the calls, and the round does not last much too long.
        batch = max(1, int(min(calls, 0.5 * (seconds - elapsed) * calls / elapsed)))


def answer(state, workloads, name, seconds):
    if state.get("name") != name:
        state.clear()
        gc.collect()
        if name not in workloads:
            return {"unknown": name}
        prepared = workloads[name]()
        time_round(prepared.run, WARMUP_SECONDS)
        state["name"] = name
        state["prepared"] = prepared
    prepared = state["prepared"]
    if seconds == 0:
        return {"us": None, "peak_bytes": prepared.peak_bytes}
    return {
        "us": time_round(prepared.run, seconds) * 1e6,
        "peak_bytes": prepared.peak_bytes,
    }


def serve(peer, version, workloads):
    """Answers lines until standard input ends. workloads: functions to Prepared by name."""
    print(json.dumps({"peer": peer, "version": version}), flush=True)
    state = {}
    for line in sys.stdin:
        name, seconds = line.split()
        try:
            reply = answer(state, workloads, name, float(seconds))
        except Exception as error:  # the driver reports it and goes on with the next workload
            state.clear()
            reply = {"error": f"{type(error).__name__}: {error}".splitlines()[0]}
        print(json.dumps(reply), flush=True)
