"""What was handed from stage to stage, kept: typed records, their JSON, folders that hold a run, and differences.

In goes a :class:`~nesy.synthesis.pipeline.Synthesis`; out comes a folder of numbered JSON files with a manifest, which
reads back into the same records. Draws and syntax trees stay behind: the records hold what can be looked at.
"""
