"""What lies between Textual and the terminal: output, capabilities, clipboard, notifications."""
