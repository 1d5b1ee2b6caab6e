"""What abduction is held against: fusing the predictions of several models without any hypothesis about them.

In: :class:`~nesy.abduction.predictions.Predictions`. Out: one label for each object, ``[N]``, −1 where a method gives
none. ``votes`` counts, ``dawid_skene`` estimates each model's confusions from their agreement, ``single`` takes one
model; ``table`` does all of them.
"""
