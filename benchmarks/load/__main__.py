"""`python -m benchmarks.load PORT POLICY`: one order a line of JSON on stdin, one answer a line on stdout.

It ends when stdin ends, so it never outlives the benchmark.
"""

import gc
import json
import os
import sys
from typing import Any

from benchmarks.load.gets import Gets
from benchmarks.load.swarm import BrokenError, Swarm

POLICIES = {"normal": os.SCHED_OTHER, "idle": os.SCHED_IDLE}


def main() -> None:
    """Serves the orders of `running.Load`."""
    port = int(sys.argv[1])
    os.sched_setscheduler(0, POLICIES[sys.argv[2]], os.sched_param(0))
    swarm, gets = Swarm(port), Gets(port)
    gc.disable()  # a collection among some thousand clients would be measured as the server's
    while True:
        try:
            swarm.attend(sys.stdin.fileno())
            line = sys.stdin.buffer.readline()
            if not line:
                return
            answer = {"ok": obey(swarm, gets, **json.loads(line))}
        except (BrokenError, ValueError, OSError) as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
            swarm.drop()
        print(json.dumps(answer), flush=True)


def obey(swarm: Swarm, gets: Gets, order: str, **with_: Any) -> Any:
    """The answer to one order."""
    match order:
        case "connect":
            began, ended = swarm.connect(**with_)
            return {"began": began, "ended": ended, "retries": swarm.retries}
        case "drop":
            return swarm.drop()
        case "listen":
            return swarm.listen(**with_)
        case "broadcasts":
            return swarm.broadcasts(**with_)
        case "acks":
            return swarm.acks(**with_)
        case "gets":
            return gets.run(**with_)
        case _:
            raise ValueError(f"no such order: {order}")


if __name__ == "__main__":
    main()
