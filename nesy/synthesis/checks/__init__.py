"""What is doubtful in a model that checks and runs: hints, none of which keeps an answer back.

In go the model graph, its glosses and what was observed; out come findings with their words.
"""
