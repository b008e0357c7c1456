"""The owner's and the operator's commands, one module per thing that they are about."""
