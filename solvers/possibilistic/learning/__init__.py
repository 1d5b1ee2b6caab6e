"""Learning the parameters s and r of uncertain rules from evidence and targets, stage by stage.

In go a ground model, percept distributions and target distributions; out come parameters and a report of how they
were found. What is lost: where several parameters fit equally well, only the lowest are given.
"""
