"""Model graphs as readable Pyro programs: ``code`` writes expressions, ``program`` the whole text."""
