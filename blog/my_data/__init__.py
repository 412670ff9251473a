"""What the site knows of a person: taken along as one archive, or erased."""
