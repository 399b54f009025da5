"""The command `keyfob`: what an operator does to a deployment from a terminal, over the same code as the functions."""
