"""The knowledge bases and vignettes that are installed with nesy; the demonstration ``olympics`` reads them."""
