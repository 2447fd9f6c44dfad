"""What the list knows: rules, pages, polling, actions, watching, notices. No screen, no HTTP."""
