"""The method: model, training step, evaluation, and the process they run in."""
