"""Flower's side of the exchange: its own averaging over nodes that send back what they got.

Runs in Flower's environment; knows nothing of SiteBlind.
"""

import json
import time
from pathlib import Path

import numpy as np
from flwr.app import Array, ArrayRecord, ConfigRecord, Context, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp
from flwr.serverapp import Grid, ServerApp
from flwr.serverapp.strategy import FedAvg


def serve(grid: Grid, context: Context) -> None:
    """Take the rounds as ``FedAvg.start`` does, without evaluation, and time each."""
    settings = context.run_config
    with np.load(str(settings["arrays-path"])) as file:
        initial = {name: file[name] for name in file.files}
    node_count = int(settings["node-count"])
    strategy = FedAvg(
        fraction_evaluate=0.0, min_train_nodes=node_count, min_available_nodes=node_count
    )
    arrays = ArrayRecord({name: Array(value) for name, value in initial.items()})
    seconds = []
    for number in range(1, int(settings["round-count"]) + 1):
        begun = time.perf_counter()
        messages = strategy.configure_train(number, arrays, ConfigRecord(), grid)
        replies = list(grid.send_and_receive(messages))
        averaged, _ = strategy.aggregate_train(number, replies)
        if averaged is None or len(replies) != node_count:
            raise RuntimeError(f"Round {number}: {len(replies)} replies of {node_count} nodes")
        arrays = averaged
        seconds.append(time.perf_counter() - begun)
    for name, value in initial.items():
        np.testing.assert_allclose(arrays[name].numpy(), value, rtol=1e-6)
    figures_path = Path(str(settings["figures-path"]))
    unfinished = figures_path.with_suffix(".part")
    unfinished.write_text(json.dumps({"seconds": seconds}))
    unfinished.rename(figures_path)


def send_back(message: Message, _context: Context) -> Message:
    """Answer with the arrays that came, untouched."""
    metrics = MetricRecord({"num-examples": 100})
    content = RecordDict({"arrays": message.content["arrays"], "metrics": metrics})
    return Message(content=content, reply_to=message)


server = ServerApp()
server.main()(serve)
client = ClientApp()
client.train()(send_back)
