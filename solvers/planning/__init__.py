"""Planning: what will become of a program, said before anything is grounded or solved.

``relations``, ``matching`` and ``joins`` estimate how many ways there are to satisfy a body; ``extents`` how many atoms
relations can have; ``statements`` the ground instances of each statement. ``possibilistic`` and ``searching`` tell the
route that a back end would take and what is in the way of the others; ``cost`` what that costs; ``planner`` makes the
:class:`~.plan.Plan`. Nothing here grounds, solves, or loads torch.
"""
