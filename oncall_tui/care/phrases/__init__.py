"""What frightens customers, as data: a TOML file a language."""
