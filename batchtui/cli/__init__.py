"""The command line: one module per group of verbs; Textual is loaded only for the app."""
