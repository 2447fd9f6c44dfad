"""Everything a person can do, defined once; only `bindings` knows Textual."""
