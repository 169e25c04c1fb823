"""Words without business in them. Imported module by module: there is no front door here."""
